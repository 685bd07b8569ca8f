"""How far gradients reach back: against loops written by hand, PyTorch's own cells and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import IMAGE_MAKERS, model_of
from torch import nn

from playground.experiment import Experiment
from playground.inspection import (
    BACKBONES,
    AttentionMap,
    Unrolling,
    attentions,
    backbone,
    input_gradients,
    recurrences,
    row_gradients,
    series,
    spectral_radius,
    unroll,
    with_radius,
)
from playground.layers import MapAttention, Recurrent, SelfAttention, Writer
from playground.model import Model

SMALL = Unrolling(length=7, hidden=8, features=3)
TORCH = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def norms(name: str, **settings) -> torch.Tensor:
    wanted = Unrolling(**settings)
    return input_gradients(backbone(name, wanted), series(wanted))[0]


def torchs(cell: Recurrent) -> nn.RNNBase:
    """Return PyTorch's own cell with the same weights."""
    own = TORCH[cell.cell](cell.in_features, cell.hidden, batch_first=True).double()
    own.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    return own


def by_hand(name: str, cell: Recurrent, steps: list[torch.Tensor]) -> torch.Tensor:
    """Return the last state of a cell, unrolled in plain words."""
    h = c = torch.zeros(cell.hidden, dtype=torch.float64)
    for x in steps:
        a = cell.weight_ih @ x + cell.bias_ih
        b = cell.weight_hh @ h + cell.bias_hh
        if name == "rnn":
            h = torch.tanh(a + b)
        elif name == "gru":
            (r, z, n), (rh, zh, nh) = a.chunk(3), b.chunk(3)
            r, z = torch.sigmoid(r + rh), torch.sigmoid(z + zh)
            h = (1 - z) * torch.tanh(n + r * nh) + z * h
        else:
            i, f, g, o = (a + b).chunk(4)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
    return h


@pytest.mark.parametrize("name", TORCH)
def test_gradients_equal_autograd_on_a_loop_written_by_hand(name):
    cell, inputs = backbone(name, SMALL), series(SMALL)
    steps = [x.clone().requires_grad_(True) for x in inputs[0]]
    found = torch.autograd.grad(by_hand(name, cell, steps).sum(), steps)
    torch.testing.assert_close(input_gradients(cell, inputs)[0], torch.stack([g.norm() for g in found]), rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", TORCH)
def test_gradients_equal_those_of_pytorchs_cells(name):
    cell, inputs = backbone(name, SMALL), series(SMALL).requires_grad_(True)
    outputs, _ = torchs(cell)(inputs)
    (gradient,) = torch.autograd.grad(outputs[:, -1].sum(), inputs)
    torch.testing.assert_close(input_gradients(cell, inputs), gradient.norm(dim=2), rtol=1e-12, atol=0)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(TORCH)), st.integers(1, 12), st.sampled_from([4, 12]), st.floats(-2, 4), st.integers(0, 99))
def test_gradients_equal_those_of_pytorchs_cells_whatever_the_settings(name, length, hidden, bias, seed):
    wanted = Unrolling(length=length, hidden=hidden, features=2, forget_bias=bias, seed=seed)
    cell, inputs = backbone(name, wanted), series(wanted).requires_grad_(True)
    outputs, _ = torchs(cell)(inputs)
    (gradient,) = torch.autograd.grad(outputs[:, -1].sum(), inputs)
    torch.testing.assert_close(input_gradients(cell, inputs), gradient.norm(dim=2), rtol=1e-10, atol=0)


def test_another_loss_is_another_question():
    cell, inputs = backbone("gru", SMALL), series(SMALL)
    first = input_gradients(cell, inputs, lambda outputs: outputs[:, 2].sum())[0]
    assert (first[:3] > 0).all() and (first[3:] == 0).all()


def test_asking_for_gradients_leaves_the_network_as_it_is():
    cell = backbone("lstm", SMALL)
    input_gradients(cell, series(SMALL))
    assert all(parameter.grad is None for parameter in cell.parameters())


@pytest.mark.parametrize("radius", [0.3, 1.0, 1.7])
@pytest.mark.parametrize("start", ["uniform", "orthogonal"])
def test_the_spectral_radius_is_what_was_asked_for(radius, start):
    cell = backbone("rnn", Unrolling(radius=radius, start=start))
    assert np.abs(np.linalg.eigvals(cell.weight_hh.detach().numpy())).max() == pytest.approx(radius, rel=1e-12)
    assert spectral_radius(cell.weight_hh) == pytest.approx(radius, rel=1e-12)


