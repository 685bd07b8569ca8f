"""How easily a classifier trained afterwards tells made series from real ones (TimeGAN's idea: Yoon 2019, section 5.2)."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import conv1d

SEED, KERNELS, LENGTH = 0, 240, 7  # random kernels, and the values that each spans
DILATIONS = (1, 2, 3)
RIDGE = 1.0  # on features of unit variance


def discriminative_score(real: torch.Tensor, made: torch.Tensor, seed: int = SEED) -> float:
    """Return held-out accuracy - ½ of a classifier between real and made series (N, T, C): 0 indistinguishable, ½ always told.

    As many of either are taken; half of them train, the other half are judged, so that by chance it scatters around 0 by
    ½ / √N. TimeGAN trains a recurrent network of two layers, which takes minutes; here random convolutions give the largest
    value and the share of positive ones (Dempster 2020, 1910.13051), and least squares with a ridge tells them
    apart. Its figures compare with themselves only. Raises ValueError for fewer than four series of either.
    """
    count = min(len(real), len(made)) // 2 * 2
    if count < 4:
        raise ValueError(f"it takes at least 4 series of either sort to tell them apart, not {len(real)} and {len(made)}")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    rows = torch.cat([part.float().nan_to_num(0).clamp(-1e3, 1e3)[:count][order] for part in (real, made)])
    features = _random_features(rows, seed)
    target = torch.cat([torch.ones(count), -torch.ones(count)]).double()
    train = (torch.arange(2 * count) % count) < count // 2
    weights, middle, spread = _ridge(features[train], target[train])
    told = ((features[~train] - middle) / spread) @ weights
    return ((told > 0) == (target[~train] > 0)).double().mean().item() - 0.5


def _random_features(series: torch.Tensor, seed: int) -> torch.Tensor:
    """Return the largest value and the share of positive ones under each random kernel: float64 (N, 2 · KERNELS)."""
    random = torch.Generator().manual_seed(seed + 1)
    series = series.mT  # (N, C, T)
    found = []
    for dilation in DILATIONS:
        if (LENGTH - 1) * dilation >= series.shape[2]:
            continue
        kernels = torch.randn(KERNELS // len(DILATIONS), series.shape[1], LENGTH, generator=random)
        kernels = kernels - kernels.mean((1, 2), keepdim=True)
        bias = torch.rand(len(kernels), generator=random) * 2 - 1
        answers = conv1d(series, kernels / math.sqrt(kernels[0].numel()), bias / 4, dilation=dilation)
        found += [answers.amax(2), (answers > 0).float().mean(2)]
    return torch.cat([series.flatten(1), *found], 1).double()


def _ridge(features: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Fit `target` (N,) by the columns of (N, F), brought to mean 0 and variance 1; returns weights, means and spreads."""
    middle, spread = features.mean(0), features.std(0).clamp(min=1e-6)
    scaled = (features - middle) / spread
    square = scaled.mT @ scaled + RIDGE * len(scaled) ** 0.5 * torch.eye(scaled.shape[1], dtype=scaled.dtype)
    return torch.linalg.solve(square, scaled.mT @ target), middle, spread
