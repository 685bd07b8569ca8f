"""The recurrent writer, against loops written out with PyTorch's own cells."""

import pytest
import torch
from torch import nn
from torch.nn.functional import linear, one_hot
from torch.testing import assert_close

from playground.layers import CELLS, Stage, TokenHead, Writer, initialise

STEPS, WIDTH, TOKENS, DICE = 6, 5, 4, 3
TORCH = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}


def randn(*shape: int, seed: int = 9) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def writing(cell: str, tokens: bool = True, **settings) -> tuple[Writer, Stage]:
    head = TokenHead(STEPS, TOKENS, DICE, "straight-through", start=0.7, end=0.7, anneal=0) if tokens else nn.Tanh()
    output = Stage(nn.Linear(WIDTH, TOKENS), head)
    writer = Writer(cell, 3, WIDTH, STEPS, output, **settings)
    for network in (writer, output):
        initialise(network, torch.Generator().manual_seed(0), "default")
    for parameter in writer.parameters():  # with biases
        parameter.data.add_(0.3 * randn(*parameter.shape))
    return writer, output


def reference_cell(writer: Writer, layer: int) -> nn.Module:
    """Make PyTorch's cell with the weights of one of the writer's layers."""
    brought = [writer.vector_weight.detach()] if layer == 0 else []
    read = [getattr(writer, f"weight_ih{layer}").detach()] if layer or writer.feed_back else []
    weight_ih = torch.cat([*brought, *read], 1)
    cell = TORCH[writer.cell](weight_ih.shape[1], WIDTH)
    weights = {name: getattr(writer, f"{name}{layer}").detach() for name in ("weight_hh", "bias_ih", "bias_hh")}
    cell.load_state_dict({"weight_ih": weight_ih} | weights)
    return cell


def written_out(writer: Writer, output: Stage, vector: torch.Tensor, latent: torch.Tensor, given=None) -> torch.Tensor:
    """Unroll the writer step by step, as its definition says."""
    cells = [reference_cell(writer, layer) for layer in range(writer.num_layers)]
    parts = linear(vector, writer.start_weight, writer.start_bias).tanh().split(WIDTH, 1)
    count = 2 if writer.cell == "lstm" else 1
    states = [parts[count * layer : count * (layer + 1)] for layer in range(writer.num_layers)]
    last, shown = torch.zeros(len(vector), TOKENS), []
    for step in range(STEPS):
        inputs = torch.cat([vector, last], 1) if writer.feed_back else vector
        for layer, cell in enumerate(cells):
            new = cell(inputs, states[layer] if count == 2 else states[layer][0])
            states[layer] = new if count == 2 else (new,)
            inputs = states[layer][0]
        shown.append(inputs)
        values = output[0](inputs)
        if isinstance(output[1], TokenHead):
            logits = values + output[1].throw(latent)[:, step]
            soft = (logits / 0.7).softmax(1)
            values = one_hot(logits.argmax(1), TOKENS) + soft - soft.detach()
        else:
            values = values.tanh()
        last = values if given is None else given[:, step]
    return torch.stack(shown, 1)


@pytest.mark.parametrize("tokens", [True, False])
@pytest.mark.parametrize("feed_back", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_states_and_gradients_are_those_of_the_loop_written_out(cell, num_layers, feed_back, tokens):
    writer, output = writing(cell, tokens, num_layers=num_layers, feed_back=feed_back)
    vector, latent, upstream = randn(2, 3).requires_grad_(), randn(2, 8, seed=1), randn(2, STEPS, WIDTH, seed=2)
    states, expected = writer(vector, latent), written_out(writer, output, vector, latent)
    assert_close(states, expected)
    gradients = [torch.autograd.grad((made * upstream).sum(), vector)[0] for made in (states, expected)]
    assert_close(*gradients, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_given_is_read_in_place_of_what_was_written(cell):
    writer, output = writing(cell, num_layers=2)
    vector, latent = randn(2, 3), randn(2, 8, seed=1)
    given = one_hot(torch.randint(TOKENS, (2, STEPS), generator=torch.Generator().manual_seed(3)), TOKENS).float()
    assert_close(writer.follow(vector, given), written_out(writer, output, vector, latent, given))
    own = output(writer(vector, latent), latent)
    assert_close(writer.follow(vector, own), writer(vector, latent))


@pytest.mark.parametrize("cell", CELLS)
def test_with_truncation_the_numbers_stay_and_no_gradient_comes_from_before_the_cut(cell):
    whole, _ = writing(cell)
    cut, _ = writing(cell, truncate=2)
    vector, latent = randn(2, 3), randn(2, 8, seed=1)
    assert_close(cut(vector, latent), whole(vector, latent), rtol=0, atol=0)
    cut(vector, latent)[:, :2].sum().backward()
    assert cut.start_weight.grad.abs().max() > 0
    cut.zero_grad()
    cut(vector, latent)[:, 2:].sum().backward()
    assert cut.start_weight.grad is None or cut.start_weight.grad.abs().max() == 0  # the first state lies before the cut


def test_what_it_borrows_is_no_part_of_it():
    writer, output = writing("gru")
    assert not set(map(id, writer.parameters())) & set(map(id, output.parameters()))
