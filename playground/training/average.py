"""The exponential moving average of the generator, from which all pictures are made (Yazici 2019, 1806.04498)."""

from __future__ import annotations

import copy

import torch
from torch import nn

WARM_UP = 0.05  # the half-life is at most this share of the images seen, as in StyleGAN2-ADA: a short run is averaged too


class Average:
    """Keep a moving average of a network's parameters, with a copy of its buffers (batch-norm statistics)."""

    def __init__(self, network: nn.Module, half_life: int) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.half_life = half_life
        self._averaged = list(self.network.parameters())
        self._live = [parameter.detach() for parameter in network.parameters()]
        self._buffers = list(zip(self.network.buffers(), network.buffers(), strict=True))

    @torch.no_grad()
    def update(self, samples_seen: int, batch_size: int) -> None:
        """Move towards the live weights; the half-life is in samples and grows with `samples_seen`."""
        half_life = min(self.half_life, WARM_UP * samples_seen)
        keep = 0.5 ** (batch_size / half_life) if half_life > 0 else 0.0
        torch._foreach_lerp_(self._averaged, self._live, 1 - keep)

    def copy_buffers(self) -> None:
        """Take over the live network's buffers; done before the average is used rather than at every step."""
        for averaged, live in self._buffers:
            averaged.copy_(live)
