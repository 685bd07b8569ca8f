"""The course of a run as columns of numbers for the curves."""

from __future__ import annotations

from typing import Any

import numpy as np

COLUMNS = (
    "step", "seconds", "loss_discriminator", "loss_generator", "logit_real", "logit_fake", "separation",
    "gradient_discriminator", "gradient_generator", "quality", "quality_floor", "quality_untrained",
)  # fmt: skip
MAX_POINTS, MAX_MEASURED = 300, 60


def curves(history: list[dict]) -> dict[str, list[Any]]:
    """Turn a history into columns of at most `MAX_POINTS` numbers; None where a value is missing."""
    needed = ("step", "seconds", "loss_discriminator")  # a file's history may lack anything
    known = [record for record in history if all(record[column] is not None for column in needed)]
    chosen = set(_even(len(known), MAX_POINTS - MAX_MEASURED))
    measured = [index for index, record in enumerate(known) if record.get("quality") is not None]
    chosen |= {measured[index] for index in _even(len(measured), MAX_MEASURED)}  # few, and each of them counts
    return {column: [_short(known[index].get(column)) for index in sorted(chosen)] for column in COLUMNS}


def _even(count: int, limit: int) -> list[int]:
    """Return at most `limit` of `count` places, evenly spread, the last one among them."""
    return [round(place) for place in np.linspace(0, count - 1, min(count, limit))] if count else []


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
