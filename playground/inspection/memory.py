"""What recurrent networks remember: their states and gates at every step, in a network of any kind that has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn.functional import linear

from playground.architectures.recurrent_rows import StepMean
from playground.layers import GATES, BothWays, Recurrent, StepScore, Writer
from playground.layers.recurrent import advance, state_parts
from playground.layers.tracing import stages


@dataclass(frozen=True)
class Unrolled:
    """One series in one cell, float32 (T, units) each, in the order of the series: the `states` after each step, and why.

    `memory` is the LSTM's cell state, None for others. `gates` are in [0, 1]: `input`, `forget`, `output` of an LSTM;
    `reset`, `update` of a GRU, which keeps the old state where `update` is 1. `name` is the stage that the cell is in.
    A `backward` cell began at the last step. `layer` counts the cells that are one above the other in one stage, from 1.
    """

    name: str
    cell: str
    states: np.ndarray
    memory: np.ndarray | None
    gates: dict[str, np.ndarray]
    backward: bool = False
    layer: int = 1


@torch.no_grad()
def unroll(cell: Recurrent, inputs: torch.Tensor, name: str = "") -> Unrolled:
    """Let `cell` read one series (T, features), and return its states, memory and gates at every step."""
    inputs = inputs.detach().to(cell.weight_hh.dtype)
    states = cell(inputs.unsqueeze(0))[0]  # (T, hidden)
    before = torch.cat([torch.zeros_like(states[:1]), states[:-1]])
    brought = linear(inputs, cell.weight_ih, cell.bias_ih)
    gates, new = gates_of(cell.cell, brought, before, cell.weight_hh, cell.bias_hh)
    memory = _memory(gates, new) if cell.cell == "lstm" else None
    return _unrolled(name, cell.cell, states, memory, gates)


@torch.no_grad()
def unroll_writer(writer: Writer, features: torch.Tensor, series: torch.Tensor, name: str = "") -> list[Unrolled]:
    """Let `writer` make a series (T, values), which is known, of one vector (features,); returns each of its cells.

    What it reads at each step is what the series has at the step before.
    """
    features, series = (values.detach().to(writer.start_weight.dtype) for values in (features, series))
    first = linear(features, writer.start_weight, writer.start_bias).tanh().split(writer.hidden)
    parts = state_parts(writer.cell)
    brought = linear(features, writer.vector_weight, writer.bias_ih0).expand(writer.steps, -1)
    if writer.feed_back:
        brought = brought + linear(torch.cat([torch.zeros_like(series[:1]), series[:-1]]), writer.weight_ih0)
    found, states = [], series
    for number in range(writer.num_layers):
        if number:
            brought = linear(states, *(getattr(writer, f"{kind}_ih{number}") for kind in ("weight", "bias")))
        carried = [getattr(writer, f"{kind}_hh{number}") for kind in ("weight", "bias")]
        states, memory, gates = _advanced(writer.cell, brought, first[parts * number : parts * (number + 1)], carried)
        found.append(replace(_unrolled(name, writer.cell, states, memory, gates), layer=number + 1))
    return found


def _advanced(
    cell: str, brought: torch.Tensor, first: Sequence[torch.Tensor], carried: list[torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor | None, dict[str, torch.Tensor]]:
    """Run a cell from its first state over what its inputs bring, (T, gates · hidden)."""
    state, kept = tuple(part.unsqueeze(0) for part in first), []
    for step in brought:
        state = advance(cell, step.unsqueeze(0), state, *carried)
        kept.append(state)
    states, *memory = (torch.cat(parts) for parts in zip(*kept, strict=True))
    before = torch.cat([first[0].unsqueeze(0), states[:-1]])
    return states, memory[0] if memory else None, gates_of(cell, brought, before, *carried)[0]


def gates_of(
    cell: str, brought: torch.Tensor, before: torch.Tensor, weight_hh: torch.Tensor, bias_hh: torch.Tensor
) -> tuple[dict[str, torch.Tensor], torch.Tensor | None]:
    """Return an LSTM's or a GRU's gates (T, hidden) by name, and what an LSTM would add to its memory.

    `brought` (T, gates · hidden) is what the inputs bring, `before` (T, hidden) the state before each step.
    """
    parts = (brought + linear(before, weight_hh, bias_hh)).chunk(GATES[cell], 1)  # before the gate's function
    if cell == "lstm":
        names = ("input", "forget", "output")
        return dict(zip(names, (parts[n].sigmoid() for n in (0, 1, 3)), strict=True)), parts[2].tanh()
    return ({"reset": parts[0].sigmoid(), "update": parts[1].sigmoid()} if cell == "gru" else {}), None


def _unrolled(
    name: str, cell: str, states: torch.Tensor, memory: torch.Tensor | None, gates: dict[str, torch.Tensor]
) -> Unrolled:
    arrays = {key: _array(value) for key, value in gates.items()}
    return Unrolled(name, cell, _array(states), None if memory is None else _array(memory), arrays)


def _memory(gates: dict[str, torch.Tensor], new: torch.Tensor) -> torch.Tensor:
    """Add up c_t = f_t·c_{t−1} + i_t·g_t."""
    kept, memory = [], torch.zeros_like(new[0])
    for forget, into, value in zip(gates["forget"], gates["input"], new, strict=True):
        memory = forget * memory + into * value
        kept.append(memory)
    return torch.stack(kept)


@torch.no_grad()
def recurrences(network: nn.Module, *batch: torch.Tensor | None) -> list[Unrolled]:
    """Run `network` on a batch and return what each of its cells does with the first sample, in order of execution."""
    seen: list[tuple[nn.Module, torch.Tensor]] = []
    names = {module: name for name, stage in stages(network).items() for module in stage.modules()}
    paths = {module: names.get(module, path) for path, module in network.named_modules()}
    cells = [module for module in paths if isinstance(module, (Recurrent, Writer))]
    handles = [cell.register_forward_pre_hook(lambda module, args: seen.append((module, args[0]))) for cell in cells]
    try:
        made = network(*batch)
    finally:
        for handle in handles:
            handle.remove()
    backward = {module.backward for module in network.modules() if isinstance(module, BothWays)}
    found: list[Unrolled] = []
    for module, inputs in seen:
        if isinstance(module, Writer):
            found += unroll_writer(module, inputs[0], made[0], paths[module])
        else:
            one = unroll(module, inputs[0], paths[module])
            found.append(_turned(one) if module in backward else one)
    return found


def _turned(unrolled: Unrolled) -> Unrolled:
    """Put what a cell did, from the last step to the first, in the order of the series."""
    memory = None if unrolled.memory is None else unrolled.memory[::-1].copy()
    gates = {name: values[::-1].copy() for name, values in unrolled.gates.items()}
    return replace(unrolled, states=unrolled.states[::-1].copy(), memory=memory, gates=gates, backward=True)


@torch.no_grad()
def step_scores(discriminator: nn.Module, *batch: torch.Tensor | None) -> np.ndarray | None:
    """Return what D thinks after each step of the samples of a batch, float32 (N, T); None of one that judges but once.

    D's logit is the mean of these; one that reads sequences one way adds the last again (`layers.StepScore`).
    """
    kept: list[torch.Tensor] = []
    handles = [
        module.register_forward_pre_hook(lambda module, args: kept.append(args[0]))
        for module in discriminator.modules()
        if isinstance(module, (StepScore, StepMean))
    ]
    try:
        discriminator(*batch)
    finally:
        for handle in handles:
            handle.remove()
    if not kept:
        return None
    if kept[0].shape[2] == 1:
        return _array(kept[0][:, :, 0])
    modules = list(discriminator.modules())
    (mean,) = (place for place, module in enumerate(modules) if isinstance(module, StepMean))
    return _array(modules[mean + 1](kept[0])[:, :, 0])  # linear, so the mean of its answers is its answer to the mean


def row_gradients(generator: nn.Module, *batch: torch.Tensor | None) -> np.ndarray | None:
    """Return how much the last row of pixels owes to each step of the generator's first cell, float32 (T,).

    That is ‖∂(sum of the last row)/∂(input of the cell at step t)‖ of the first sample; None for a generator without
    a cell.
    """
    kept: list[torch.Tensor] = []

    def keep(module: nn.Module, args: tuple) -> tuple | None:
        if kept:
            return None
        kept.append(args[0].detach().clone().requires_grad_(True))
        return (kept[0], *args[1:])

    handles = [cell.register_forward_pre_hook(keep) for cell in generator.modules() if isinstance(cell, Recurrent)]
    if not handles:
        return None
    try:
        with torch.enable_grad():
            image = generator(*batch)
            (gradient,) = torch.autograd.grad(image[0, :, -1].sum(), kept[0])
    finally:
        for handle in handles:
            handle.remove()
    return _array(torch.linalg.vector_norm(gradient[0], dim=1))


def _array(values: torch.Tensor) -> np.ndarray:
    return values.detach().float().cpu().numpy()
