"""Pooling taken apart: every number is PyTorch's own, computed another way."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from playground.inspection import KINDS, pooled
from playground.layers import BlurPool, pool

SIX = np.arange(36, dtype=np.float32).reshape(1, 6, 6)


def reference(image: torch.Tensor, kind: str, size: int, stride: int) -> torch.Tensor:
    """Pool (N, C, H, W) as PyTorch's own layers do; a strided convolution with a kernel of one pixel."""
    channels = image.shape[1]
    return {
        "max": lambda: functional.max_pool2d(image, size, stride),
        "average": lambda: functional.avg_pool2d(image, size, stride),
        "blur": lambda: BlurPool(stride)(image),
        "stride": lambda: functional.conv2d(image, image.new_ones(channels, 1, 1, 1), stride=stride, groups=channels),
        "global-average": lambda: functional.adaptive_avg_pool2d(image, 1),
        "global-max": lambda: functional.adaptive_max_pool2d(image, 1),
    }[kind]()


@st.composite
def cases(draw):
    kind, size, stride = draw(st.sampled_from(KINDS)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    shape = (draw(st.integers(1, 3)), draw(st.integers(max(2, size), 11)), draw(st.integers(max(2, size), 11)))
    source = torch.Generator().manual_seed(draw(st.integers(0, 10_000)))
    image = torch.randn(shape, generator=source, dtype=torch.float64)
    if draw(st.booleans()):
        image = image.round()  # many that are equal: the first of them is the largest
    return image, kind, size, stride


@given(case=cases())
def test_outputs_and_gradients_are_those_of_autograd(case):
    image, kind, size, stride = case
    inputs = image.clone().requires_grad_(True)
    output = reference(inputs[None], kind, size, stride)[0]
    found = pooled(image, kind, size, stride)
    np.testing.assert_allclose(found.output, output.detach().numpy(), rtol=1e-12, atol=1e-12)
    given_back = torch.randn(output.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    (gradient,) = torch.autograd.grad(output, inputs, given_back)
    np.testing.assert_allclose(found.gradient(given_back.numpy()), gradient.numpy(), rtol=1e-12, atol=1e-12)


@settings(max_examples=30)
@given(case=cases(), data=st.data())
def test_what_an_output_saw_makes_the_output_and_lies_within_its_bounds(case, data):
    image, kind, size, stride = case
    found = pooled(image, kind, size, stride)
    channel, row, column = (data.draw(st.integers(0, length - 1)) for length in found.output.shape)
    weights = found.seen(row, column, channel)
    np.testing.assert_allclose((weights * found.image[channel]).sum(), found.output[channel, row, column], atol=1e-9)
    top, left, bottom, right = found.bounds(row, column)
    weights[top:bottom, left:right] = 0
    assert not weights.any()


def test_the_maximum_sends_its_gradient_to_one_place_and_the_average_to_all():
    largest, mean = pooled(SIX, "max"), pooled(SIX, "average")
    assert largest.output[0].tolist() == [[7, 9, 11], [19, 21, 23], [31, 33, 35]]
    assert largest.seen(0, 1)[:2, 2:4].tolist() == [[0, 0], [0, 1]]
    assert mean.seen(0, 1)[:2, 2:4].tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert largest.gradient().sum() == mean.gradient().sum() == 9


def test_a_stride_skips_and_a_blur_sees_neighbours_before_it_skips():
    strided, blurred = pooled(SIX, "stride"), pooled(SIX, "blur")
    assert strided.output[0].tolist() == [[0, 2, 4], [12, 14, 16], [24, 26, 28]]
    assert (strided.gradient() == 0).sum() == 27
    assert blurred.bounds(1, 1) == (1, 1, 5, 5) and blurred.bounds(0, 0) == (0, 0, 3, 3)
    assert blurred.seen(1, 1)[1, 1:5].tolist() == [1 / 64, 3 / 64, 3 / 64, 1 / 64]


def test_global_pooling_makes_one_number_a_channel_of_any_size():
    for shape in ((3, 5, 7), (3, 64, 2)):
        image = np.random.default_rng(0).normal(size=shape)
        np.testing.assert_allclose(pooled(image, "global-average").output[:, 0, 0], image.mean((1, 2)))
        np.testing.assert_allclose(pooled(image, "global-max").output[:, 0, 0], image.max((1, 2)))


@pytest.mark.parametrize("kind", ["max", "average", "blur"])
def test_the_layers_of_the_discriminators_are_these(kind):
    (layer,) = pool(kind, 2)
    np.testing.assert_array_equal(pooled(SIX, kind).output, layer(torch.from_numpy(SIX)[None])[0].numpy())


@pytest.mark.parametrize(
    ("image", "kind", "size", "sentence"),
    [
        (SIX, "median", 2, "unknown pooling"),
        (SIX, ["max"], 2, "unknown pooling"),
        (SIX, "max", 0, "size must be"),
        (SIX, "max", True, "size must be"),
        (SIX, "max", 7, "a window of 7 does not fit"),
        (SIX[0], "max", 2, "a picture must be"),
        (SIX[:, :1], "blur", 2, "a window of 2 does not fit"),
    ],
)
def test_what_cannot_be_is_named(image, kind, size, sentence):
    with pytest.raises(ValueError, match=sentence):
        pooled(image, kind, size)


def test_an_output_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="the output is 3×3"):
        pooled(SIX, "max").bounds(3, 0)
