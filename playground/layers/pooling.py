"""Layers that make a feature map smaller: pooling, blur and stride."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import conv2d

POOLINGS = ("max", "average", "blur", "stride")


class BlurPool(nn.Module):
    """Shrink (N, C, H, W) by `stride` after a blur with [1, 3, 3, 1], which keeps fine patterns from turning into coarse ones.

    R. Zhang 2019, "Making Convolutional Networks Shift-Invariant Again", 1904.11486.
    """

    TAPS = (1 / 8, 3 / 8, 3 / 8, 1 / 8)

    def __init__(self, stride: int = 2) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = (4,), (stride,), (1,)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        taps = torch.tensor(self.TAPS, dtype=features.dtype, device=features.device)
        kernel = torch.outer(taps, taps).expand(features.shape[1], 1, 4, 4)
        return conv2d(features, kernel, stride=self.stride[0], padding=1, groups=features.shape[1])


def pool(kind: str, factor: int = 2) -> list[nn.Module]:
    """Make the module that shrinks a map by `factor`, in a list; an empty one for `stride`, which is the convolution's."""
    if kind == "stride":
        return []
    return [{"max": nn.MaxPool2d, "average": nn.AvgPool2d, "blur": BlurPool}[kind](factor)]
