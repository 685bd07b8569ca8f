"""Sine waves made by each backbone after the same processor time on one core, beside real ones and the starting weights'."""

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

DATASET = "sines"
CONVOLUTIONS = {"generator.backbone": "cnn", "discriminator.backbone": "cnn", "discriminator.num_layers": 2}
# what writes and what reads: the architecture's own, RGAN with convolutions in their place, transformers
ARMS = {"LSTM, GRU": ("rgan", {}), "convolutions": ("rgan", CONVOLUTIONS), "transformers": ("tts-gan", {})}


def figures(seconds: float | None = None) -> Iterator[Figure]:
    """Measure each after `seconds` of this process's processor time (PLAYGROUND_SERIES_SECONDS: 120), its best weights.

    Measuring while it trains, from which the best weights come, is in that time.
    """
    seconds = float(os.environ.get("PLAYGROUND_SERIES_SECONDS", 120)) if seconds is None else seconds
    torch.set_num_threads(1)
    for name, (architecture, changes) in ARMS.items():
        yield from _arm(f"sines, {name}, {seconds:.0f} s", Experiment(architecture, DATASET).with_settings(changes), seconds)


def _arm(about: str, experiment: Experiment, seconds: float) -> Iterator[Figure]:
    samples = DATASETS[DATASET].load(experiment.data, data_root())
    model = trained(experiment, samples, seconds)
    yardstick = Yardstick(experiment, samples, seed=SEED + 2)  # other latents and other real ones than chose the weights
    values = yardstick.made(model)
    whole = Score(yardstick.name, yardstick.distance(values), yardstick.floor, yardstick.untrained)
    for score in (*yardstick.figures(values), whole):
        note = f"real {score.floor:.3g}, untrained {score.untrained:.3g}; step {model.shown_step:,} of {model.step:,}"
        yield Figure(f"{about}: {score.name}", score.value, "", note)
