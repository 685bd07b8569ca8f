"""Cells unrolled inside whole networks: states, gates and judgements against PyTorch's own cells and the networks' answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from playground.architectures.recurrent_rows import Discriminator as RowsDiscriminator
from playground.experiment import Experiment
from playground.inspection import recurrences, step_scores, unroll_writer
from playground.layers import BothWays, Writer
from playground.model import Model

CELLS = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}
GATES = {"rnn": set(), "gru": {"reset", "update"}, "lstm": {"input", "forget", "output"}}


def sequences(cell: str = "lstm", **settings) -> Model:
    flat = {"generator.backbone": cell, "generator.width": 12, "discriminator.width": 8, "data.length": 16, "data.count": 100}
    changes = {key.replace("__", "."): value for key, value in settings.items()}
    return Model.untrained(Experiment.from_settings({"architecture": "rgan", "dataset": "sines"} | flat | changes))


def writer_of(model: Model) -> Writer:
    return next(module for module in model.generator.modules() if isinstance(module, Writer))


def torchs(cell: str, writer: Writer) -> nn.Module:
    """Return PyTorch's own cell, which reads the vector and what was written side by side."""
    own = CELLS[cell](writer.vector_weight.shape[1] + 1, writer.hidden)
    own.weight_ih.data = torch.cat([writer.vector_weight, writer.weight_ih0], 1).detach()
    own.weight_hh.data, own.bias_ih.data, own.bias_hh.data = writer.weight_hh0.data, writer.bias_ih0.data, writer.bias_hh0.data
    return own


@pytest.mark.parametrize("cell", CELLS)
def test_a_writer_unrolls_as_pytorchs_own_cell_does(cell):
    model = sequences(cell)
    latent, writer = model.latents(1, 3), writer_of(model)
    with torch.no_grad():
        made, vector = model.generator(latent)[0], model.generator.stages.project(latent, latent)
        (found,) = recurrences(model.generator, latent)
        first = torch.tanh(vector @ writer.start_weight.T + writer.start_bias).split(12, 1)
        state, own, written = (first if cell == "lstm" else first[0]), torchs(cell, writer), torch.zeros(1, 1)
        for step in range(16):
            before = state[0] if cell == "lstm" else state
            gates = torch.cat([vector, written], 1) @ own.weight_ih.T + own.bias_ih + before @ own.weight_hh.T + own.bias_hh
            state = own(torch.cat([vector, written], 1), state)
            shown = state[0] if cell == "lstm" else state
            np.testing.assert_allclose(found.states[step], shown[0], atol=1e-5)
            if cell == "lstm":
                np.testing.assert_allclose(found.memory[step], state[1][0], atol=1e-5)
            order = {"lstm": ("input", "forget", None, "output"), "gru": ("reset", "update", None), "rnn": ()}[cell]
            for name, rows in zip(order, gates.chunk(max(1, len(order)), 1), strict=False):
                if name:
                    np.testing.assert_allclose(found.gates[name][step], rows[0].sigmoid(), atol=1e-5)
            written = made[None, step]
    assert set(found.gates) == GATES[cell]


@pytest.mark.parametrize("settings", [{"dataset": "sines"}, {"architecture": "text-gan", "dataset": "sentences"}])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_states_shown_are_those_that_the_network_goes_on_with(settings, layers):
    small = {"generator.width": 12, "discriminator.width": 8, "generator.num_layers": layers}
    model = Model.untrained(Experiment.from_settings({"architecture": "rgan"} | settings | small))
    latent, kept = model.latents(1, 1), []
    handle = writer_of(model).register_forward_hook(lambda module, args, output: kept.append(output[0]))
    found = recurrences(model.generator, latent)
    handle.remove()
    assert [one.layer for one in found] == list(range(1, layers + 1)) and {one.name for one in found} == {"write"}
    np.testing.assert_allclose(found[-1].states, kept[0].detach(), atol=1e-5)


def test_a_writer_that_reads_nothing_back_needs_no_series():
    model = sequences("gru", generator__feed_back=False)
    latent, writer = model.latents(1, 1), writer_of(model)
    with torch.no_grad():
        vector = model.generator.stages.project(latent, latent)
        states = writer(vector, latent)[0]
    (found,) = unroll_writer(writer, vector[0], torch.zeros(16, 1))
    np.testing.assert_allclose(found.states, states, atol=1e-5)


def test_what_reads_from_the_end_is_shown_in_the_order_of_the_series():
    model = sequences(discriminator__backbone="lstm")
    sample, kept = model.generate(model.latents(1, 5)), []
    both = next(module for module in model.discriminator.modules() if isinstance(module, BothWays))
    handle = both.register_forward_hook(lambda module, args, output: kept.append(output[0].detach()))
    onward, backward = recurrences(model.discriminator, sample)
    handle.remove()
    assert (onward.backward, backward.backward) == (False, True)
    np.testing.assert_allclose(np.concatenate([onward.states, backward.states], 1), kept[0], atol=1e-5)
    np.testing.assert_allclose(backward.states, backward.gates["output"] * np.tanh(backward.memory), atol=1e-5)


@pytest.mark.parametrize("direction", ["one way", "both ways"])
def test_judgements_at_every_step_make_up_the_score(direction):
    model = sequences(discriminator__direction=direction)
    sample = model.generate(model.latents(5, 5))
    steps = step_scores(model.discriminator, sample)
    assert steps.shape == (5, 16)
    last = steps[:, -1] if direction == "one way" else 0
    np.testing.assert_allclose(steps.mean(1) + last, model.discriminator(sample).detach(), atol=1e-5)


def test_rows_of_a_picture_are_judged_one_by_one_too():
    model = Model.untrained(Experiment.from_settings({"architecture": "recurrent-rows", "data.resolution": 16}))
    assert isinstance(model.discriminator, RowsDiscriminator)
    sample = model.generate(model.latents(3, 5))
    steps = step_scores(model.discriminator, sample)
    assert steps.shape == (3, 8)
    np.testing.assert_allclose(steps.mean(1), model.discriminator(sample).detach(), atol=1e-5)


def test_one_that_judges_but_once_has_no_steps():
    model = Model.untrained(Experiment.from_settings({"architecture": "mlp", "data.resolution": 16, "discriminator.width": 8}))
    assert step_scores(model.discriminator, model.generate(model.latents(2, 0))) is None
