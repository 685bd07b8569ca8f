"""Melodies, measured by which tokens follow each other: exact, with no network in between."""

from __future__ import annotations

import torch
from torch.nn.functional import one_hot, pad

from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.gauges._ngrams import jensen_shannon, variety
from playground.samples import Samples

ORDERS = (1, 2, 3, 4)  # lengths of the n-grams: four steps are a bar
MAX_VOCABULARY = 32  # columns for each step in `embed`
START, END = MAX_VOCABULARY, MAX_VOCABULARY + 1  # stand around each melody, so that how one begins and ends counts too
BASE = MAX_VOCABULARY + 2


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    """Return melodies, int64 (N, T), as one-hot rows (N, T * 32): squared distances are twice the number of other tokens.

    Raises ValueError for a token beyond the 32 that there is room for.
    """
    for token in (int(values.min()), int(values.max())) if values.numel() else ():
        if not 0 <= token < MAX_VOCABULARY:
            raise ValueError(f"tokens must be between 0 and {MAX_VOCABULARY - 1}, not {token}")
    return one_hot(values.long(), MAX_VOCABULARY).float().flatten(1)


def divergence(reference: torch.Tensor, rows: torch.Tensor, seed: int = 0) -> float:
    """Return the mean Jensen–Shannon divergence, from 0 to 1, of how often n-grams of 1 to 4 tokens come up.

    Both are rows of `embed`. Nothing is drawn, whatever the `seed`.
    """
    real, made = (row.unflatten(1, (-1, MAX_VOCABULARY)).argmax(2) for row in (reference, rows))
    return sum(jensen_shannon(ngrams(real, n), ngrams(made, n)) for n in ORDERS) / len(ORDERS)


def ngrams(values: torch.Tensor, n: int) -> torch.Tensor:
    """Return every run of `n` tokens of melodies (N, T), each as one whole number, in any order.

    Single tokens are those of the melodies; longer runs go from before the first to after the last.
    """
    framed = pad(pad(values, (1, 0), value=START), (0, 1), value=END) if n > 1 else values
    return (framed.unfold(1, n, 1) * BASE ** torch.arange(n)).sum(2).flatten()


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    """Return the divergence of pairs of tokens from the training data, and the shares of different and of new melodies."""
    real = training.values[torch.randperm(len(training), generator=torch.Generator().manual_seed(0))[: len(values)]]
    return {"bigram divergence": jensen_shannon(ngrams(real, 2), ngrams(values, 2))} | variety(values, training)


GAUGE = Gauge(
    name="melody",
    embed=embed,
    distance=divergence,
    title=lambda dataset: "divergence of n-grams",
    figures=figures,
)
