"""The sheet of samples: of a conditional model a table with a row a class."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from playground.experiment import Experiment
from playground.model import SHEET_CLASSES, SHEET_COLUMNS, SHEET_COUNT, SHEET_SEED
from playground.samples import Samples
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


def real_pictures(experiment: Experiment, samples: Samples) -> np.ndarray:
    """Return real samples as the sheet lays out generated ones, uint8 (N, H, W, C): a row a class, or some at random."""
    if columns := sheet_columns(experiment):
        members = [(samples.labels == label).nonzero()[:, 0] for label in range(min(experiment.num_classes, SHEET_CLASSES))]
        chosen = torch.cat([own[torch.arange(columns) % len(own)] for own in members if len(own)])
    else:
        chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(SHEET_SEED))[:SHEET_COUNT]
    return samples.values[chosen].permute(0, 2, 3, 1).contiguous().numpy()
