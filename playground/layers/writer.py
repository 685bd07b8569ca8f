"""A recurrent writer: cells that make a series out of one vector, and read what they wrote last."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import linear

from playground.layers.parts import Conditioned, Weighted
from playground.layers.recurrent import FORGET_BIAS, GATES, State, advance, cut, draw_cell, state_parts
from playground.layers.stage import Stage
from playground.layers.tokens import TokenHead


class Writer(Weighted, Conditioned):
    """Unroll cells from a vector (N, in_features), given to them at every step, and return their states (N, T, hidden).

    A linear map of the vector is the first state of each of `num_layers` cells, one above the other. `output` turns states
    into samples: a linear layer and what follows it. With `feed_back` what it makes of a step is read at the next, zeros at
    the first; the gradient goes that way too. With `truncate` the gradient is cut at every so-manieth step: neither state
    nor what was written brings it further back (truncated backpropagation through time, Williams & Peng 1990). 0: not at all.
    `output` belongs to the stage after this one, and is only borrowed.
    """

    def __init__(
        self, cell: str, in_features: int, hidden: int, steps: int, output: Stage, *,
        num_layers: int = 1, feed_back: bool = True, truncate: int = 0, forget_bias: float = FORGET_BIAS,
    ) -> None:  # fmt: skip
        super().__init__()
        self.cell, self.hidden, self.steps, self.num_layers = cell, hidden, steps, num_layers
        self.feed_back, self.truncate, self.forget_bias = feed_back, truncate, forget_bias
        self.borrowed = (output,)  # in a tuple, PyTorch does not take it for a part of this layer
        rows, read = GATES[cell] * hidden, output[0].out_features if feed_back else 0
        self.start_weight = nn.Parameter(torch.empty(num_layers * state_parts(cell) * hidden, in_features))
        self.start_bias = nn.Parameter(torch.empty(len(self.start_weight)))
        self.vector_weight = nn.Parameter(torch.empty(rows, in_features))
        for number in range(num_layers):
            inputs = hidden if number else read
            if inputs:
                self.register_parameter(f"weight_ih{number}", nn.Parameter(torch.empty(rows, inputs)))
            self.register_parameter(f"weight_hh{number}", nn.Parameter(torch.empty(rows, hidden)))
            self.register_parameter(f"bias_ih{number}", nn.Parameter(torch.empty(rows)))
            self.register_parameter(f"bias_hh{number}", nn.Parameter(torch.empty(rows)))

    def draw(self, source: torch.Generator) -> None:
        init.xavier_uniform_(self.start_weight, generator=source)
        init.zeros_(self.start_bias)
        for number in range(self.num_layers):
            biases = getattr(self, f"bias_ih{number}"), getattr(self, f"bias_hh{number}")
            recurrent = getattr(self, f"weight_hh{number}")
            inputs = [self.vector_weight] if number == 0 else []
            inputs += [getattr(self, f"weight_ih{number}")] if number or self.feed_back else []
            for weight in inputs:
                draw_cell(self.cell, weight, recurrent, biases, source, self.forget_bias)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        a_step = sum(weight.numel() for name, weight in self.named_parameters() if name.startswith("weight"))
        read_out = self.borrowed[0][0].weight.numel() if self.feed_back else 0
        return self.start_weight.numel() + self.vector_weight.numel() + self.steps * (a_step + read_out)

    def kept(self, input_shape: tuple[int, ...]) -> int:
        return self.steps * self.num_layers * 2 * GATES[self.cell] * self.hidden

    def forward(self, features: torch.Tensor, latent: torch.Tensor) -> torch.Tensor:
        if features.is_meta:
            return features.new_empty(len(features), self.steps, self.hidden)
        head = self.borrowed[0][1]
        thrown = head.throw(latent) if isinstance(head, TokenHead) and self.feed_back else None
        return self._run(features, None, thrown)

    def follow(self, features: torch.Tensor, series: torch.Tensor) -> torch.Tensor:
        """Return the states (N, T, hidden) on the way to a series (N, T, C) that is given, rather than written by itself."""
        return self._run(features, series, None)

    def _run(self, features: torch.Tensor, given: torch.Tensor | None, thrown: torch.Tensor | None) -> torch.Tensor:
        with torch.autocast(features.device.type, enabled=False):
            features = features.to(self.start_weight.dtype)
            states = self._first_states(features)
            brought = linear(features, self.vector_weight, self.bias_ih0)  # what the vector brings to every step
            written, shown = None, []
            for number in range(self.steps):
                states = [cut(state, number, self.truncate) for state in states]
                if written is not None and self.truncate and number % self.truncate == 0:
                    written = written.detach()
                states = self._step(states, brought, written)
                shown.append(states[-1][0])
                if self.feed_back and number + 1 < self.steps:
                    die = None if thrown is None else thrown[:, number]
                    written = self._written(states[-1][0], die) if given is None else given[:, number].to(brought.dtype)
            return torch.stack(shown, 1)

    def _first_states(self, features: torch.Tensor) -> list[State]:
        parts = linear(features, self.start_weight, self.start_bias).tanh().split(self.hidden, 1)
        count = state_parts(self.cell)
        return [parts[count * number : count * (number + 1)] for number in range(self.num_layers)]

    def _step(self, states: list[State], brought: torch.Tensor, written: torch.Tensor | None) -> list[State]:
        inputs = brought if written is None else brought + linear(written, self.weight_ih0)
        new = [advance(self.cell, inputs, states[0], self.weight_hh0, self.bias_hh0)]
        for number, state in enumerate(states[1:], 1):
            weights = (getattr(self, f"{name}{number}") for name in ("weight_ih", "bias_ih", "weight_hh", "bias_hh"))
            weight_ih, bias_ih, weight_hh, bias_hh = weights
            new.append(advance(self.cell, linear(new[-1][0], weight_ih, bias_ih), state, weight_hh, bias_hh))
        return new

    def _written(self, state: torch.Tensor, die: torch.Tensor | None) -> torch.Tensor:
        """Return what the output makes of one step's state, (N, C)."""
        to_values, head = self.borrowed[0]
        values = linear(state, to_values.weight, to_values.bias)  # not by a call: who watches layers sees whole series
        return head.choose(values, die) if isinstance(head, TokenHead) else head.forward(values)

    def extra_repr(self) -> str:
        return f"{self.cell}, {self.hidden}, {self.steps} steps, {self.num_layers} layers"
