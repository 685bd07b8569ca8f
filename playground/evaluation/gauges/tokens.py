"""Texts, measured by which tokens follow each other: exact, with no network in between."""

from __future__ import annotations

import torch
from torch.nn.functional import pad

from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.gauges._ngrams import mean_divergence, to_rows, variety
from playground.kinds.tokens import END, cut
from playground.samples import Samples

MAX_VOCABULARY = 64  # columns for each place of a text in `embed`
START = MAX_VOCABULARY  # stands before each text, so that what begins one counts too
BASE = MAX_VOCABULARY + 1


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    """Return texts, int64 (N, T), as one-hot rows (N, T * 64). Raises ValueError for a token from 64 on."""
    return to_rows(cut(values), MAX_VOCABULARY)


def divergence(reference: torch.Tensor, rows: torch.Tensor, seed: int = 0) -> float:
    """Return the mean Jensen–Shannon divergence, from 0 to 1, of how often n-grams of 2 to 4 tokens come up.

    The end is a token too, so that beginnings, endings and lengths count. Nothing is drawn, whatever the `seed`.
    """
    return mean_divergence(reference, rows, MAX_VOCABULARY, ngrams)


def ngrams(values: torch.Tensor, n: int) -> torch.Tensor:
    """Return every run of `n` tokens of texts (N, T), each as one whole number, in any order."""
    framed = pad(pad(values, (1, 0), value=START), (0, 1), value=END)  # (N, T + 2): a text that fills all places ends as well
    windows = framed.unfold(1, n, 1)  # (N, T + 3 - n, n)
    last = torch.arange(n - 1, framed.shape[1])  # where each window ends
    within = (last <= 1 + values.ne(END).sum(1, keepdim=True)) & (windows[:, :, -1] != START)
    return (windows[within] * BASE ** torch.arange(n)).sum(1)


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    """Return the shares of different texts, of new ones and of the commonest one, and the mean length in tokens."""
    return variety(values, training) | {"length": values.ne(END).sum(1).double().mean().item()}


GAUGE = Gauge(
    name="tokens",
    embed=embed,
    distance=divergence,
    title=lambda dataset: "divergence of n-grams",
    figures=figures,
)
