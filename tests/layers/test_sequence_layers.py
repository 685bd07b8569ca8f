"""Layers along time: convolutions, doubled steps, the two-way reader, the curriculum, truncated gradients."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.layers import (
    CELLS,
    BothWays,
    Curriculum,
    DoubleSteps,
    Recurrent,
    ResidualSteps,
    StepConvolution,
    StepScore,
    grow,
    initialise,
)


def started(layer: nn.Module) -> nn.Module:
    initialise(layer, torch.Generator().manual_seed(0), "xavier")
    return layer


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


def reached(layer: nn.Module, steps: int, step: int) -> list[int]:
    """Return the steps that change when `step` of the input does."""
    features = randn(1, steps, 3)
    changed = features.clone()
    changed[:, step] += 1
    return (layer(changed) - layer(features)).abs().amax((0, 2)).nonzero().flatten().tolist()


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 5])
def test_a_convolution_keeps_the_steps_and_sees_both_sides_or_the_past(kernel_size):
    assert started(StepConvolution(3, 4, kernel_size))(randn(2, 7, 3)).shape == (2, 7, 4)
    causal = started(StepConvolution(3, 4, kernel_size, causal=True, dilation=2))
    assert reached(causal, 12, 3) == [3 + 2 * tap for tap in range(kernel_size)]
    if kernel_size % 2:
        reach = kernel_size // 2
        assert reached(started(StepConvolution(3, 4, kernel_size)), 12, 5) == list(range(5 - reach, 6 + reach))


def test_a_convolution_is_that_of_pytorch_on_channels_first():
    layer, features = started(StepConvolution(3, 4, 3)), randn(2, 7, 3)
    expected = torch.conv1d(features.mT, layer.weight, layer.bias, padding=1).mT
    assert_close(layer(features), expected)


def test_steps_are_doubled_and_a_residual_block_starts_from_what_it_reads():
    assert started(DoubleSteps(3, 5))(randn(2, 7, 3)).shape == (2, 14, 5)
    block = started(ResidualSteps(3, 5))
    for parameter in block.second.parameters():
        nn.init.zeros_(parameter)
    assert_close(block(randn(2, 7, 3)), randn(2, 7, 3))


@pytest.mark.parametrize("cell", CELLS)
def test_a_two_way_reader_knows_both_sides(cell):
    layer = started(BothWays(Recurrent(cell, 3, 4), Recurrent(cell, 3, 4)))
    features = randn(2, 6, 3)
    states = layer(features)
    assert states.shape == (2, 6, 8) and reached(layer, 6, 3) == list(range(6))
    assert_close(states[..., :4], layer.onward(features))
    assert_close(states[:, 0, 4:], layer.backward(features.flip(1))[:, -1])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("truncate", [1, 2, 3])
def test_a_truncated_gradient_is_that_of_pieces_whose_first_state_is_a_constant(cell, truncate):
    plain, cut = started(Recurrent(cell, 3, 4)), started(Recurrent(cell, 3, 4, truncate))
    features = randn(2, 7, 3).requires_grad_()
    assert_close(cut(features), plain(features), rtol=0, atol=0)
    (gradient,) = torch.autograd.grad(cut(features)[:, -1].sum(), features)
    start = 6 // truncate * truncate  # of the last piece
    assert (gradient[:, :start] == 0).all() and (gradient[:, start:].abs().amax((0, 2)) > 0).all()
    reference = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[cell](3, 4, batch_first=True)
    reference.load_state_dict({f"{name}_l0": value for name, value in plain.state_dict().items()})
    with torch.no_grad():
        state = reference(features[:, :start])[1] if start else None
    (expected,) = torch.autograd.grad(reference(features[:, start:], state)[0][:, -1].sum(), features)
    assert_close(gradient, expected)


def test_a_curriculum_shows_one_step_more_at_a_time():
    layer, series = Curriculum(10), randn(2, 5, 3)
    for seen, shown in ((0, 1), (9, 1), (10, 2), (35, 4), (40, 5), (10**6, 5)):
        grow(layer, seen)
        assert_close(layer(series)[:, :shown], series[:, :shown], rtol=0, atol=0)
        assert (layer(series)[:, shown:] == 0).all()


def test_a_score_is_the_mean_of_all_judgements_and_the_last_one_again():
    thoughts = randn(2, 5, 1)
    assert_close(StepScore()(thoughts), thoughts.mean((1, 2)))
    assert_close(StepScore(last=True)(thoughts), thoughts.mean((1, 2)) + thoughts[:, -1, 0])
