"""Between films (N, T, …) and their frames one by one (N·T, …), which layers for single pictures take."""

from __future__ import annotations

import torch
from torch import nn


class EachFrame(nn.Module):
    """Take films apart: (N, T, …) -> (N·T, …). What follows treats every frame alike, as a picture of its own."""

    def forward(self, films: torch.Tensor) -> torch.Tensor:
        return films.flatten(0, 1)


class Frames(nn.Module):
    """Put frames together to films again: (N·T, …) -> (N, T, …)."""

    def __init__(self, num_frames: int) -> None:
        super().__init__()
        self.num_frames = num_frames

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        return frames.unflatten(0, (-1, self.num_frames))

    def extra_repr(self) -> str:
        return f"{self.num_frames}"
