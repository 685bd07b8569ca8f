"""The microscope: both ways of doing a transposed convolution, single values, counts and matrices are PyTorch's own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_models import model_of
from torch.nn import functional
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.inspection import (
    Geometry,
    adjoint,
    contributions,
    convolutions,
    feature_maps,
    matrix,
    overlap_count,
    scatter,
    zero_insertion,
)
from playground.inspection.contributions import Seen

quick = settings(deadline=None, max_examples=40)
pairs = st.tuples
FEW = st.integers(1, 3)


@st.composite
def cases(draw, transposed: bool | None = None, channels: bool = True) -> tuple[Geometry, torch.Tensor, torch.Tensor]:
    """Draw a layer's geometry, an input (C_in, H, W) and a weight, all in float64."""
    kind = draw(st.booleans()) if transposed is None else transposed
    kernel, stride, dilation = (draw(pairs(*2 * [st.integers(1, high)])) for high in (5, 3, 3))
    padding = draw(pairs(*2 * [st.integers(0, 4)]))
    limits = [max(s, d) - 1 if kind else 1 for s, d in zip(stride, dilation, strict=True)]
    extra = draw(pairs(*(st.integers(0, limit) for limit in limits)))
    groups = draw(st.integers(1, 2)) if channels else 1
    inputs, outputs = (groups * draw(FEW) if channels else 1 for _ in range(2))
    size = draw(pairs(*2 * [st.integers(1, 5)]))
    geometry = Geometry(kernel, stride, padding, extra, dilation, groups, kind)
    try:
        geometry.output_size(size)
    except ValueError:
        assume(False)
    source = torch.Generator().manual_seed(draw(st.integers(0, 99)))
    shape = (inputs, outputs // groups) if kind else (outputs, inputs // groups)
    x = torch.randn(inputs, *size, generator=source, dtype=torch.float64)
    return geometry, x, torch.randn(*shape, *kernel, generator=source, dtype=torch.float64)


def torchs(geometry: Geometry, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return what a layer of PyTorch gives, told its geometry in PyTorch's words."""
    common = {"stride": geometry.stride, "dilation": geometry.dilation, "groups": geometry.groups}
    if geometry.transposed:
        options = {"padding": geometry.padding, "output_padding": geometry.output_padding}
        return functional.conv_transpose2d(x[None], weight, **common, **options)[0]
    (top, left), (down, right) = geometry.padding, geometry.output_padding
    return functional.conv2d(functional.pad(x[None], (left, left + right, top, top + down)), weight, **common)[0]


@quick
@given(case=cases())
def test_a_geometry_makes_what_pytorch_makes_and_says_its_size(case):
    geometry, x, weight = case
    wanted = torchs(geometry, x, weight)
    assert_close(geometry.apply(x, weight), wanted)
    assert geometry.output_size(tuple(x.shape[1:])) == tuple(wanted.shape[1:])


@quick
@given(case=cases(transposed=True))
def test_stamps_add_up_to_the_transposed_convolution(case):
    geometry, x, weight = case
    frames = list(scatter(x, weight, geometry))
    assert len(frames) == x.shape[1] * x.shape[2]
    assert_close(frames[-1].total, torchs(geometry, x, weight))


@quick
@given(case=cases(transposed=True))
def test_every_frame_is_the_transposed_convolution_of_the_inputs_so_far(case):
    geometry, x, weight = case
    for n, frame in enumerate(scatter(x, weight, geometry)):
        so_far = x.flatten(1).clone()
        so_far[:, n + 1 :] = 0
        assert_close(frame.total, torchs(geometry, so_far.view_as(x), weight))


@quick
@given(case=cases(transposed=True, channels=False), data=st.data())
def test_frames_can_be_asked_for_in_pieces(case, data):
    geometry, x, weight = case
    first, count = data.draw(st.integers(0, x.numel())), data.draw(st.integers(1, 9))
    piece = list(scatter(x, weight, geometry, first, count))
    whole = list(scatter(x, weight, geometry))[first : first + count]
    assert [frame.place for frame in piece] == [frame.place for frame in whole]
    for one, other in zip(piece, whole, strict=True):
        assert_close(one.total, other.total, rtol=0, atol=0)


@quick
@given(case=cases())
def test_a_convolution_over_inserted_zeros_gives_the_same(case):
    geometry, x, weight = case
    found = zero_insertion(x, weight, geometry)
    assert_close(found.output, torchs(geometry, x, weight))
    real = (found.rows >= 0)[:, None] & (found.columns >= 0)
    assert not found.padded[:, ~torch.from_numpy(real)].any()


def test_zeros_are_put_between_and_around():
    x, weight = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), torch.arange(9.0).view(1, 1, 3, 3)
    found = zero_insertion(x, weight, Geometry((3, 3), (2, 2), (1, 1), (1, 1)))
    assert found.rows.tolist() == [-1, 0, -1, 1, -1, -1]
    assert found.padded[0].tolist()[1] == [0, 1, 0, 2, 0, 0]
    assert_close(found.kernel[0, 0], weight[0, 0].flip(0, 1))


@quick
@given(case=cases(), data=st.data())
def test_the_products_of_a_pixel_add_up_to_it(case, data):
    geometry, x, weight = case
    output = torchs(geometry, x, weight)
    bias = torch.randn(len(output), dtype=torch.float64)
    seen = Seen("generator", "up", "0", "", x, weight, bias, geometry, output + bias[:, None, None])
    place = [data.draw(st.integers(0, count - 1)) for count in output.shape]
    found = contributions(seen, *place)
    assert math.isclose(found.value, float(seen.output[tuple(place)]), rel_tol=1e-9, abs_tol=1e-12)
    assert sorted((abs(term.product) for term in found.terms), reverse=True) == [abs(term.product) for term in found.terms]
    for term in found.terms:
        assert term.value == float(x[term.channel, term.y, term.x])
        assert term.weight == float(seen.pair(term.channel, place[0])[term.ky, term.kx])
    alone = [contributions(seen, *place, source=channel).value for channel in range(len(x))]
    assert math.isclose(sum(alone) + found.bias, found.value, rel_tol=1e-9, abs_tol=1e-9)


@quick
@given(case=cases())
def test_the_overlap_is_the_layer_on_ones(case):
    geometry, x, weight = case
    ones = (torch.ones_like(value)[:1, :1] if value.ndim == 4 else torch.ones_like(value)[:1] for value in (x, weight))
    alone = Geometry(**(vars(geometry) | {"groups": 1}))
    assert_close(torch.from_numpy(alone.overlap_count(tuple(x.shape[1:]))).double(), torchs(alone, *ones)[0])


@pytest.mark.parametrize("kernel", range(1, 7))
@pytest.mark.parametrize("stride", range(1, 5))
def test_the_overlap_is_uniform_inside_exactly_when_the_stride_divides_the_kernel(kernel, stride):
    geometry = Geometry((kernel, kernel), (stride, stride))
    inner = geometry.overlap_count((12, 12))[kernel : 10 * stride, kernel : 10 * stride]
    assert (inner.min() == inner.max()) == (kernel % stride == 0) == geometry.is_even


@quick
@given(case=cases(transposed=True))
def test_the_overlap_of_dilated_kernels_is_uniform_when_it_is_said_to_be(case):
    geometry = case[0]
    counts = Geometry(geometry.kernel, geometry.stride, dilation=geometry.dilation).overlap_count((20, 20))
    inner = counts[15:-15, 15:-15] if min(counts.shape) > 30 else counts[9:-9, 9:-9]
    wide = all(step > 1 for step in geometry.stride)
    if wide:
        assert (inner.min() == inner.max()) == geometry.is_even


@quick
@given(case=cases(transposed=True, channels=False))
def test_the_counts_away_from_the_border_are_those_of_a_large_map(case):
    geometry = case[0]
    counts = Geometry(**(vars(geometry) | {"padding": (0, 0), "output_padding": (0, 0)})).overlap_count((32, 32))
    (top, left), (height, width) = geometry.span, counts.shape
    inner = counts[top - 1 : height - top + 1, left - 1 : width - left + 1]
    assert tuple(np.unique(inner)) == geometry.inner_counts


def test_overlap_count_knows_pytorchs_names():
    assert overlap_count((2, 2), (3, 3), (2, 2)).tolist()[2] == [2, 2, 4, 2, 2]


@quick
@given(case=cases(channels=False))
def test_the_matrix_times_the_input_is_the_output(case):
    geometry, x, weight = case
    found = matrix(weight[0, 0], geometry, tuple(x.shape[1:]))
    assert_close(found @ x.flatten(), torchs(geometry, x, weight).flatten())


@quick
@given(case=cases(channels=False))
def test_the_other_way_is_the_transposed_matrix(case):
    geometry, x, weight = case
    found = matrix(weight[0, 0], geometry, tuple(x.shape[1:]))
    y = torch.randn(torchs(geometry, x, weight).shape, dtype=torch.float64)
    assert_close(geometry.apply_transpose(y, weight, tuple(x.shape[1:])).flatten(), found.T @ y.flatten())


def test_the_transposed_convolution_has_the_transpose_of_the_convolutions_matrix():
    weight = torch.randn(4, 4)
    there = matrix(weight, Geometry((4, 4), (2, 2), (1, 1), transposed=False), (8, 8))
    back = matrix(weight, Geometry((4, 4), (2, 2), (1, 1)), (4, 4))
    assert_close(back, there.T, rtol=0, atol=0)


@quick
@given(case=cases())
def test_the_pair_is_adjoint(case):
    geometry, x, weight = case
    y = torch.randn(torchs(geometry, x, weight).shape, dtype=torch.float64)
    one, other, there, back = adjoint(x, y, weight, geometry)
    assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    assert there.shape == y.shape and back.shape == x.shape


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"kernel": (0, 1)}, "kernel"), ({"stride": (0, 1)}, "stride"), ({"output_padding": (1, 0)}, "output padding 1")],
)
def test_a_geometry_that_no_layer_has_is_refused(settings, word):
    with pytest.raises(ValueError, match=word):
        Geometry(**({"kernel": (3, 3)} | settings))


