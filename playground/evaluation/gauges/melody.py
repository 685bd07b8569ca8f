"""Melodies, measured by which tokens follow each other: exact, with no network in between."""

from __future__ import annotations

import torch
from torch.nn.functional import pad

from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.gauges._ngrams import jensen_shannon, mean_divergence, to_rows, variety
from playground.samples import Samples

MAX_VOCABULARY = 32  # columns for each step in `embed`
START, END = MAX_VOCABULARY, MAX_VOCABULARY + 1  # stand around each melody, so that how one begins and ends counts too
BASE = MAX_VOCABULARY + 2


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    """Return melodies, int64 (N, T), as one-hot rows (N, T * 32). Raises ValueError for a token from 32 on."""
    return to_rows(values, MAX_VOCABULARY)


def divergence(reference: torch.Tensor, rows: torch.Tensor, seed: int = 0) -> float:
    """Return the mean divergence of n-grams of 2 to 4 tokens, up to a bar's length. Nothing is drawn, whatever the `seed`."""
    return mean_divergence(reference, rows, MAX_VOCABULARY, ngrams)


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
