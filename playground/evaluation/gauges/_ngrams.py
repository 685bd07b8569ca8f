"""What texts and melodies are measured by: how often things come up, and how many of them are different or new."""

from __future__ import annotations

import torch

from playground.samples import Samples


def jensen_shannon(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return JS(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½ (p + q), in bits, of how often values come up: 0 alike, 1 disjoint."""
    kinds, which = torch.cat([first, second]).unique(return_inverse=True)
    counts = [torch.bincount(part, minlength=len(kinds)).double() for part in which.split([len(first), len(second)])]
    shares = [count / count.sum().clamp(min=1) for count in counts]
    middle = (shares[0] + shares[1]) / 2
    return sum((share * (share / middle).log2()).nan_to_num(0).sum().item() / 2 for share in shares)


def variety(values: torch.Tensor, training: Samples) -> dict[str, float]:
    """Return of tokens (N, T) the shares of different rows, of those not in the training data, and of the commonest one."""
    rows, counts = values.unique(dim=0, return_counts=True)
    known = {row.tobytes() for row in training.values.numpy()}
    new = sum(row.tobytes() not in known for row in values.numpy())
    return {"unique": len(rows) / len(values), "new": new / len(values), "commonest": counts.max().item() / len(values)}
