"""Residual blocks, each against its two paths written out."""

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, batch_norm, conv2d, interpolate, relu
from torch.testing import assert_close

from playground.layers import ConditionalBatchNorm2d, Residual, SpectralConv2d, SumPool, initialise, residual_down, residual_up


def seeded(layer: nn.Module) -> nn.Module:
    initialise(layer, torch.Generator().manual_seed(0), "default")
    return layer


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


def normalised(features: torch.Tensor) -> torch.Tensor:
    return relu(batch_norm(features, None, None, training=True))


def test_a_block_without_a_shortcut_adds_to_what_it_was_given():
    features = randn(2, 3, 4, 4)
    assert_close(Residual([nn.Tanh()], [])(features), features + features.tanh())


def test_the_generators_block_enlarges_before_it_convolves():
    block, features = seeded(residual_up(6, 4)), randn(3, 6, 4, 4)
    first, second, shortcut = block.main[3], block.main[6], block.shortcut[0]
    main = conv2d(interpolate(normalised(features), scale_factor=2), first.weight, padding=1)
    main = conv2d(normalised(main), second.weight, second.bias, padding=1)
    expected = main + conv2d(interpolate(features, scale_factor=2), shortcut.weight, shortcut.bias)
    assert_close(block(features), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("first", [True, False])
def test_the_discriminators_block_averages_after_it_convolves(first):
    block, features = seeded(residual_down(3, 5, first=first)), randn(2, 3, 8, 8)
    one, two = (module for module in block.main if isinstance(module, nn.Conv2d))
    shortcut = next(module for module in block.shortcut if isinstance(module, nn.Conv2d))
    main = conv2d(features if first else relu(features), one.weight, one.bias, padding=1)
    main = avg_pool2d(conv2d(relu(main), two.weight, two.bias, padding=1), 2)
    expected = main + avg_pool2d(conv2d(features, shortcut.weight, shortcut.bias), 2)
    assert_close(block(features), expected, rtol=1e-4, atol=1e-5)


def test_a_block_leaves_its_input_alone():
    features = randn(2, 3, 8, 8)
    before = features.clone()
    seeded(residual_down(3, 5))(features)
    seeded(residual_up(3, 5))(features)
    assert_close(features, before, rtol=0, atol=0)


def test_a_condition_reaches_the_normalisations_inside_a_block():
    block = seeded(residual_up(4, 4, norm=lambda channels: ConditionalBatchNorm2d(channels, 3, std=1.0)))
    features = randn(2, 4, 4, 4)
    one, other = block(features, torch.tensor([0, 0])), block(features, torch.tensor([0, 1]))
    assert not torch.allclose(one[1], other[1])


def test_a_discriminators_block_can_be_differentiated_twice():
    block = seeded(residual_down(3, 4, convolution=SpectralConv2d))
    features = randn(2, 3, 8, 8).requires_grad_()
    (slope,) = torch.autograd.grad(block(features).square().sum(), features, create_graph=True)
    slope.square().sum().backward()
    weights = [module.weight for module in block.modules() if isinstance(module, nn.Conv2d)]
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in weights)


def test_sum_pooling_adds_up_each_map():
    features = torch.arange(8.0).reshape(1, 2, 2, 2)
    assert_close(SumPool()(features), torch.tensor([[6.0, 22.0]]))