def test_a_map_of_which_nothing_is_left_is_refused():
    with pytest.raises(ValueError, match="nothing is left"):
        Geometry((2, 2), padding=(3, 3)).output_size((2, 2))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_convolutions_of_every_architecture_are_seen_with_the_weights_in_effect(architecture):
    model = model_of(architecture)
    for seen in convolutions(model, model.latents(1, 0)[0]):
        made = seen.geometry.apply(seen.x.double(), seen.weight.double(), None if seen.bias is None else seen.bias.double())
        assert_close(made.float(), seen.output, rtol=1e-4, atol=1e-5)
        channel, y, x = (count // 2 for count in seen.output.shape)
        value = contributions(seen, channel, y, x).value
        assert math.isclose(value, float(seen.output[channel, y, x]), rel_tol=1e-4, abs_tol=1e-5)


def test_what_a_layer_gave_is_the_stages_map_before_its_activation():
    model = model_of("dcgan")
    latent = model.latents(1, 3)[0]
    last = [seen for seen in convolutions(model, latent) if seen.network == "generator"][-1]
    image = next(maps for maps in feature_maps(model, latent) if maps.stage == last.stage)
    np.testing.assert_allclose(last.output[list(image.channels)].tanh().numpy(), image.values, atol=1e-6)
    assert last.name == f"generator/{last.stage}/0" and last.type == "ConvTranspose2d"


def test_channels_and_pixels_outside_are_named():
    seen = convolutions(model := model_of("dcgan"), model.latents(1, 0)[0])[0]
    with pytest.raises(ValueError, match="output channel"):
        contributions(seen, 10**6, 0, 0)
    with pytest.raises(ValueError, match="row must be"):
        contributions(seen, 0, -1, 0)
    with pytest.raises(ValueError, match="input channel"):
        contributions(seen, 0, 0, 0, source=-1)
