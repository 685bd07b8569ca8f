"""Orders to look at channels in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from playground.config import shorten


def activity(channels: np.ndarray) -> np.ndarray:
    """Order channels (C, values) by mean absolute value, strongest first."""
    return np.argsort(-np.abs(channels).mean(1), kind="stable")


def variance(channels: np.ndarray) -> np.ndarray:
    """Order channels (C, values) by the variance of their values, largest first."""
    return np.argsort(-channels.var(1), kind="stable")


def similarity(channels: np.ndarray) -> np.ndarray:
    """Put channels (C, values) beside those they look like: from the most active one always to the most correlated left.

    A channel that is the same everywhere resembles none. Channels of one value each are ordered by it.
    """
    count, size = channels.shape
    if size == 1:
        return np.argsort(-channels[:, 0], kind="stable")
    centred = channels - channels.mean(1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    centred = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    alike = centred @ centred.T  # correlations
    left = np.ones(count, bool)
    order = [int(activity(channels)[0])]
    left[order[0]] = False
    while len(order) < count:
        order.append(int(np.where(left, alike[order[-1]], -np.inf).argmax()))
        left[order[-1]] = False
    return np.array(order)


ORDERS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "number": lambda channels: np.arange(len(channels)),
        "activity": activity,
        "variance": variance,
        "similarity": similarity,
    }
)


def channel_order(channels: np.ndarray, by: str) -> np.ndarray:
    """Order channels (C, values) by a name of ORDERS: their numbers, int64 (C,). What is not finite counts as 0.

    Raises ValueError for an unknown name.
    """
    if by not in ORDERS:
        raise ValueError(f"unknown order {shorten(by)}; choose from: {', '.join(ORDERS)}")
    return ORDERS[by](np.nan_to_num(channels.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0))
