"""Texts, measured by which tokens follow each other: exact, with no network in between."""

from __future__ import annotations

import torch
from torch.nn.functional import one_hot, pad

from playground.evaluation.gauges._gauge import Gauge
from playground.kinds.tokens import END, cut
from playground.samples import Samples

MAX_VOCABULARY = 64  # columns for each place of a text in `embed`
# Lengths of the n-grams. The distance by these ranks checkpoints as the number of different valid sentences among 1,000 does
# (Spearman 0.98 over 22 of them; with single tokens 0.97, by those alone 0.90), and is not yet swamped by chance.
ORDERS = (2, 3, 4)
START = MAX_VOCABULARY  # stands before each text, so that what begins one counts too
BASE = MAX_VOCABULARY + 1


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    """Return texts, int64 (N, T), as one-hot rows (N, T * 64): squared distances are twice the number of other tokens.

    Raises ValueError for a token beyond the 64 that there is room for.
    """
    if values.numel() and not 0 <= int(values.min()) <= int(values.max()) < MAX_VOCABULARY:
        raise ValueError(f"tokens must be between 0 and {MAX_VOCABULARY - 1}, not {int(values.max())}")
    return one_hot(cut(values.long()), MAX_VOCABULARY).float().flatten(1)


def divergence(reference: torch.Tensor, rows: torch.Tensor, seed: int = 0) -> float:
    """Return the mean Jensen–Shannon divergence, from 0 to 1, of how often n-grams of 2 to 4 tokens come up.

    Both are rows of `embed`. n-grams run from before the first token to the end of a text, which is a token too: so
    beginnings, endings and lengths count. Nothing is drawn, whatever the `seed`.
    """
    real, made = (row.unflatten(1, (-1, MAX_VOCABULARY)).argmax(2) for row in (reference, rows))
    return sum(jensen_shannon(ngrams(real, n), ngrams(made, n)) for n in ORDERS) / len(ORDERS)


def ngrams(values: torch.Tensor, n: int) -> torch.Tensor:
    """Return every run of `n` tokens of texts (N, T), each as one whole number, in any order."""
    framed = pad(pad(values, (1, 0), value=START), (0, 1), value=END)  # (N, T + 2): a text that fills all places ends as well
    windows = framed.unfold(1, n, 1)  # (N, T + 3 - n, n)
    last = torch.arange(n - 1, framed.shape[1])  # where each window ends
    within = (last <= 1 + values.ne(END).sum(1, keepdim=True)) & (windows[:, :, -1] != START)
    return (windows[within] * BASE ** torch.arange(n)).sum(1)


def jensen_shannon(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return JS(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½ (p + q), in bits, of how often values come up: 0 alike, 1 disjoint."""
    kinds, which = torch.cat([first, second]).unique(return_inverse=True)
    counts = [torch.bincount(part, minlength=len(kinds)).double() for part in which.split([len(first), len(second)])]
    shares = [count / count.sum().clamp(min=1) for count in counts]
    middle = (shares[0] + shares[1]) / 2
    return sum((share * (share / middle).log2()).nan_to_num(0).sum().item() / 2 for share in shares)


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    """Return the shares of different texts, of new ones and of the commonest one, and the mean length in tokens."""
    texts, counts = values.unique(dim=0, return_counts=True)
    known = {row.tobytes() for row in training.values.numpy()}
    new = sum(row.tobytes() not in known for row in values.numpy())
    return {
        "unique": len(texts) / len(values),
        "new": new / len(values),
        "commonest": counts.max().item() / len(values),
        "length": values.ne(END).sum(1).double().mean().item(),
    }


GAUGE = Gauge(
    name="tokens",
    embed=embed,
    distance=divergence,
    title=lambda dataset: "divergence of n-grams",
    figures=figures,
)
