"""Equalised layers and pixel normalisation against PyTorch's own and the formulas."""

import math

import pytest
import torch
from torch.nn.functional import conv2d, linear
from torch.testing import assert_close

from playground.layers import EqualisedConv2d, EqualisedLinear, PixelNorm


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=source(9))


def test_an_equalised_convolution_is_a_convolution_by_scaled_weights():
    layer = EqualisedConv2d(4, 8, 3)
    layer.draw(source())
    features = randn(2, 4, 5, 5)
    expected = conv2d(features, layer.weight * math.sqrt(2 / (4 * 3 * 3)), layer.bias, padding=1)
    assert_close(layer(features), expected)


def test_an_equalised_linear_layer_is_a_product_with_scaled_weights():
    layer = EqualisedLinear(6, 3, gain=1.0)
    layer.draw(source())
    features = randn(2, 6)
    assert_close(layer(features), linear(features, layer.weight / math.sqrt(6), layer.bias))


@pytest.mark.parametrize("make", [lambda: EqualisedLinear(256, 256, gain=1.0), lambda: EqualisedConv2d(64, 64, 3, gain=1.0)])
def test_an_equalised_layer_starts_with_stored_weights_of_one_and_keeps_the_variance(make):
    layer = make()
    layer.draw(source())
    features = randn(64, 256) if layer.weight.ndim == 2 else randn(4, 64, 16, 16)
    made = layer(features) if layer.weight.ndim == 2 else layer(features)[:, :, 1:-1, 1:-1]  # away from the padding
    assert_close(layer.weight.std(), torch.ones(()), rtol=0.02, atol=0)
    assert_close(made.var(), torch.ones(()), rtol=0.1, atol=0)


def test_the_rate_of_an_equalised_layer_slows_its_learning_and_leaves_its_start_alone():
    plain, slow = EqualisedLinear(6, 3, bias=1.0), EqualisedLinear(6, 3, rate=0.1, bias=1.0)
    features, changes = randn(2, 6), []
    for layer in (plain, slow):
        layer.draw(source())
        before = layer(features)
        with torch.no_grad():  # what one step of Adam does to every stored number
            layer.weight.add_(0.01)
            layer.bias.add_(0.01)
        changes.append((before, layer(features) - before))
    assert_close(changes[0][0], changes[1][0])
    assert_close(changes[1][1], 0.1 * changes[0][1], rtol=1e-3, atol=1e-6)


def test_an_equalised_convolution_counts_its_multiplications():
    assert EqualisedConv2d(4, 8, 3).macs((4, 5, 5), (8, 5, 5)) == 4 * 8 * 9 * 25


def test_pixel_norm_gives_each_pixel_a_mean_square_of_one():
    made = PixelNorm()(7 * randn(2, 5, 3, 3))
    assert_close(made.square().mean(1), torch.ones(2, 3, 3))


def test_pixel_norm_of_nothing_is_nothing_and_has_a_gradient():
    features = torch.zeros(1, 4, 2, 2, requires_grad=True)
    made = PixelNorm()(features)
    made.sum().backward()
    assert_close(made.detach(), torch.zeros(1, 4, 2, 2))
    assert features.grad.isfinite().all()


def test_pixel_norm_can_be_differentiated_twice():
    assert torch.autograd.gradgradcheck(PixelNorm(), randn(2, 3, 2, 2).double().requires_grad_())
