"""Recurrence: one set of weights used at every step of time, and a state that remembers."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import linear

from playground.layers.parts import Weighted

GATES = {"lstm": 4, "gru": 3, "rnn": 1}  # matrices a cell
CELLS = tuple(GATES)
FORGET_BIAS = 1.0  # a forget gate that starts open remembers from the first step on: Jozefowicz 2015

State = tuple[torch.Tensor, ...]  # (state,), each (N, hidden); of an LSTM (state, memory)


def advance(cell: str, inputs: torch.Tensor, state: State, weight_hh: torch.Tensor, bias_hh: torch.Tensor) -> State:
    """Return the state after one step, given what the step's inputs bring to each gate, (N, gates · hidden).

    `lstm` is Hochreiter & Schmidhuber 1997 with the forget gate of Gers 2000, `gru` Cho 2014 (1406.1078), `rnn` the plain
    tanh cell of Elman 1990. The order of the gates is that of `nn.LSTM`, `nn.GRU` and `nn.RNN`.
    """
    hidden = state[0]
    carried = linear(hidden, weight_hh, bias_hh)
    if cell == "rnn":
        return ((inputs + carried).tanh(),)
    if cell == "gru":
        sizes = [2 * hidden.shape[1], hidden.shape[1]]
        (to_gates, to_new), (gates, remembered) = inputs.split(sizes, 1), carried.split(sizes, 1)
        reset, keep = (to_gates + gates).sigmoid().chunk(2, 1)
        new = torch.addcmul(to_new, reset, remembered).tanh()
        return (torch.lerp(new, hidden, keep),)  # (1 − keep) · new + keep · hidden
    into, forget, new, out = (inputs + carried).chunk(4, 1)
    memory = forget.sigmoid() * state[1] + into.sigmoid() * new.tanh()
    return out.sigmoid() * memory.tanh(), memory


def state_parts(cell: str) -> int:
    """Return how many vectors a cell's state is made of: an LSTM has its memory beside what it shows."""
    return 2 if cell == "lstm" else 1


def cut(state: State, number: int, truncate: int) -> State:
    """Return the state that step `number` starts from: without its past, for the gradient, at every `truncate`-th; 0: never."""
    return tuple(part.detach() for part in state) if truncate and number and number % truncate == 0 else state


def draw_cell(
    cell: str, weight_ih: torch.Tensor, weight_hh: torch.Tensor, biases: State, source: torch.Generator, forget_bias: float
) -> None:
    """Fill a cell's weights and (input, hidden) biases in place, gate by gate."""
    for gate in weight_ih.chunk(GATES[cell]):
        init.xavier_uniform_(gate, generator=source)
    for gate in weight_hh.chunk(GATES[cell]):  # keeps the length of what it carries on: Saxe 2014
        init.orthogonal_(gate, generator=source)
    for bias in biases:
        init.zeros_(bias)
    if cell == "lstm":
        init.constant_(biases[0].chunk(4)[1], forget_bias)


class Recurrent(Weighted):
    """Read (N, T, in_features) step by step and give the state after each step, (N, T, hidden).

    Weights and biases are those of `nn.LSTM`, `nn.GRU` and `nn.RNN`. The loop is written out because cuDNN's cannot be
    differentiated twice; what the inputs bring is multiplied for all steps at once before it, which leaves one product a
    step. With `truncate` no gradient goes further back than to the last step whose number it divides (truncated
    backpropagation through time: Williams & Peng 1990); 0: to the first.
    """

    def __init__(self, cell: str, in_features: int, hidden: int, truncate: int = 0, forget_bias: float = FORGET_BIAS) -> None:
        super().__init__()
        self.cell, self.in_features, self.hidden = cell, in_features, hidden
        self.truncate, self.forget_bias = truncate, forget_bias
        rows = GATES[cell] * hidden
        self.weight_ih = nn.Parameter(torch.empty(rows, in_features))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden))
        self.bias_ih = nn.Parameter(torch.empty(rows))
        self.bias_hh = nn.Parameter(torch.empty(rows))

    def draw(self, source: torch.Generator) -> None:
        biases = self.bias_ih, self.bias_hh
        draw_cell(self.cell, self.weight_ih, self.weight_hh, biases, source, self.forget_bias)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return input_shape[0] * (self.weight_ih.numel() + self.weight_hh.numel())

    def kept(self, input_shape: tuple[int, ...]) -> int:
        return input_shape[0] * 2 * GATES[self.cell] * self.hidden  # before and after each gate's function

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if features.is_meta:  # shapes only, and it has no autocast
            return features.new_empty(*features.shape[:2], self.hidden)
        inputs = linear(features, self.weight_ih, self.bias_ih)  # (N, T, gates · hidden)
        with torch.autocast(features.device.type, enabled=False):  # the state adds up small changes: it needs the digits
            return torch.stack(self._states(inputs.to(self.weight_hh.dtype)), 1)

    def _states(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        nothing = inputs.new_zeros(len(inputs), self.hidden)
        state, states = (nothing,) * state_parts(self.cell), []
        for number, step in enumerate(inputs.unbind(1)):
            state = cut(state, number, self.truncate)
            state = advance(self.cell, step, state, self.weight_hh, self.bias_hh)
            states.append(state[0])
        return states

    def extra_repr(self) -> str:
        return f"{self.cell}, {self.in_features}, {self.hidden}"


class SideBySide(nn.Module):
    """Put two series of states, (N, T, a) and (N, T, b), side by side: (N, T, a + b)."""

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        if first.is_meta:
            return first.new_empty(*first.shape[:2], first.shape[2] + second.shape[2])
        return torch.cat([first, second], 2)


class BothWays(nn.Module):
    """Read (N, T, in_features) from either end and give both states of each step side by side, (N, T, 2 · hidden).

    Schuster & Paliwal 1997: what stands at a step is judged by what comes before and after it.
    """

    def __init__(self, onward: Recurrent, backward: Recurrent) -> None:
        super().__init__()
        self.onward, self.backward, self.join = onward, backward, SideBySide()

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.join(self.onward(features), self.backward(features.flip(1)).flip(1))
