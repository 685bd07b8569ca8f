"""What shares a mean, what shrinks a map, what looks at a whole batch: against the formulas, pixel by pixel."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv_transpose2d
from torch.testing import assert_close

from playground.layers import (
    NORMALISATIONS,
    POOLINGS,
    BlurPool,
    MinibatchStd,
    SpectralConvTranspose2d,
    Weighted,
    initialise,
    normalisation,
    pool,
)

MAPS = torch.randn(4, 16, 6, 6, generator=torch.Generator().manual_seed(1)) * 3 + 2
AXES = {"batch": (0, 2, 3), "instance": (2, 3), "layer": (1, 2, 3)}


@pytest.mark.parametrize("kind", AXES)
def test_a_normalisation_brings_mean_0_and_deviation_1_to_the_numbers_that_share_them(kind):
    (module,) = normalisation(kind, 16)
    normalised = module(MAPS)
    assert_close(normalised.mean(AXES[kind]), torch.zeros_like(normalised.mean(AXES[kind])), atol=1e-5, rtol=0)
    deviation = normalised.std(AXES[kind], unbiased=False)
    assert_close(deviation, torch.ones_like(deviation), atol=1e-3, rtol=0)


@pytest.mark.parametrize(("channels", "groups"), [(16, 8), (12, 4), (3, 1)])
def test_group_normalisation_takes_eight_groups_or_as_many_as_divide_the_channels(channels, groups):
    (module,) = normalisation("group", channels)
    values = module(torch.randn(2, channels, 5, 5)).reshape(2, groups, -1)
    assert_close(values.mean(2), torch.zeros(2, groups), atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", sorted({*NORMALISATIONS} - {"batch", "none", "spectral"}))
def test_all_but_batch_normalisation_leave_samples_apart(kind):
    (module,) = normalisation(kind, 16)
    assert_close(module(MAPS)[:1], module(MAPS[:1]))


@pytest.mark.parametrize("kind", POOLINGS)
def test_pooling_halves_a_map_and_a_stride_is_no_layer(kind):
    layers = pool(kind)
    assert len(layers) == (kind != "stride")
    assert all(layer(MAPS).shape == (4, 16, 3, 3) for layer in layers)


def test_blur_pooling_is_a_weighted_mean_of_four_by_four_pixels():
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    by_hand = (MAPS[0, 0, 1:5, 1:5] * taps[:, None] * taps[None, :]).sum()
    assert_close(BlurPool()(MAPS)[0, 0, 1, 1], by_hand)
    flat = BlurPool()(torch.ones(1, 2, 8, 8))
    assert_close(flat[:, :, 1:-1, 1:-1], torch.ones(1, 2, 2, 2))  # away from the edges nothing gets darker


def test_the_minibatch_map_is_the_mean_deviation_within_groups():
    maps = torch.randn(8, 3, 2, 2, generator=torch.Generator().manual_seed(2))
    extra = MinibatchStd(group_size=4)(maps)[:, 3]
    groups = [torch.stack([maps[first], maps[first + 2], maps[first + 4], maps[first + 6]]) for first in (0, 1)]
    for number in range(8):
        wanted = groups[number % 2].std(0, unbiased=False).mean()
        assert_close(extra[number], wanted.expand(2, 2), rtol=1e-4, atol=1e-4)


def test_the_minibatch_map_of_equal_samples_is_nearly_zero_and_has_a_finite_gradient():
    maps = torch.ones(4, 3, 2, 2, requires_grad=True)
    extra = MinibatchStd()(maps)[:, 3]
    extra.sum().backward()
    assert extra.abs().max() < 1e-3 and maps.grad.isfinite().all()


def test_a_spectral_transposed_convolution_divides_by_the_largest_singular_value_of_its_matrix():
    layer = SpectralConvTranspose2d(5, 7, 4, 2, 1)
    initialise(layer, torch.Generator().manual_seed(3), "default")
    for _ in range(100):  # the power iteration settles
        layer(MAPS[:, :5])
    largest = torch.linalg.svdvals(layer.weight.transpose(0, 1).flatten(1))[0]
    expected = conv_transpose2d(MAPS[:, :5], layer.weight / largest, layer.bias, 2, 1)
    assert_close(layer.eval()(MAPS[:, :5]), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scheme", ["xavier", "orthogonal"])
def test_the_starting_schemes_have_the_lengths_they_promise(scheme):
    layer = nn.Linear(64, 64)
    initialise(layer, torch.Generator().manual_seed(4), scheme)
    singular = torch.linalg.svdvals(layer.weight)
    if scheme == "orthogonal":
        assert_close(singular, torch.ones(64), rtol=1e-4, atol=1e-4)
    else:
        assert_close(layer.weight.var(), torch.tensor(2 / 128), rtol=0.1, atol=0)
    assert not layer.bias.any()


def test_a_layer_with_weights_that_says_nothing_of_their_start_is_refused():
    with pytest.raises(NotImplementedError, match="Weighted does not say how its weights start"):
        initialise(Weighted(), torch.Generator(), "default")
