"""Networks that read a series step by step, of one size and one seed, to be compared: rnn, gru, lstm and transformer.

Each maps a series (N, T, features) to what it knows after every step, (N, T, hidden). None of them knows later steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import init

from playground.config import shorten
from playground.layers import CELLS, Positions, Recurrent, TransformerBlock, initialise

BACKBONES = ("rnn", "gru", "lstm", "transformer")
STARTS = ("uniform", "orthogonal")
MAX_LENGTH, MAX_HIDDEN = 256, 256
HEADS = 4
POSITION_STD = 1.0  # as large as what the inputs bring: positions must be told apart before anything is learnt
SMALLEST = 1e-12  # a matrix with a smaller radius is taken for nilpotent


@dataclass(frozen=True)
class Unrolling:
    """Say which networks are compared, and on what.

    `hidden` units read `length` steps of `features` numbers from N(0, input_scale²). `start` says how recurrent networks
    begin: `uniform` in ±1/√hidden as PyTorch does, or with an `orthogonal` recurrent matrix a gate (Saxe 2014) and no
    biases. `forget_bias` is added to what the gate starts with that keeps the old state: the forget gate of the LSTM
    (Jozefowicz 2015), the update gate of the GRU, which as PyTorch writes it keeps the state where it is 1. `radius`
    is the spectral radius that the RNN's recurrent matrix is scaled to; None leaves it as it starts.
    Raises ValueError naming what is out of range.
    """

    length: int = 64
    hidden: int = 32
    features: int = 16
    forget_bias: float = 0.0
    radius: float | None = None
    input_scale: float = 1.0
    start: str = "uniform"
    seed: int = 0

    def __post_init__(self) -> None:
        limits = {"length": MAX_LENGTH, "hidden": MAX_HIDDEN, "features": MAX_HIDDEN}
        for name, high in limits.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= high:
                raise ValueError(f"{name} must be a whole number from 1 to {high}, not {shorten(value)}")
        ranges = {"forget_bias": (-20, 20), "input_scale": (0, 100)} | ({} if self.radius is None else {"radius": (0, 10)})
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                raise ValueError(f"{name} must be a number from {low} to {high}, not {shorten(value)}")
        if self.start not in STARTS:
            raise ValueError(f"unknown start {shorten(self.start)}; choose from: {', '.join(STARTS)}")
        if self.hidden % HEADS:
            raise ValueError(f"hidden must be a multiple of {HEADS}, not {self.hidden}")


class CausalTransformer(nn.Module):
    """Read (N, T, features) with attention to the step itself and those before it, and give (N, T, hidden)."""

    def __init__(self, features: int, hidden: int, length: int, depth: int = 1, heads: int = HEADS) -> None:
        super().__init__()
        self.embedding = nn.Linear(features, hidden)
        self.positions = Positions(length, hidden, std=POSITION_STD)
        self.blocks = nn.Sequential(*(TransformerBlock(hidden, heads, causal=True) for _ in range(depth)))

    def forward(self, series: torch.Tensor) -> torch.Tensor:
        return self.blocks(self.positions(self.embedding(series)))  # (N, T, hidden)


def backbone(name: str, settings: Unrolling, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Make one of `BACKBONES` as `settings` say, from its seed: one seed gives one network, whatever was made before.

    Raises ValueError for another name.
    """
    if name not in BACKBONES:
        raise ValueError(f"unknown backbone {shorten(name)}; choose from: {', '.join(BACKBONES)}")
    source = torch.Generator().manual_seed(settings.seed)
    if name in CELLS:
        cell = Recurrent(name, settings.features, settings.hidden).to(dtype)
        _start(cell, settings, source)
        return cell.eval()
    # positions are drawn for the longest series, so that a shorter one sees the same network
    network = CausalTransformer(settings.features, settings.hidden, MAX_LENGTH)
    initialise(network, source, "default")
    network.positions.weight = nn.Parameter(network.positions.weight[: settings.length].detach().clone())
    return network.to(dtype).eval()


def series(settings: Unrolling, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Draw the series (1, length, features) that `settings` speak of; a longer one begins with the shorter."""
    source = torch.Generator().manual_seed(settings.seed + 1)
    drawn = torch.randn(MAX_LENGTH, settings.features, generator=source, dtype=torch.float64)
    return settings.input_scale * drawn[: settings.length].unsqueeze(0).to(dtype)


@torch.no_grad()
def _start(cell: Recurrent, settings: Unrolling, source: torch.Generator) -> None:
    if settings.start == "orthogonal":
        cell.draw(source)
        init.zeros_(cell.bias_ih)  # the LSTM's forget gate would start with 1, the slider is to say how far it is open
    else:
        bound = settings.hidden**-0.5
        for parameter in cell.parameters():
            parameter.uniform_(-bound, bound, generator=source)
    if cell.cell == "rnn" and settings.radius is not None:
        cell.weight_hh.copy_(with_radius(cell.weight_hh, settings.radius))
    if cell.cell != "rnn":
        cell.bias_ih.chunk(len(cell.bias_ih) // cell.hidden)[1].add_(settings.forget_bias)  # i f g o, and r z n


def spectral_radius(matrix: torch.Tensor) -> float:
    """Return the largest absolute value of the eigenvalues of a square matrix."""
    return float(torch.linalg.eigvals(matrix.detach().double()).abs().max())


def with_radius(matrix: torch.Tensor, radius: float) -> torch.Tensor:
    """Return a square matrix scaled to a spectral radius. Raises ValueError for one whose eigenvalues are all 0."""
    own = spectral_radius(matrix)
    if own < SMALLEST:
        raise ValueError("the matrix has only eigenvalues of 0: no scale gives it another spectral radius")
    return matrix.detach() * (radius / own)


def last_sum(outputs: torch.Tensor) -> torch.Tensor:
    """Sum the last step of (N, T, hidden): the plainest loss that asks for nothing but the end."""
    return outputs[:, -1].sum()


def input_gradients(
    network: nn.Module, inputs: torch.Tensor, loss: Callable[[torch.Tensor], torch.Tensor] = last_sum
) -> torch.Tensor:
    """Return ‖∂L/∂x_t‖ for every step of a series (N, T, features): how much of the loss each step can still hear, (N, T).

    `network` maps the series to whatever `loss` turns into one number. Nothing in the network changes.
    """
    with torch.enable_grad():
        watched = inputs.detach().clone().requires_grad_(True)
        (gradient,) = torch.autograd.grad(loss(network(watched)), watched)
    return torch.linalg.vector_norm(gradient, dim=2)
