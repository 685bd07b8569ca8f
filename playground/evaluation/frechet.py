"""The Fréchet distance between two clouds of features (Heusel 2017, 1706.08500; Dowson & Landau 1982)."""

from __future__ import annotations

import math

import torch

from playground.evaluation._clouds import check_clouds


def frechet_distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return |μ1 - μ2|² + tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½) of features (N, F) and (M, F), computed in float64.

    0 means equal Gaussians; there is no upper bound. Raises ValueError for fewer than two rows or NaN.
    """
    first, second = check_clouds(first, second)
    shift = (first.mean(0) - second.mean(0)).square().sum()
    # Σ = RᵀR with R triangular, (min(N, F), F), so that tr (Σ1 Σ2)^½ is the sum of the singular values of R1 R2ᵀ:
    # no root of a matrix is taken, and few rows of many features (Inception's 2,048) cost little
    first, second = (_root(cloud) for cloud in (first, second))
    cross = torch.linalg.svdvals(first @ second.mT).sum()
    distance = shift + first.square().sum() + second.square().sum() - 2 * cross
    return max(0.0, distance.item())


def _root(cloud: torch.Tensor) -> torch.Tensor:
    centred = (cloud - cloud.mean(0)) / math.sqrt(len(cloud) - 1)
    return torch.linalg.qr(centred, mode="r").R
