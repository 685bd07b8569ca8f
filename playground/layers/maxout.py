"""Maxout, the activation of the first GAN's discriminator."""

from __future__ import annotations

import torch
from torch import nn


class Maxout(nn.Module):
    """Keep the largest of each `pieces` neighbouring features: (N, pieces * F) -> (N, F) (Goodfellow 2013, 1302.4389)."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.unflatten(1, (-1, self.pieces)).amax(2)  # (N, F)

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"
