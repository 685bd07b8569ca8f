"""The sheet of samples: of a conditional model a table with a row a class."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.experiment import Experiment
from playground.model import SHEET_COLUMNS
from playground.ui.views.image import sprite_json


def sheet(experiment: Experiment, pictures: np.ndarray, step: int, label: int | None = None) -> dict[str, Any]:
    """Describe the sheet's pictures, uint8 (N, H, W, C), which show every class or class `label` alone."""
    columns = sheet_columns(experiment, label)
    names = class_names(experiment)
    return {
        "sprite": sprite_json(pictures, columns),
        "caption": f"{experiment.architecture} · {experiment.dataset} · step {step:,}",
        "step": step,
        "classes": names,
        "rows": names[: len(pictures) // columns] if columns else [],
        "label": label,
    }


def sheet_columns(experiment: Experiment, label: int | None = None) -> int | None:
    """Return how many columns the sheet has, or None where it is about as wide as high."""
    return SHEET_COLUMNS if experiment.num_classes and label is None else None


def class_names(experiment: Experiment) -> list[str]:
    """Return the names of the classes that the networks tell apart, none where they know of none."""
    return list(experiment.spec.classes[: experiment.num_classes])