def test_scaling_to_a_radius_keeps_the_matrix_but_for_its_scale():
    matrix = torch.randn(5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ratio = with_radius(matrix, 0.5) / matrix
    torch.testing.assert_close(ratio, ratio[0, 0].expand(5, 5))
    with pytest.raises(ValueError, match="only eigenvalues of 0"):
        with_radius(torch.ones(4, 4).triu(1), 1.0)


def test_a_linear_rnn_has_the_powers_of_its_matrix():
    """With inputs of 0 the tanh stays at 0, where its slope is 1: ∂L/∂x_t = Wᵢᵀ (Wᵀ)^(T−t) 1."""
    settings = Unrolling(length=20, hidden=8, features=3, input_scale=0, start="orthogonal", radius=1.3)
    cell = backbone("rnn", settings)
    found = input_gradients(cell, series(settings))[0]
    ones = torch.ones(8, dtype=torch.float64)
    wanted = [(cell.weight_ih.mT @ torch.linalg.matrix_power(cell.weight_hh.mT, 19 - t) @ ones).norm() for t in range(20)]
    torch.testing.assert_close(found, torch.stack(wanted).detach(), rtol=1e-10, atol=0)


@pytest.mark.parametrize("radius", [0.8, 1.2])
def test_an_orthogonal_linear_rnn_vanishes_or_explodes_as_its_radius_to_the_power_of_time(radius):
    found = norms("rnn", input_scale=0, start="orthogonal", radius=radius)
    assert math.log10(found[0] / found[-1]) == pytest.approx(63 * math.log10(radius), abs=0.5)


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_an_open_forget_gate_lets_more_through(name):
    oldest = [float(norms(name, forget_bias=bias)[0]) for bias in (-1, 0, 1, 2, 3)]
    assert oldest == sorted(oldest)
    gate = "forget" if name == "lstm" else "update"
    means = []
    for bias in (0.0, 2.0):
        settings = Unrolling(forget_bias=bias)
        means.append(recurrences(backbone(name, settings), series(settings))[0].gates[gate].mean())
    assert means[0] == pytest.approx(0.5, abs=0.05) and means[1] == pytest.approx(0.88, abs=0.05)


# One seed of a measurement made elsewhere with 64 steps (newest, oldest): seeds differ by an order of magnitude or two.
MEASURED = {
    ("rnn", 0.0): (1.9, 5e-20),
    ("gru", 0.0): (1.3, 2e-13),
    ("lstm", 0.0): (0.43, 3e-14),
    ("lstm", 2.0): (0.59, 3e-2),
    ("transformer", 0.0): (5.9, 0.16),
}


@pytest.mark.parametrize(("name", "bias"), MEASURED)
def test_norms_are_those_measured_before_within_two_orders_of_magnitude_over_64_steps(name, bias):
    found, (newest, oldest) = norms(name, forget_bias=bias), MEASURED[name, bias]
    assert abs(math.log10(found[-1] / newest)) < 0.5
    assert abs(math.log10(found[0] / oldest)) < 2


@pytest.mark.parametrize("name", BACKBONES)
def test_a_seed_gives_one_network_and_a_longer_series_begins_with_the_shorter(name):
    long, short = Unrolling(length=12), Unrolling(length=5)
    outputs = [backbone(name, settings)(series(settings)) for settings in (long, short)]
    torch.testing.assert_close(outputs[0][:, :5], outputs[1])
    assert not torch.equal(backbone(name, Unrolling(length=5, seed=1))(series(short)), outputs[1])


@pytest.mark.parametrize("name", BACKBONES)
def test_no_backbone_knows_later_steps(name):
    network, inputs = backbone(name, SMALL), series(SMALL)
    changed = inputs.clone()
    changed[:, 4:] += 1
    torch.testing.assert_close(network(inputs)[:, :4], network(changed)[:, :4])
    assert not torch.allclose(network(inputs)[:, 4:], network(changed)[:, 4:])


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": 0}, {"length": 999}, {"length": 2.5}, {"length": True}, {"hidden": 6}, {"hidden": 0}, {"radius": -1},
        {"radius": math.nan}, {"radius": "1"}, {"forget_bias": math.inf}, {"input_scale": -1}, {"start": "zeros"},
    ],
)  # fmt: skip
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Unrolling(**wrong)
    with pytest.raises(ValueError, match="choose from: rnn, gru, lstm, cnn, transformer"):
        backbone("cnn2", Unrolling())


