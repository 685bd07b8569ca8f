"""How series are compared with real ones: MMD² of whole series, autocorrelation, and a classifier that tells them apart."""

from __future__ import annotations

import torch

from playground.evaluation.discriminative import discriminative_score
from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.mmd import rbf_mmd2
from playground.samples import Samples

LAGS = 16  # at most half the series: further apart too few pairs are left


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    return values.float().flatten(1)


def distance(reference: torch.Tensor, rows: torch.Tensor, seed: int) -> float:
    return rbf_mmd2(reference, rows)


def autocorrelation(values: torch.Tensor, lags: int) -> torch.Tensor:
    """Return, for lags 0 to `lags`, how each value (N, T, C) goes with itself so many steps later: (lags + 1, C).

    Σ x_t x_{t+k} / Σ x_t², about the mean of all, over all series, divided by the share of steps that have a partner.
    """
    centred = values.double() - values.double().mean((0, 1))
    steps = values.shape[1]
    power = centred.square().mean((0, 1)).clamp(min=1e-12)
    return torch.stack([(centred[:, : steps - k] * centred[:, k:]).mean((0, 1)) / power for k in range(lags + 1)])


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    """Return the mean absolute difference in autocorrelation from the training series, and the discriminative score."""
    lags = min(LAGS, values.shape[1] // 2)
    gap = autocorrelation(values, lags) - autocorrelation(training.values, lags)
    real = training.values[torch.randperm(len(training), generator=torch.Generator().manual_seed(0))[: len(values)]]
    return {
        "autocorrelation difference": gap[1:].abs().mean().item(),
        "discriminative score": discriminative_score(real, values),
    }


GAUGE = Gauge(
    name="series",
    embed=embed,
    distance=distance,
    title=lambda dataset: "MMD² of series, RBF kernel",
    figures=figures,
    order=5,
)
