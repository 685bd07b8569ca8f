"""The nearest training sample of each made one: is the generator copying what it was shown?"""

from __future__ import annotations

import torch

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
