"""Kullback–Leibler and Jensen–Shannon divergence between points in the plane, counted in squares, as GAN Lab shows them."""

from __future__ import annotations

import torch

CELLS = 20  # squares to a side of [-1, 1]
LEAST = 0.5  # samples that a square of real ones counts at least among the made ones: of none the divergence would be infinite


def grid_divergences(real: torch.Tensor, fake: torch.Tensor, cells: int = CELLS) -> tuple[float, float]:
    """Return KL(real ‖ fake) and the JS divergence of points (N, 2) and (M, 2), in bits, over cells × cells squares of [-1, 1].

    KL = Σ p log₂ p/q, JS = ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = (p + q) / 2: between 0 and 1. Few samples make both larger than
    the distributions' own: compare with what real samples give against other real ones. What lies outside counts to the
    squares at the border. Raises ValueError for points that are none.
    """
    for points in (real, fake):
        if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not torch.isfinite(points).all():
            raise ValueError(f"points must be finite and (N >= 1, 2), not {tuple(points.shape)}")
    counted = [_counts(points, cells) for points in (real, fake)]
    p, q = (counts / counts.sum() for counts in counted)
    smoothed = torch.where(p > 0, counted[1].clamp(min=LEAST), counted[1])
    middle = (p + q) / 2
    js = (_relative(p, middle) + _relative(q, middle)) / 2
    return max(0.0, _relative(p, smoothed / smoothed.sum())), min(1.0, max(0.0, js))


def _counts(points: torch.Tensor, cells: int) -> torch.Tensor:
    column, row = ((points.double() + 1) * (cells / 2)).long().clamp(0, cells - 1).T
    return torch.bincount(row * cells + column, minlength=cells * cells).double()


def _relative(p: torch.Tensor, q: torch.Tensor) -> float:
    """Return Σ p log₂ p/q over the squares where p is not 0."""
    some = p > 0
    return float((p[some] * (p[some] / q[some]).log2()).sum())
