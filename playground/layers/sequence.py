"""Layers over the steps of a series (N, T, C): convolutions along time, more steps, fewer steps, what is read so far."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import conv1d, conv_transpose1d, leaky_relu, pad

from playground.layers.minibatch import MinibatchStd
from playground.layers.parts import Growing, Weighted
from playground.layers.recurrent import CELLS
from playground.layers.transformer import Positions, TransformerBlock

BACKBONES = (*reversed(CELLS), "cnn", "transformer")  # what can read or write a series, from the plainest on
SLOPE = 0.2  # of every leaky ReLU here
HEADS = 4
DOUBLING_KERNEL = 4  # with a stride of 2 and a padding of 1: every step is stamped twice
POSITION_STD = 1.0  # as large as what the inputs bring: positions must be told apart before anything is learnt


class StepConvolution(Weighted):
    """Convolve (N, T, channels) along time, with zeros at the ends: (N, T, out_channels).

    `causal`: a step is made of itself and those before it, rather than of both sides, `dilation` steps apart
    (van den Oord 2016, 1609.03499). Weights and bias are those of `nn.Conv1d`; a layer of its own, so that what watches
    layers sees time where it is everywhere else.
    """

    def __init__(self, channels: int, out_channels: int, kernel_size: int, causal: bool = False, dilation: int = 1) -> None:
        super().__init__()
        reach = dilation * (kernel_size - 1)
        before = reach if causal else reach // 2
        self.ends, self.dilation = (before, reach - before), dilation
        self.weight = nn.Parameter(torch.empty(out_channels, channels, kernel_size))
        self.bias = nn.Parameter(torch.empty(out_channels))

    def draw(self, source: torch.Generator) -> None:
        init.xavier_uniform_(self.weight, generator=source)
        init.zeros_(self.bias)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return output_shape[0] * self.weight.numel()

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if features.is_meta:
            return features.new_empty(*features.shape[:2], len(self.weight))
        return conv1d(pad(features.mT, self.ends), self.weight, self.bias, dilation=self.dilation).mT

    def extra_repr(self) -> str:
        return f"{self.weight.shape[1]}, {len(self.weight)}, kernel {self.weight.shape[2]}"


class ResidualSteps(nn.Module):
    """Add to (N, T, width) what two convolutions along time make of it.

    The block of the text models of Gulrajani 2017 (1704.00028, appendix C), leaky.
    """

    def __init__(self, width: int, kernel_size: int) -> None:
        super().__init__()
        self.first = StepConvolution(width, width, kernel_size)
        self.second = StepConvolution(width, width, kernel_size)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inner = self.first(leaky_relu(features, SLOPE))
        return features + self.second(leaky_relu(inner, SLOPE))


class DoubleSteps(Weighted):
    """Make twice as many steps by a transposed convolution along time: (N, T, C) -> (N, 2·T, out_channels)."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, out_channels, DOUBLING_KERNEL))
        self.bias = nn.Parameter(torch.empty(out_channels))

    def draw(self, source: torch.Generator) -> None:
        init.xavier_uniform_(self.weight, generator=source)
        init.zeros_(self.bias)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return input_shape[0] * self.weight.numel()  # each step stamps the whole kernel once

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if features.is_meta:
            return features.new_empty(len(features), 2 * features.shape[1], self.weight.shape[1])
        return conv_transpose1d(features.mT, self.weight, self.bias, stride=2, padding=1).mT


class FirstSteps(nn.Module):
    """Keep the first `steps` of (N, T, C)."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features[:, : self.steps]


class StepSpread(nn.Module):
    """Append to (N, T, C) one number: how much a batch varies, `MinibatchStd` over all of it.

    Texts of one length or one pattern over and over give themselves away, which no single one of them does.
    """

    def __init__(self, group_size: int = 64) -> None:
        super().__init__()
        self.spread = MinibatchStd(group_size)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.spread(features.mT[:, :, None])[:, :, 0].mT  # as maps (N, C, 1, T) and back


class StepScore(nn.Module):
    """Turn what is thought after each step, (N, T, 1), into one score (N,): the mean of all, or with the last one again.

    With `last`, the judgement after the last step, which knows everything, counts as much as the mean of all of them.
    """

    def __init__(self, last: bool = False) -> None:
        super().__init__()
        self.last = last

    def forward(self, thoughts: torch.Tensor) -> torch.Tensor:
        if thoughts.is_meta:
            return thoughts.new_empty(len(thoughts))
        thoughts = thoughts.squeeze(2)  # (N, T)
        return thoughts.mean(1) + thoughts[:, -1] if self.last else thoughts.mean(1)


class Curriculum(Growing):
    """Blank out all but the first steps of (N, T, C), one more of them for every `samples_per_step` samples seen.

    The length curriculum of Press 2017 (1706.01399): short series first, which are easier to make and to judge.
    """

    def __init__(self, samples_per_step: int) -> None:
        super().__init__()
        self.samples_per_step = samples_per_step

    def steps(self) -> int:
        """Return how many steps are shown by now, at least one."""
        return 1 + int(self.count() // self.samples_per_step)

    def forward(self, series: torch.Tensor) -> torch.Tensor:
        if series.is_meta or (shown := self.steps()) >= series.shape[1]:
            return series
        return torch.cat([series[:, :shown], torch.zeros_like(series[:, shown:])], 1)


def heads_for(width: int) -> int:
    """Return how many heads attention of `width` numbers is split into: four where that goes without a rest."""
    return math.gcd(HEADS, width)


def attending(width: int, num_tokens: int, number: int) -> list[nn.Module]:
    """Make block `number`, from 1, of a transformer that sees all steps (N, T, width) at once; the first adds positions."""
    positions = [Positions(num_tokens, width, std=POSITION_STD)] if number == 1 else []
    return [*positions, TransformerBlock(width, heads_for(width))]
