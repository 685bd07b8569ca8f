"""What the metrics ask of the features they are given, and distances between them."""

from __future__ import annotations

import torch

ROWS = 1024  # of a table of distances at a time: 10,000 × 10,000 float64 would take 800 MB


def check_clouds(*clouds: torch.Tensor, least: int = 2) -> list[torch.Tensor]:
    """Return clouds of features (N, F) in float64.

    Raises ValueError for fewer than `least` rows, for NaN, and for clouds of different numbers of features.
    """
    for cloud in clouds:
        if cloud.ndim != 2 or len(cloud) < least or not torch.isfinite(cloud).all():
            raise ValueError(f"features must be finite and (N >= {least}, F), not {tuple(cloud.shape)}")
    if len({cloud.shape[1] for cloud in clouds}) > 1:
        raise ValueError(f"clouds must have as many features as each other, not {[cloud.shape[1] for cloud in clouds]}")
    return [cloud.double() for cloud in clouds]


def distances(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Return the Euclidean distances (N, M) of (N, F) and (M, F), exactly 0 for equal rows."""
    return torch.cdist(first, second, compute_mode="donot_use_mm_for_euclid_dist")
