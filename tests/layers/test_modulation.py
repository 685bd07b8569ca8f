"""Modulated convolutions against a loop over samples; noise and mixed styles by what they may and may not change."""

import math

import pytest
import torch
from torch.nn.functional import conv2d
from torch.testing import assert_close

from playground.layers import LearntConstant, ModulatedConv2d, NoiseInput, StyleMixing, give_source


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=source(9))


def drawn(layer):
    layer.draw(source())
    return layer


@pytest.mark.parametrize("demodulate", [True, False])
def test_a_modulated_convolution_scales_the_weights_of_each_sample(demodulate):
    layer = drawn(ModulatedConv2d(4, 6, 3, 5, demodulate=demodulate, gain=3.0))
    features, style = randn(3, 4, 7, 7), randn(3, 5)
    expected = []
    for one, its_style in zip(features, style, strict=True):
        factors = layer.affine_weight @ its_style / math.sqrt(5) + layer.affine_bias
        weight = layer.weight / math.sqrt(4 * 3 * 3) * factors[None, :, None, None]  # equation 1
        if demodulate:
            weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()  # equation 3
        expected.append(conv2d(one[None], 3 * weight, layer.bias, padding=1)[0])
    assert_close(layer(features, style), torch.stack(expected), rtol=1e-4, atol=1e-5)


def test_demodulation_makes_the_size_of_a_style_not_count():
    layer = drawn(ModulatedConv2d(4, 6, 3, 5))
    features, style = randn(3, 4, 7, 7), randn(3, 5)
    with torch.no_grad():
        layer.affine_bias.zero_()
    assert_close(layer(features, 10 * style), layer(features, style), rtol=1e-4, atol=1e-5)


def test_every_weight_of_a_modulated_convolution_and_its_style_receive_a_gradient():
    layer, style = drawn(ModulatedConv2d(4, 6, 3, 5)), randn(3, 5).requires_grad_()
    layer(randn(3, 4, 7, 7), style).square().sum().backward()
    assert all(tensor.grad.abs().sum() > 0 for tensor in (*layer.parameters(), style))


def test_a_learnt_constant_is_the_same_for_every_sample():
    layer = drawn(LearntConstant(4, 2))
    made = layer(randn(3, 9))
    assert_close(made, layer.value.detach().repeat(3, 1, 1, 1))


def test_a_noise_input_changes_nothing_at_first():
    layer, features = drawn(NoiseInput(4)), randn(2, 3, 4, 4)
    give_source(layer, source(1))
    assert_close(layer(features), features)
    assert_close(layer.eval()(features), features)


def test_a_noise_input_adds_fresh_noise_in_training_and_one_fixed_map_in_eval_mode():
    layer, features = drawn(NoiseInput(4)), torch.zeros(2, 3, 4, 4)
    give_source(layer, source(1))
    with torch.no_grad():
        layer.strength.fill_(0.5)
    first, second = layer(features), layer(features)
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])
    assert_close(first[:, 0], first[:, 2])  # the channels share it
    assert_close(layer.eval()(features), 0.5 * layer.fixed.expand(2, 3, 4, 4))


def test_mixed_styles_are_one_s_own_up_to_a_layer_and_the_neighbour_s_from_there():
    styles = torch.arange(64.0)[:, None]
    layer = StyleMixing(5, probability=1.0)
    give_source(layer, source(1))
    mixed = layer(styles)[..., 0]
    own, neighbour = styles, styles.roll(1, 0)
    assert_close(mixed[:, :1], own)
    assert_close(mixed[:, -1:], neighbour)
    starts = (mixed == neighbour).int().argmax(1)
    assert_close(mixed, torch.where(torch.arange(5) < starts[:, None], own, neighbour))
    assert set(starts.tolist()) == {1, 2, 3, 4}


def test_styles_are_mixed_as_often_as_asked_for():
    styles = torch.arange(2000.0)[:, None]
    layer = StyleMixing(3, probability=0.9)
    give_source(layer, source(1))
    share = (layer(styles)[:, -1] != styles).float().mean()
    assert_close(share, torch.tensor(0.9), rtol=0, atol=0.02)


def test_styles_are_never_mixed_in_eval_mode():
    styles = randn(8, 4)
    layer = StyleMixing(3, probability=1.0).eval()
    give_source(layer, source(1))
    assert_close(layer(styles), styles[:, None].repeat(1, 3, 1))


def test_styles_that_are_one_a_layer_already_stay_as_they_are():
    styles = randn(8, 3, 4)
    assert_close(StyleMixing(3, probability=1.0)(styles), styles)
