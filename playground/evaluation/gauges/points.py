"""Points are compared as they are: nothing has to be embedded."""

from __future__ import annotations

import torch

from playground.evaluation.divergences import CELLS, grid_divergences
from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.wasserstein import sliced_wasserstein
from playground.samples import Samples

REAL = 5000  # real samples that others are compared with


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    return values.float()


def distance(reference: torch.Tensor, rows: torch.Tensor, seed: int) -> float:
    return sliced_wasserstein(reference, rows, torch.Generator().manual_seed(seed))


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    kl, js = grid_divergences(training.values[:REAL], values)
    return {f"KL(real‖made), {CELLS}×{CELLS} squares, bits": kl, f"JS, {CELLS}×{CELLS} squares, bits": js}


GAUGE = Gauge(
    name="points",
    embed=embed,
    distance=distance,
    title=lambda dataset: "sliced Wasserstein of points",
    figures=figures,
    order=2,
)
