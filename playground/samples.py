"""What one sample of a data set is, and a set of them in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class SampleSpec:
    """Describe a sample: its kind, its shape without the batch, and the names of its classes (if it has any).

    The shape of an image is (channels, height, width).
    """

    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Samples:
    """Hold a whole data set in memory.

    `values` is uint8 (N, C, H, W) for images; `labels` is int64 (N,), or None where there are no classes.
    """

    spec: SampleSpec
    values: torch.Tensor
    labels: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.values)


def to_unit(values: torch.Tensor) -> torch.Tensor:
    """Map uint8 pixels in [0, 255] to float32 in [-1, 1]."""
    return values.float().mul_(2 / 255).sub_(1)


def to_pixels(values: torch.Tensor) -> np.ndarray:
    """Map images (N, C, H, W) in [-1, 1] to uint8 pixels (N, H, W, C). NaN becomes 0."""
    scaled = values.detach().float().add(1).mul(127.5).nan_to_num(0).clamp(0, 255).round()
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