@pytest.mark.parametrize("name", TORCH)
def test_states_and_gates_equal_pytorchs_and_explain_each_other(name):
    cell, inputs = backbone(name, SMALL), series(SMALL)
    found = unroll(cell, inputs[0])
    outputs, last = torchs(cell)(inputs)
    np.testing.assert_allclose(found.states, outputs[0].detach().numpy(), rtol=1e-5, atol=1e-7)
    before = np.concatenate([np.zeros((1, 8), np.float32), found.states[:-1]])
    if name == "lstm":
        np.testing.assert_allclose(found.memory[-1], last[1][0, 0].detach().numpy(), rtol=1e-5)
        np.testing.assert_allclose(found.gates["output"] * np.tanh(found.memory), found.states, rtol=1e-4, atol=1e-6)
    elif name == "gru":
        new = (found.states - found.gates["update"] * before) / (1 - found.gates["update"])
        assert np.abs(new).max() <= 1 + 1e-5  # what is mixed in came from a tanh
    else:
        assert found.memory is None and found.gates == {}
    assert all(((gate > 0) & (gate < 1)).all() for gate in found.gates.values())


def test_attention_of_the_causal_transformer_sums_to_one_and_sees_no_later_step():
    settings = Unrolling(length=16)
    (found,) = attentions(backbone("transformer", settings), series(settings))
    assert found.weights.shape == (4, 16, 16) and found.queries == found.keys == (1, 16)
    np.testing.assert_allclose(found.weights.sum(-1), 1, rtol=1e-5)
    assert (np.triu(found.weights, 1) == 0).all()


def test_causal_attention_gives_what_pytorchs_gives():
    layer = SelfAttention(8, 2, causal=True).double()
    layer.draw(torch.Generator().manual_seed(0))
    own = nn.MultiheadAttention(8, 2, batch_first=True).double()
    own.load_state_dict(
        {
            "in_proj_weight": layer.weight_in, "in_proj_bias": layer.bias_in, "out_proj.weight": layer.weight_out,
            "out_proj.bias": layer.bias_out,
        }
    )  # fmt: skip
    tokens = torch.randn(3, 6, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    mask = torch.ones(6, 6, dtype=torch.bool).triu(1)
    torch.testing.assert_close(layer(tokens), own(tokens, tokens, tokens, attn_mask=mask)[0])


def test_a_spread_of_one_is_even_and_of_zero_a_single_place():
    even, single = np.full((1, 1, 4), 0.25, np.float32), np.eye(4, dtype=np.float32)[None, :1]
    weights = np.concatenate([even, single], 1)
    np.testing.assert_allclose(AttentionMap("a", weights, (1, 2), (2, 2)).entropy(), [[1, 0]], atol=1e-6)


@pytest.fixture(scope="module", params=IMAGE_MAKERS)
def model(request) -> Model:
    return model_of(request.param)


def test_every_architecture_shows_its_cells_and_attention_or_has_none(model):
    latents, labels = model.latents(2, 0), model.labels(2)
    batches = (model.generator, latents), (model.discriminator, model.generate(latents, labels))
    for network, batch in batches:
        cells, looks = recurrences(network, batch, labels), attentions(network, batch, labels)
        modules = list(network.modules())
        count = sum(isinstance(module, Recurrent) for module in modules)
        assert len(cells) == count + sum(module.num_layers for module in modules if isinstance(module, Writer))
        assert len(looks) == sum(isinstance(module, (MapAttention, SelfAttention)) for module in modules)
        for look in looks:
            np.testing.assert_allclose(look.weights.sum(-1), 1, rtol=1e-4)
            assert look.weights.shape[1:] == (math.prod(look.queries), math.prod(look.keys))
    owed = row_gradients(model.generator, latents, labels)
    assert (owed is None) == (not any(isinstance(module, Recurrent) for module in model.generator.modules()))


def test_the_last_row_owes_to_each_step_what_a_small_change_there_does():
    model = Model.untrained(Experiment.from_settings({"architecture": "recurrent-rows", "dataset": "digits"}))
    generator, latents = model.generator.double(), model.latents(1, 0).double()
    owed = row_gradients(generator, latents)
    (cell,) = [module for module in generator.modules() if isinstance(module, Recurrent)]
    seen: list[torch.Tensor] = []
    handle = cell.register_forward_pre_hook(lambda module, args: seen.append(args[0].detach()))
    generator(latents)
    handle.remove()
    step, small = 3, 1e-6
    slopes = []
    for unit in range(seen[0].shape[2]):
        ends = []
        for sign in (1, -1):
            moved = seen[0].clone()
            moved[0, step, unit] += sign * small
            handle = cell.register_forward_pre_hook(lambda module, args, moved=moved: (moved,))
            ends.append(generator(latents)[0, :, -1].sum().item())
            handle.remove()
        slopes.append((ends[0] - ends[1]) / (2 * small))
    assert owed[step] == pytest.approx(float(np.linalg.norm(slopes)), rel=1e-4)
