"""Self-attention over a feature map: every place looks at every other (Zhang 2019, 1805.08318)."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import conv2d, max_pool2d, normalize, softmax

from playground.layers.parts import Weighted
from playground.layers.spectral import normalised as spectrally_normalised

PROJECTIONS = ("query", "key", "value", "output")


class MapAttention(Weighted):
    """Add to (N, C, H, W) what each place gathers from all others, times a learnt gate that starts at 0.

    Section 3 of the paper, with keys and values pooled 2×2 as in the authors' code; the 1×1 convolutions are spectrally
    normalised. The softmax is written out: it can be differentiated twice, and `weights` shows where each place looks.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        small, half = max(1, channels // 8), max(1, channels // 2)
        for name, size in zip(
            PROJECTIONS, ((small, channels), (small, channels), (half, channels), (channels, half)), strict=True
        ):
            self.register_parameter(name, nn.Parameter(torch.empty(*size, 1, 1)))
            self.register_buffer(f"u_{name}", torch.ones(size[0]))
        self.gate = nn.Parameter(torch.zeros(()))

    def draw(self, source: torch.Generator) -> None:
        init.zeros_(self.gate)
        for name in PROJECTIONS:
            init.xavier_uniform_(getattr(self, name), generator=source)
            left = getattr(self, f"u_{name}")
            left.copy_(normalize(torch.randn(left.shape, generator=source), dim=0))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        value = max_pool2d(self._project("value", features), 2).flatten(2)  # (N, C/2, K)
        gathered = value @ self.weights(features).mT  # (N, C/2, Q)
        gathered = gathered.unflatten(2, features.shape[2:])  # (N, C/2, H, W)
        return features + self.gate * self._project("output", gathered)

    def weights(self, features: torch.Tensor) -> torch.Tensor:
        """Return how much of each pooled place (K = H/2 · W/2) goes into each place (Q = H · W): (N, Q, K), rows sum to 1."""
        query = self._project("query", features).flatten(2)  # (N, C/8, Q)
        key = max_pool2d(self._project("key", features), 2).flatten(2)  # (N, C/8, K)
        return softmax(query.mT @ key, 2)

    def _project(self, name: str, features: torch.Tensor) -> torch.Tensor:
        weight, left = getattr(self, name), getattr(self, f"u_{name}")
        return conv2d(features, spectrally_normalised(weight, left, self.training))

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        queries, keys = math.prod(input_shape[1:]), math.prod(size // 2 for size in input_shape[1:])
        projections = queries * sum(getattr(self, name).numel() for name in PROJECTIONS)
        return projections + queries * keys * (len(self.query) + len(self.value))

    def kept(self, input_shape: tuple[int, ...]) -> int:
        queries, keys = math.prod(input_shape[1:]), math.prod(size // 2 for size in input_shape[1:])
        return queries * (keys + 2 * input_shape[0])
