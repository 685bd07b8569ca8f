"""The course of a run as columns of numbers for the curves."""

from __future__ import annotations

from typing import Any

import numpy as np

COLUMNS = ("step", "seconds", "loss_discriminator", "loss_generator", "logit_real", "logit_fake")
MAX_POINTS = 240


def curves(history: list[dict]) -> dict[str, list[Any]]:
    """Turn a history into columns of at most `MAX_POINTS` numbers; None where a value is missing."""
    needed = ("step", "seconds", "loss_discriminator")  # a file's history may lack anything
    known = [record for record in history if all(record[column] is not None for column in needed)]
    if len(known) > MAX_POINTS:
        known = [known[round(index)] for index in np.linspace(0, len(known) - 1, MAX_POINTS)]
    return {column: [_short(record[column]) for record in known] for column in COLUMNS}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
