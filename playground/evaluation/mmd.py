"""The squared maximum mean discrepancy between two clouds (Gretton 2012, JMLR 13:723)."""

from __future__ import annotations

import math

import torch

from playground.evaluation._clouds import check_clouds

NEIGHBOURLY = 1000  # rows among which the median distance is sought


def rbf_mmd2(reference: torch.Tensor, other: torch.Tensor) -> float:
    """Return MMD² of clouds (N, F) and (M, F) with the kernel k(x, y) = exp(-|x - y|² / 2σ²), never below 0.

    Mean k(x, x') + mean k(y, y') - 2 mean k(x, y), with the pairs of a row with itself, so that it is a distance; of two
    draws of N from one distribution it is about 2 (1 - E k) / N. σ is the median distance in `reference` alone, so that
    the measure stays the same while `other` changes. In float64.
    Raises ValueError for fewer than two rows or NaN.
    """
    reference, other = check_clouds(reference, other)
    scale = 2 * median_distance(reference) ** 2
    within = _mean(reference, reference, scale) + _mean(other, other, scale)
    return max(0.0, within - 2 * _mean(reference, other, scale))


def median_distance(cloud: torch.Tensor) -> float:
    """Return the median distance between different rows of (N, F), of the first 1,000; 1 where all are alike."""
    gaps = torch.nn.functional.pdist(cloud[:NEIGHBOURLY])
    return (gaps.median().item() if len(gaps) else 0.0) or 1.0


def _mean(first: torch.Tensor, second: torch.Tensor, scale: float) -> float:
    gaps = first.square().sum(1)[:, None] + second.square().sum(1) - 2 * first @ second.mT
    value = gaps.clamp_(min=0).mul_(-1 / scale).exp_().mean().item()
    return value if math.isfinite(value) else 0.0
