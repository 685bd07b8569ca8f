"""Holes: regions of the real data in which a generator makes next to nothing.

A real row is covered when a made one lies within the distance to its 5th nearest other real row (Naeem 2020, 2002.09797,
section 3). Even real rows leave some uncovered, about 1 in 2⁵, and by chance several in one place. So the real rows are grouped
by k-means into regions of about 40, and a region is a hole when at least half of it is uncovered and that is, by three
standard deviations, more than as many held-out real rows leave uncovered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from playground.evaluation.layout import one_thread
from playground.evaluation.manifold import covered

NEIGHBOURS = 5
REGION, MOST_REGIONS = 40, 25  # real rows of a region, on average; more regions only cut the same modes into pieces
HALF = 0.5  # of a hole's real rows are uncovered, at least
DEVIATIONS = 3.0
COLUMNS = 128  # as many as the widest feature net has
SMALLEST = 5  # uncovered rows of a hole: fewer are no region


@dataclass(frozen=True, eq=False)
class Hole:
    """A region of the real data that is missing among made ones.

    `rows` (n,) are its uncovered real rows, `size` how many real ones the region has, `missing` the uncovered share of them and
    `expected` the share that held-out real rows leave uncovered, there or on average, whichever is more.
    """

    rows: np.ndarray
    size: int
    missing: float
    expected: float


@dataclass(frozen=True, eq=False)
class Coverage:
    """Which real rows are covered by made ones, bool (N,), the share of them, and the share that held-out real rows cover."""

    covered: np.ndarray
    floor: float
    holes: tuple[Hole, ...]

    @property
    def share(self) -> float:
        return float(self.covered.mean())


def coverage(real: torch.Tensor, made: torch.Tensor, other: torch.Tensor, seed: int = 0) -> Coverage:
    """Find which of the real rows (N, F) are covered by made ones (M, F), and where they are not: the largest hole first.

    `other` (M', F) are held-out real rows, the floor; of the two sides as many are taken, for more cover more.
    Raises ValueError as `manifold.covered`.
    """
    count = min(len(made), len(other))
    real, made, other = _shortened(real, made, other)
    ours, floor = (covered(real, rows[:count], NEIGHBOURS).numpy() for rows in (made, other))
    regions = _regions(real.numpy(), seed)
    found = [_hole(np.flatnonzero(regions == region), ours, floor) for region in range(regions.max() + 1)]
    holes = sorted(filter(None, found), key=lambda hole: -len(hole.rows))
    return Coverage(ours, float(floor.mean()), tuple(holes))


def _shortened(real: torch.Tensor, *others: torch.Tensor) -> list[torch.Tensor]:
    """Bring rows of many columns, as pixels are, to the principal ones of the real rows: distances take a tenth of the time."""
    from sklearn.decomposition import PCA  # takes a second to import

    if min(real.shape) <= COLUMNS:
        return [real, *others]
    with one_thread():
        axes = PCA(COLUMNS, svd_solver="full").fit(real.numpy())
        return [torch.from_numpy(axes.transform(rows.numpy())) for rows in (real, *others)]


def _hole(members: np.ndarray, ours: np.ndarray, floor: np.ndarray) -> Hole | None:
    if not len(members):
        return None
    missing = members[~ours[members]]
    expected = max(1 - floor.mean(), 1 - floor[members].mean())
    chance = DEVIATIONS * math.sqrt(expected * (1 - expected) / len(members))
    share = len(missing) / len(members)
    if len(missing) < SMALLEST or share < HALF or share <= expected + chance:
        return None
    return Hole(missing, len(members), share, float(expected))


def _regions(real: np.ndarray, seed: int) -> np.ndarray:
    """Group rows (N, F) into regions: the number of each one's, (N,)."""
    from sklearn.cluster import KMeans

    distinct = len(np.unique(real, axis=0))
    count = max(1, min(MOST_REGIONS, len(real) // REGION, distinct))
    with one_thread():
        return KMeans(count, n_init=4, random_state=seed).fit_predict(real)
