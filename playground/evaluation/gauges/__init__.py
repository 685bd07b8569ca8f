"""How samples are compared with real ones: one file a kind of sample, found by themselves."""

from __future__ import annotations

import torch

from playground.datasets import DATASETS
from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.gauges.image import by_features
from playground.experiment import Experiment
from playground.registry import Registry, discover
from playground.samples import Samples

GAUGES: Registry[Gauge] = Registry("kind of sample", discover(__name__, __path__, "GAUGE"))

__all__ = ["GAUGES", "Gauge", "figures", "gauge_of", "near"]


def gauge_of(experiment: Experiment) -> Gauge:
    """Return how the samples of an experiment are measured: by its data set's net, where there is one, or by their kind."""
    kind = experiment.spec.kind
    return (by_features(experiment.dataset) if kind == "image" else None) or GAUGES[kind]


def near(gauge: Gauge, values: torch.Tensor, dataset: str) -> torch.Tensor:
    """Return the rows (N, F) of values among which their nearest neighbours are sought."""
    return (gauge.near or gauge.embed)(values, dataset)


def figures(experiment: Experiment, values: torch.Tensor, training: Samples) -> dict[str, float]:
    """Return the figures by name that the data set and the kind give of samples, as data sets hold them."""
    dataset, gauge = DATASETS[experiment.dataset], gauge_of(experiment)
    own = dataset.figures(values, experiment.data) if dataset.figures else {}
    return own | (gauge.figures(values, training, experiment.dataset) if gauge.figures else {})
