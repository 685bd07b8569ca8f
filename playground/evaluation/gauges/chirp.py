"""How chirps are compared with real ones: MMD² of whole calls, and how rough their pitch and loudness are."""

from __future__ import annotations

import torch

from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.mmd import rbf_mmd2
from playground.samples import Samples


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    return values.float().flatten(1)


def distance(reference: torch.Tensor, rows: torch.Tensor, seed: int) -> float:
    return rbf_mmd2(reference, rows)


def roughness(values: torch.Tensor) -> float:
    """Return how far pitch and loudness (N, T, 2) bend at each step, on average: the mean of |x₍t-1₎ - 2 x₍t₎ + x₍t+1₎|.

    0 of a straight line, about 1.1 of values drawn at random from all over [-1, 1].
    """
    return values.double().diff(n=2, dim=1).abs().mean().item()


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    return {"roughness": roughness(values)}


GAUGE = Gauge(
    name="chirp",
    embed=embed,
    distance=distance,
    title=lambda dataset: "MMD² of calls, RBF kernel",
    figures=figures,
)
