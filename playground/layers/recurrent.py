"""Recurrence: one set of weights used at every step of time, and a state that remembers."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import linear

from playground.layers.parts import Weighted

GATES = {"lstm": 4, "gru": 3, "rnn": 1}  # matrices a cell
CELLS = tuple(GATES)


class Recurrent(Weighted):
    """Read (N, T, in_features) step by step and give the state after each step, (N, T, hidden).

    `lstm` is Hochreiter & Schmidhuber 1997 with the forget gate of Gers 2000, `gru` Cho 2014 (1406.1078), `rnn` the plain
    tanh cell of Elman 1990. Weights, biases and the order of the gates are those of `nn.LSTM`, `nn.GRU` and `nn.RNN`. The
    loop is written out because cuDNN's cannot be differentiated twice; what the inputs bring is multiplied for all steps
    at once before it, which leaves one product a step.
    """

    def __init__(self, cell: str, in_features: int, hidden: int) -> None:
        super().__init__()
        self.cell, self.in_features, self.hidden = cell, in_features, hidden
        rows = GATES[cell] * hidden
        self.weight_ih = nn.Parameter(torch.empty(rows, in_features))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden))
        self.bias_ih = nn.Parameter(torch.empty(rows))
        self.bias_hh = nn.Parameter(torch.empty(rows))

    def draw(self, source: torch.Generator) -> None:
        for gate in self.weight_ih.chunk(GATES[self.cell]):
            init.xavier_uniform_(gate, generator=source)
        for gate in self.weight_hh.chunk(GATES[self.cell]):  # keeps the length of what it carries on: Saxe 2014
            init.orthogonal_(gate, generator=source)
        init.zeros_(self.bias_ih)
        init.zeros_(self.bias_hh)
        if self.cell == "lstm":  # a forget gate that starts open remembers from the first step on: Jozefowicz 2015
            init.ones_(self.bias_ih.chunk(4)[1])

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return input_shape[0] * (self.weight_ih.numel() + self.weight_hh.numel())

    def kept(self, input_shape: tuple[int, ...]) -> int:
        return input_shape[0] * 2 * GATES[self.cell] * self.hidden  # before and after each gate's function

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if features.is_meta:  # shapes only, and it has no autocast
            return features.new_empty(*features.shape[:2], self.hidden)
        inputs = linear(features, self.weight_ih, self.bias_ih)  # (N, T, gates · hidden)
        run = {"lstm": self._lstm, "gru": self._gru, "rnn": self._rnn}[self.cell]
        with torch.autocast(features.device.type, enabled=False):  # the state adds up small changes: it needs the digits
            return torch.stack(run(inputs.to(self.weight_hh.dtype)), 1)

    def _lstm(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        state, states = self._nothing(inputs), []
        memory = state
        for step in inputs.unbind(1):
            gates = step + linear(state, self.weight_hh, self.bias_hh)
            into, forget, new, out = gates.chunk(4, 1)
            memory = forget.sigmoid() * memory + into.sigmoid() * new.tanh()
            state = out.sigmoid() * memory.tanh()
            states.append(state)
        return states

    def _gru(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        sizes = [2 * self.hidden, self.hidden]
        state, states = self._nothing(inputs), []
        for to_gates, to_new in zip(*(part.unbind(1) for part in inputs.split(sizes, 2)), strict=True):
            gates, remembered = linear(state, self.weight_hh, self.bias_hh).split(sizes, 1)
            reset, keep = (to_gates + gates).sigmoid().chunk(2, 1)
            new = torch.addcmul(to_new, reset, remembered).tanh()
            state = torch.lerp(new, state, keep)  # (1 − keep) · new + keep · state
            states.append(state)
        return states

    def _rnn(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        state, states = self._nothing(inputs), []
        for step in inputs.unbind(1):
            state = (step + linear(state, self.weight_hh, self.bias_hh)).tanh()
            states.append(state)
        return states

    def _nothing(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.new_zeros(len(inputs), self.hidden)

    def extra_repr(self) -> str:
        return f"{self.cell}, {self.in_features}, {self.hidden}"
