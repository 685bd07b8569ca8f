"""What one sample of a data set is, and a set of them in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class SampleSpec:
    """Describe a sample: its kind, its shape without the batch, and the names of its classes (if it has any).

    The shape is that which the networks see: of an image (channels, height, width), of a point (2,), of a text or a melody
    (steps, tokens), of a series (steps, values), of a sound (1, length), of a video (frames, channels, height, width).
    `vocabulary` names the tokens, where a sample is made of some; `rate` counts steps, frames or values a second, where
    a sample has a duration.
    """

    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    rate: float = 0.0


@dataclass(frozen=True)
class Samples:
    """Hold a whole data set in memory.

    `values` are uint8 (N, C, H, W) for images, in the form that its file in `kinds` gives for others; `labels` is
    int64 (N,), or None where there are no classes.
    """

    spec: SampleSpec
    values: torch.Tensor
    labels: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.values)

    def check(self, wanted: SampleSpec) -> None:
        """Raise ValueError unless these are samples of the kind and shape of `wanted`."""
        if (self.spec.kind, self.spec.shape) != (wanted.kind, wanted.shape):
            given, needed = f"{self.spec.kind}, {self.spec.shape}", f"kind {wanted.kind} and shape {wanted.shape}"
            raise ValueError(f"samples must be of {needed}, as the model's, not {given}")


def to_unit(values: torch.Tensor) -> torch.Tensor:
    """Map uint8 pixels in [0, 255] to float32 in [-1, 1]."""
    return values.float().mul_(2 / 255).sub_(1)


def to_pixels(values: torch.Tensor) -> np.ndarray:
    """Map images (N, C, H, W) in [-1, 1] to uint8 pixels (N, H, W, C). NaN becomes 0."""
    scaled = values.detach().float().add(1).mul(127.5).nan_to_num(0).clamp(0, 255).round()
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
