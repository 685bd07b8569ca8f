"""What recurrent networks remember: their states and gates at every step, in a network of any kind that has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import linear

from playground.layers import GATES, Recurrent
from playground.layers.tracing import stages


@dataclass(frozen=True)
class Unrolled:
    """One series in one cell, float32 (T, units) each: the `states` after each step, and what led to them.

    `memory` is the LSTM's cell state, None for others. `gates` are in [0, 1]: `input`, `forget`, `output` of an LSTM;
    `reset`, `update` of a GRU, which keeps the old state where `update` is 1. `name` is the stage that the cell is in.
    """

    name: str
    cell: str
    states: np.ndarray
    memory: np.ndarray | None
    gates: dict[str, np.ndarray]


@torch.no_grad()
def unroll(cell: Recurrent, inputs: torch.Tensor, name: str = "") -> Unrolled:
    """Let `cell` read one series (T, features), and return its states, memory and gates at every step."""
    inputs = inputs.detach().to(cell.weight_hh.dtype)
    states = cell(inputs.unsqueeze(0))[0]  # (T, hidden)
    before = torch.cat([torch.zeros_like(states[:1]), states[:-1]])
    rows = linear(inputs, cell.weight_ih, cell.bias_ih) + linear(before, cell.weight_hh, cell.bias_hh)
    parts = rows.chunk(GATES[cell.cell], 1)  # (T, hidden) each, before the gate's function
    memory, gates = None, {}
    if cell.cell == "lstm":
        gates = dict(zip(("input", "forget", "output"), (parts[n].sigmoid() for n in (0, 1, 3)), strict=True))
        memory = _memory(gates, parts[2].tanh())
    elif cell.cell == "gru":
        gates = {"reset": parts[0].sigmoid(), "update": parts[1].sigmoid()}
    arrays = {key: _array(value) for key, value in gates.items()}
    return Unrolled(name, cell.cell, _array(states), None if memory is None else _array(memory), arrays)


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
    return [unroll(cell, inputs[0], name) for cell, inputs, name in recurrent_inputs(network, *batch)]


def recurrent_inputs(network: nn.Module, *batch: torch.Tensor | None) -> list[tuple[Recurrent, torch.Tensor, str]]:
    """Run `network` on a batch and return its cells with the series (N, T, features) that each of them read."""
    seen: list[tuple[Recurrent, torch.Tensor, str]] = []
    names = {module: name for name, stage in stages(network).items() for module in stage.modules()}
    cells = {module: names.get(module, path) for path, module in network.named_modules() if isinstance(module, Recurrent)}
    handles = [
        cell.register_forward_pre_hook(lambda module, args, name=name: seen.append((module, args[0], name)))
        for cell, name in cells.items()
    ]
    try:
        network(*batch)
    finally:
        for handle in handles:
            handle.remove()
    return seen


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
