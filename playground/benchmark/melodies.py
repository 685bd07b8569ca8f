"""Melodies and chirps after the same processor time on one core, beside real ones and those of the starting weights."""

from __future__ import annotations

import os
from collections.abc import Iterator

import torch

from playground.benchmark.figure import Figure
from playground.benchmark.text import trained
from playground.datasets import DATASETS, data_root
from playground.evaluation.live import SEED, Yardstick
from playground.evaluation.scores import Score
from playground.experiment import Experiment

# architecture, data set, its figures in per cent, and its other figures with their units
ARMS = (
    ("text-gan", "melodies", ("in scale", "unique", "home", "answers", "valid", "new"), {"bigram divergence": "bits"}),
    ("rgan", "chirps", ("calls", "rising", "falling", "warbling"), {"roughness": "a step"}),
)


def figures(seconds: float | None = None) -> Iterator[Figure]:
    """Measure each after `seconds` of this process's processor time (PLAYGROUND_MELODIES_SECONDS: 180), its best weights.

    Measuring while it trains, from which the best weights come, is in that time.
    """
    seconds = float(os.environ.get("PLAYGROUND_MELODIES_SECONDS", 180)) if seconds is None else seconds
    torch.set_num_threads(1)
    for architecture, dataset, shares, others in ARMS:
        yield from _arm(Experiment(architecture, dataset), seconds, shares, others)


def _arm(experiment: Experiment, seconds: float, shares: tuple[str, ...], others: dict[str, str]) -> Iterator[Figure]:
    samples = DATASETS[experiment.dataset].load(experiment.data, data_root())
    model = trained(experiment, samples, seconds)
    yardstick = Yardstick(experiment, samples, seed=SEED + 2)  # other latents and other real ones than chose the weights
    values = yardstick.made(model)
    about = f"{experiment.architecture}, {experiment.dataset}, {seconds:.0f} s"
    steps = f"step {model.shown_step:,} of {model.step:,}"
    found = {score.name: score for score in yardstick.figures(values)}
    whole = Score(yardstick.name, yardstick.distance(values), yardstick.floor, yardstick.untrained)
    for name in shares:
        yield _figure(f"{about}: {name}", found[name], 100, "%", steps)
    for name, unit in others.items():
        yield _figure(f"{about}: {name}", found[name], 1, unit, steps)
    yield _figure(f"{about}: {whole.name}", whole, 1, "", steps)


def _figure(what: str, score: Score, scale: float, unit: str, steps: str) -> Figure:
    note = f"real {scale * score.floor:.3g}, untrained {scale * score.untrained:.3g}; {steps}"
    return Figure(what, scale * score.value, unit, note)
