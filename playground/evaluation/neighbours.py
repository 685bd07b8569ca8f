"""The nearest training sample of each made one: is the generator copying what it was shown?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from playground.evaluation.features import feature_net, features
from playground.samples import Samples

PIECES = 512  # training images between two reports
QUERIES, ROWS = 1024, 8192  # of a table of distances at a time: 32 MB


def nearest_neighbours(
    queries: torch.Tensor, training: torch.Tensor, own: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return for each query the row of its nearest training sample and the Euclidean distance to it.

    `queries` (N, F) and `training` (M, F), floats or uint8 pixels; the rows are int64 (N,), the distances float64 (N,).
    `own` (N,) names the training row that a query is, which is left out: how far a training sample is from the others.
    """
    if training.ndim != 2 or queries.ndim != 2 or len(training) < (1 if own is None else 2):
        raise ValueError(f"neighbours are sought among (M, F), not {tuple(training.shape)}")
    pieces = [torch.arange(len(queries))[start : start + QUERIES] for start in range(0, len(queries), QUERIES)]
    rows = torch.cat([_nearest_rows(queries[piece], training, None if own is None else own[piece]) for piece in pieces])
    return rows, (queries.double() - training[rows].double()).norm(dim=1)


def _nearest_rows(queries: torch.Tensor, training: torch.Tensor, own: torch.Tensor | None) -> torch.Tensor:
    best, rows = torch.full((len(queries),), torch.inf), torch.zeros(len(queries), dtype=torch.int64)
    for start in range(0, len(training), ROWS):
        piece = training[start : start + ROWS].float()
        # |q - t|² less |q|², which is the same for all rows
        squares = torch.addmm(piece.square().sum(1), queries.float(), piece.mT, alpha=-2)  # (N, rows)
        if own is not None:
            here = (own >= start) & (own < start + len(piece))
            squares[here, own[here] - start] = torch.inf
        nearest, place = squares.min(1)
        rows = torch.where(nearest < best, place + start, rows)
        best = torch.minimum(nearest, best)
    return rows


SEARCHED = 10_000  # training images at most: the features of so many take some seconds
USUAL_OF = 512  # of them, whose own nearest neighbours say how near real images usually are


@dataclass(frozen=True, eq=False)
class TrainingIndex:
    """Hold training images to look among: `values` uint8 (M, C, H, W), their features (M, F) or None where there is no net.

    `of` counts the whole data set. `usual_features` and `usual_pixels` are the median distances of a training image to
    the nearest other one: features as they are, pixels as root mean square differences of pixels from -1 to 1.
    """

    dataset: str
    values: torch.Tensor
    features: torch.Tensor | None
    of: int
    usual_features: float | None
    usual_pixels: float


@dataclass(frozen=True, eq=False)
class Nearest:
    """Hold the nearest training images of N samples: `rows` int64 (N, k) of the index, and their distances (N, k)."""

    rows: torch.Tensor
    features: torch.Tensor | None
    pixels: torch.Tensor


def index_training(samples: Samples, dataset: str, limit: int = SEARCHED) -> Iterator[float | TrainingIndex]:
    """Make `limit` of the training images, drawn once for all, ready to look among; yield the share done, then the index.

    Raises ValueError for fewer than two images.
    """
    if len(samples) < 2 or limit < 2:
        raise ValueError(f"neighbours are sought among at least 2 training images, not {min(limit, len(samples))}")
    chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))[:limit]
    values, rows = samples.values[chosen], None
    if feature_net(dataset) is not None:
        pieces = []
        for piece in values.split(PIECES):
            pieces.append(features(piece, dataset))
            yield len(pieces) * PIECES / (len(values) + PIECES)
        rows = torch.cat(pieces)
    flat = values.flatten(1)
    own = torch.arange(min(USUAL_OF, len(values)))
    usual = None if rows is None else nearest_neighbours(rows[own], rows, own)[1].median().item()
    usual_pixels = nearest_neighbours(flat[own], flat, own)[1].median().item() * _to_rms(flat.shape[1])
    yield TrainingIndex(dataset, values, rows, len(samples), usual, usual_pixels)


def nearest_training(images: np.ndarray, index: TrainingIndex, k: int = 6) -> Nearest:
    """Find the `k` nearest training images of each of `images`, uint8 (N, H, W, C): by features, without a net by pixels.

    Distances are in the units of the index. Raises ValueError for images of another shape.
    """
    values = torch.from_numpy(images).permute(0, 3, 1, 2)
    if values.shape[1:] != index.values.shape[1:]:
        raise ValueError(f"images must be of the training images' shape, not {tuple(images.shape[1:])}")
    by_features = index.features is not None
    queries = features(values, index.dataset) if by_features else values.flatten(1).float()
    cloud = index.features if by_features else index.values.flatten(1).float()
    rows = torch.cdist(queries, cloud).topk(min(k, len(cloud)), largest=False).indices  # (N, k)
    apart = torch.stack([(queries[n] - cloud[row]).norm(dim=1) for n, row in enumerate(rows)])
    differences = index.values[rows].flatten(2).float() - values.flatten(1)[:, None].float()  # (N, k, P)
    pixels = differences.norm(dim=2) * _to_rms(differences.shape[2])
    return Nearest(rows, apart if by_features else None, pixels)


def _to_rms(num_pixels: int) -> float:
    """Return what turns the Euclidean distance of uint8 images into the root mean square of pixels from -1 to 1."""
    return 2 / 255 / num_pixels**0.5
