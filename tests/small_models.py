"""Untrained models of every architecture, small enough for a test to make many."""

from __future__ import annotations

from playground.architectures import ARCHITECTURES
from playground.datasets import DATASETS
from playground.experiment import Experiment
from playground.model import Model

IMAGE_MAKERS = [name for name, entry in ARCHITECTURES.items() if "image" in entry.kinds]


def data_for(name: str) -> dict[str, object]:
    """Return the settings of data that suit an architecture: 16×16 digits for images, else the data that name its kind."""
    kinds = ARCHITECTURES[name].kinds
    if "image" in kinds:
        return {"dataset": "digits", "data.resolution": 16}
    fitting = [key for key, entry in DATASETS.items() if entry.spec(entry.config()).kind in kinds]
    return {"dataset": next((key for key in fitting if DATASETS[key].architecture == name), fitting[0])}


def model_of(name: str, **settings) -> Model:
    """Make an untrained model of an architecture on small data that suit it; `settings` change that, under their own names."""
    return Model.untrained(Experiment.from_settings({"architecture": name} | data_for(name) | settings))
