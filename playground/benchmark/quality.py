"""Time to quality of the default run, beside the textbook loop: MNIST-FD cnn-v1 (lower is better), floor and bad anchor."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator

import numpy as np
import torch

from playground.benchmark.figure import Figure
from playground.benchmark.speed import textbook_experiment
from playground.benchmark.textbook import textbook_training
from playground.datasets import DATASETS, data_root
from playground.evaluation import features, frechet_distance, sample_features
from playground.experiment import Experiment
from playground.model import Model, build
from playground.samples import Samples
from playground.training import train

MARKS = (5, 10, 15, 20)  # seconds of training
COUNT, SEED = 5_000, 12_345
METRIC = "MNIST-FD cnn-v1 5k"


def time_to_quality() -> Iterator[Figure]:
    """Measure the distance of made digits to the test set after seconds of training (PLAYGROUND_TEXTBOOK_SECONDS: 120)."""
    dataset = DATASETS["mnist"]
    if not dataset.available(data_root()):
        yield Figure(METRIC, None, "", "needs MNIST on disk: python -m playground train --dataset mnist downloads it")
        return
    samples = dataset.load(dataset.config(), data_root())
    test = features(dataset.load_test(dataset.config(), data_root()).values)
    experiment = Experiment(dataset="mnist")
    yield Figure(f"{METRIC}: training images (floor)", frechet_distance(features(samples.values[:COUNT]), test), "")
    yield Figure(f"{METRIC}: untrained generator (bad anchor)", _distance(Model.untrained(experiment), test), "")
    yield from _default_run(experiment, samples, test)
    yield from _textbook(samples, test)


def _distance(model: Model, test: torch.Tensor) -> float:
    return frechet_distance(sample_features(model, COUNT, SEED), test)


def _default_run(experiment: Experiment, samples: Samples, test: torch.Tensor) -> Iterator[Figure]:
    kept: dict[int, tuple[int, dict[str, np.ndarray]]] = {}
    for snapshot in train(experiment, samples=samples, seconds=MARKS[-1], every=0.5):
        for mark in MARKS:
            if mark not in kept and snapshot.state is not None and snapshot.seconds >= mark - 1e-6:
                kept[mark] = snapshot.step, snapshot.state
    for mark, (step, state) in kept.items():  # measured afterwards: measuring would take time from training
        yield Figure(
            f"{METRIC}: default run, {mark} s", _distance(Model.from_state(experiment, state), test), "", f"step {step}"
        )


def _textbook(samples: Samples, test: torch.Tensor) -> Iterator[Figure]:
    experiment, _ = textbook_experiment()
    generator, discriminator = build(experiment)
    limit = float(os.environ.get("PLAYGROUND_TEXTBOOK_SECONDS", 120))
    marks = [mark for mark in (MARKS[-1], limit) if mark <= limit]
    run = textbook_training(
        generator, discriminator, samples, latent_dim=experiment.generator.latent_dim, batch_size=64, seconds=limit
    )
    kept = []
    for elapsed, seen in run:
        if marks and elapsed >= marks[0]:
            kept.append((marks.pop(0), seen, copy.deepcopy(generator)))  # it samples in train mode, as the example does
    for mark, seen, network in kept:
        distance = _distance(Model(experiment, network, discriminator), test)
        yield Figure(f"{METRIC}: textbook loop, {mark:.0f} s", distance, "", f"step {seen // 64}")
