"""The Fréchet distance between two clouds of features (Heusel 2017, 1706.08500; Dowson & Landau 1982)."""

from __future__ import annotations

import torch

from playground.evaluation._clouds import check_clouds


def frechet_distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return |μ1 - μ2|² + tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½) of features (N, F) and (M, F), computed in float64.

    0 means equal Gaussians; there is no upper bound. Raises ValueError for fewer than two rows or NaN.
    """
    (mean1, cov1), (mean2, cov2) = [(cloud.mean(0), torch.cov(cloud.mT)) for cloud in check_clouds(first, second)]
    # tr (Σ1 Σ2)^½ = tr (Σ1^½ Σ2 Σ1^½)^½, whose matrix is symmetric
    values, vectors = torch.linalg.eigh(cov1)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.mT
    cross = torch.linalg.eigvalsh(root @ cov2 @ root).clamp(min=0).sqrt().sum()
    distance = (mean1 - mean2).square().sum() + cov1.trace() + cov2.trace() - 2 * cross
    return max(0.0, distance.item())
