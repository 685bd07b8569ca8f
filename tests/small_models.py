"""Untrained models of every architecture, small enough for a test to make many."""

from __future__ import annotations

import torch

from playground.architectures import ARCHITECTURES
from playground.datasets import DATASETS, data_root
from playground.experiment import Experiment
from playground.model import Model
from playground.samples import Samples

IMAGE_MAKERS = [name for name, entry in ARCHITECTURES.items() if "image" in entry.kinds]


def data_for(name: str) -> dict[str, object]:
    """Return the settings of data that suit an architecture: 16×16 digits for images, else the data that name its kind."""
    kinds = ARCHITECTURES[name].kinds
    if "image" in kinds:
        return {"dataset": "digits", "data.resolution": 16}
    fitting = [key for key, entry in DATASETS.items() if entry.spec(entry.config()).kind in kinds]
    return {"dataset": next((key for key in fitting if DATASETS[key].architecture == name), fitting[0])}


def narrow(name: str) -> dict[str, object]:
    """Return the settings that make an architecture's networks narrow, where it makes images; others are narrow as they are."""
    return {"generator.width": 8, "discriminator.width": 8} if "image" in ARCHITECTURES[name].kinds else {}


def little_data(experiment: Experiment, count: int) -> Samples:
    """Return `count` samples that need no file: images of noise in ten classes, or the first of a data set of another kind."""
    if experiment.spec.kind != "image":
        samples = DATASETS[experiment.dataset].load(experiment.data, data_root())
        labels = None if samples.labels is None else samples.labels[:count]
        return Samples(samples.spec, samples.values[:count], labels)
    source = torch.Generator().manual_seed(0)
    values = torch.randint(256, (count, *experiment.spec.shape), dtype=torch.uint8, generator=source)
    return Samples(experiment.spec, values, torch.arange(count) % 10)


def model_of(name: str, **settings) -> Model:
    """Make an untrained model of an architecture on small data that suit it; `settings` change that, under their own names."""
    return Model.untrained(Experiment.from_settings({"architecture": name} | data_for(name) | settings))
