"""Which classes a generator makes, how evenly, and whether they are those asked for."""

from __future__ import annotations

import torch

LEAST_SHARE = 0.1  # of a class's share of the data: below it the class counts as not made


def class_coverage(real: torch.Tensor, made: torch.Tensor) -> tuple[float, float]:
    """Return the share of the data's classes that are made, and KL(made ‖ real) between the shares of the classes.

    `real` (N,) and `made` (M,) are the classes of samples, int64 from 0. A class is made when its share of `made` is at
    least a tenth of its share of `real`. KL = Σ_c p_c log(p_c / q_c), in nats, as for the modes of Stacked MNIST (Metz
    2017, 1611.02163): 0 for equal shares, log C for one of C equal classes, infinite when a class is
    made that the data do not have. Raises ValueError without a sample on either side.
    """
    if not len(real) or not len(made):
        raise ValueError(f"classes need at least one sample on either side, not {len(real)} and {len(made)}")
    size = int(max(real.max(), made.max())) + 1
    shares, wanted = (torch.bincount(labels, minlength=size).double() / len(labels) for labels in (made, real))
    known = wanted > 0
    covered = (shares[known] >= LEAST_SHARE * wanted[known]).double().mean()
    divergence = torch.special.xlogy(shares, shares / wanted)[shares > 0].sum()
    return covered.item(), divergence.item()


def right_class(predicted: torch.Tensor, wanted: torch.Tensor) -> float:
    """Return the share of samples whose predicted class (N,) is the one asked for (N,)."""
    return (predicted == wanted).double().mean().item()
