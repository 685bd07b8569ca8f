"""Fidelity and diversity apart: what lies inside the balls around a cloud's rows that reach to their k-th neighbours."""

from __future__ import annotations

import torch

from playground.evaluation._clouds import ROWS, check_clouds, distances


def precision_recall(real: torch.Tensor, made: torch.Tensor, k: int = 3) -> tuple[float, float]:
    """Return the shares of made rows inside the real manifold and of real rows inside the made one.

    `real` (N, F) and `made` (M, F). A manifold is the union of balls around its rows, each as wide as the distance to
    the row's k-th nearest other row (Kynkäänniemi 2019, 1904.06991, section 2). Both lie in [0, 1], 1 is best.
    Raises ValueError for k or fewer rows or NaN.
    """
    real, made = check_clouds(real, made, least=k + 1)
    return _inside(real, made, k).any(0).double().mean().item(), _inside(made, real, k).any(0).double().mean().item()


def density_coverage(real: torch.Tensor, made: torch.Tensor, k: int = 5) -> tuple[float, float]:
    """Return how many real balls a made row lies in, over k, and the share of real balls with a made row inside.

    `real` (N, F) and `made` (M, F); balls as in `precision_recall`, around real rows only, so that one far made row
    does not inflate anything (Naeem 2020, 2002.09797, section 3). Coverage lies in [0, 1]; density may pass 1, which
    is what it is about for equal distributions. Raises ValueError for k or fewer rows or NaN.
    """
    real, made = check_clouds(real, made, least=k + 1)
    inside = _inside(real, made, k)
    return inside.sum().item() / (k * len(made)), inside.any(1).double().mean().item()


def covered(real: torch.Tensor, made: torch.Tensor, k: int = 5) -> torch.Tensor:
    """Return which real rows (N, F) have one of the made rows (M, F) in their ball, bool (N,): their share is the coverage.

    Balls as in `density_coverage`. Raises ValueError for k or fewer real rows, no made ones, or NaN.
    """
    real, made = check_clouds(real, made, least=1)
    check_clouds(real, least=k + 1)
    return _inside(real, made, k).any(1)


def _inside(centres: torch.Tensor, points: torch.Tensor, k: int) -> torch.Tensor:
    """Return, bool (N, M), which of the points (M, F) lie in which ball around the centres (N, F)."""
    rows = []
    for piece in centres.split(ROWS):
        radii = distances(piece, centres).kthvalue(k + 1, dim=1, keepdim=True).values  # the nearest is the row itself
        rows.append(distances(piece, points) <= radii)
    return torch.cat(rows)
