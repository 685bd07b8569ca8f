"""The kernel distance between two clouds of features, KID (Bińkowski 2018, 1801.01401)."""

from __future__ import annotations

import torch

from playground.evaluation._clouds import check_clouds


def kernel_distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return the unbiased squared MMD of features (N, F) and (M, F) with the kernel k(x, y) = (x·y / F + 1)³.

    Σ_{i≠j} k(x_i, x_j) / N(N-1) + Σ_{i≠j} k(y_i, y_j) / M(M-1) - 2 Σ k(x_i, y_j) / NM, in float64. Its mean over draws
    from one distribution is 0 at any count, so a single value may fall below 0; for one cloud against itself it does.
    Raises ValueError for fewer than two rows or NaN.
    """
    first, second = check_clouds(first, second)
    within = sum(_off_diagonal_mean(_kernel(cloud, cloud)) for cloud in (first, second))
    return (within - 2 * _kernel(first, second).mean()).item()


def _kernel(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    return (first @ second.mT / first.shape[1] + 1) ** 3  # (N, M)


def _off_diagonal_mean(square: torch.Tensor) -> torch.Tensor:
    return (square.sum() - square.trace()) / (len(square) * (len(square) - 1))
