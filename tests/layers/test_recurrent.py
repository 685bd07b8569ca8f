"""The recurrent layer, against PyTorch's own with the same weights."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.layers import CELLS, Recurrent, Stage, initialise, trace

TORCH = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def made(cell: str, in_features: int = 3, hidden: int = 5) -> Recurrent:
    layer = Recurrent(cell, in_features, hidden)
    initialise(layer, torch.Generator().manual_seed(0), "default")
    return layer


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


@pytest.mark.parametrize("cell", CELLS)
def test_all_states_and_gradients_are_those_of_pytorch_s_layer(cell):
    layer, reference = made(cell), TORCH[cell](3, 5, batch_first=True)
    layer.load_state_dict({name: randn(*value.shape) for name, value in layer.state_dict().items()})  # with biases
    reference.load_state_dict({f"{name}_l0": value for name, value in layer.state_dict().items()})
    features, upstream = randn(2, 7, 3).requires_grad_(), randn(2, 7, 5)
    states, (expected, _) = layer(features), reference(features)
    assert_close(states, expected)
    gradients = torch.autograd.grad((states * upstream).sum(), [features, *layer.parameters()])
    assert_close(gradients, torch.autograd.grad((expected * upstream).sum(), [features, *reference.parameters()]))


@pytest.mark.parametrize("cell", CELLS)
def test_its_gradient_can_be_differentiated_again(cell):
    layer = made(cell, 2, 3).double()
    assert torch.autograd.gradgradcheck(layer, (randn(2, 3, 2).double().requires_grad_(),))


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_depends_on_the_steps_before_and_not_on_those_after(cell):
    layer, features = made(cell), randn(1, 6, 3)
    changed = features.clone()
    changed[:, 3] += 1
    difference = (layer(changed) - layer(features)).abs().amax((0, 2))
    assert_close(difference[:3], torch.zeros(3), rtol=0, atol=0)
    assert (difference[3:] > 1e-4).all()


def test_the_state_keeps_its_digits_under_bfloat16():
    layer, features = made("lstm", 3, 32), randn(2, 40, 3)
    with torch.autocast("cpu", torch.bfloat16):
        states = layer(features)
    assert states.dtype == torch.float32
    assert_close(states, layer(features), rtol=0, atol=2e-2)


@pytest.mark.parametrize(("cell", "gates"), [("lstm", 4), ("gru", 3), ("rnn", 1)])
def test_its_row_in_the_shape_table_counts_every_step(cell, gates):
    with torch.device("meta"):
        (row,) = trace(nn.Sequential(Stage(Recurrent(cell, 3, 5))), torch.empty(2, 7, 3))
    assert (row.input_shape, row.output_shape) == ((7, 3), (7, 5))
    assert row.parameters == gates * 5 * (3 + 5 + 2)
    assert row.macs == 7 * gates * 5 * (3 + 5)
