"""The sheet of samples: of a conditional model a table with a row a class."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from playground.experiment import Experiment
from playground.inspection import step_scores
from playground.kinds import to_network
from playground.model import SHEET_CLASSES, SHEET_COLUMNS, SHEET_COUNT, SHEET_SEED, Model
from playground.samples import Samples
from playground.ui.views.samples import shown


def sheet(model: Model, values: torch.Tensor, step: int, label: int | None = None) -> dict[str, Any]:
    """Describe the sheet's samples, as data sets hold them, which show every class or class `label` alone."""
    experiment = model.experiment
    columns, names = sheet_columns(experiment, label), class_names(experiment)
    return shown(values, experiment.spec, columns, judged(model, values)) | {
        "caption": f"{experiment.architecture} · {experiment.dataset} · step {step:,}",
        "step": step,
        "classes": names,
        "rows": row_names(experiment, label),
        "label": label,
    }


def judged(model: Model, values: torch.Tensor) -> np.ndarray | None:
    """Return D's judgement of every step (N, T) of samples of words, None where there is none."""
    spec = model.experiment.spec
    if not spec.vocabulary or model.experiment.num_classes:
        return None
    return step_scores(model.discriminator, to_network(values, spec).to(model.device))


def row_names(experiment: Experiment, label: int | None = None) -> list[str]:
    """Return the names of the classes that the rows of the sheet are of, none where it shows them in no order."""
    return class_names(experiment)[:SHEET_CLASSES] if sheet_columns(experiment, label) else []


def sheet_columns(experiment: Experiment, label: int | None = None) -> int | None:
    """Return how many columns the sheet has, or None where it is about as wide as high."""
    return SHEET_COLUMNS if experiment.num_classes and label is None else None


def class_names(experiment: Experiment) -> list[str]:
    """Return the names of the classes that the networks tell apart, none where they know of none."""
    return list(experiment.spec.classes[: experiment.num_classes])


def real_values(experiment: Experiment, samples: Samples) -> torch.Tensor:
    """Return real samples as the sheet lays out generated ones: a row a class, or some at random."""
    if columns := sheet_columns(experiment):
        members = [(samples.labels == label).nonzero()[:, 0] for label in range(min(experiment.num_classes, SHEET_CLASSES))]
        chosen = torch.cat([own[torch.arange(columns) % len(own)] for own in members if len(own)])
    else:
        chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(SHEET_SEED))[:SHEET_COUNT]
    return samples.values[chosen]
