"""MoCoGAN on bouncing shapes: what films are like after a budget of processor time on one core, beside real ones."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import numpy as np
import torch

from playground.benchmark.figure import Figure
from playground.benchmark.text import trained
from playground.datasets import DATASETS, data_root
from playground.evaluation.live import SEED, Yardstick
from playground.experiment import Experiment
from playground.latent import content_motion
from playground.model import Model

ARCHITECTURE, DATASET = "mocogan", "bouncing"
UNITS = {"mass variation": "", "speed": "px", "acceleration": "px", "one object": ""}
TIMES = 11


def figures(seconds: float | None = None) -> Iterator[Figure]:
    """Measure after `seconds` of this process's processor time (PLAYGROUND_VIDEO_SECONDS: 360), its best weights."""
    seconds = float(os.environ.get("PLAYGROUND_VIDEO_SECONDS", 360)) if seconds is None else seconds
    torch.set_num_threads(1)
    experiment, dataset = Experiment(ARCHITECTURE, DATASET), DATASETS[DATASET]
    samples = dataset.load(experiment.data, data_root())
    model = trained(experiment, samples, seconds)
    yardstick = Yardstick(experiment, samples, seed=SEED + 2)  # other latents and other real ones than chose the weights
    values, steps = yardstick.made(model), f"step {model.shown_step:,} of {model.step:,}"
    for score in yardstick.figures(values):
        if score.name in UNITS:
            note = f"real {score.floor:.3f}, untrained {score.untrained:.3f}; {steps}"
            yield Figure(f"films after {seconds:.0f} s: {score.name}", score.value, UNITS[score.name], note)
    note = f"real {yardstick.floor:.4f}, untrained {yardstick.untrained:.3f}; {steps}"
    yield Figure(f"films after {seconds:.0f} s: {yardstick.name}", yardstick.distance(values), "", note)
    yield _table(model)


def _table(model: Model) -> Figure:
    contents, motions = model.latents(6, 1), model.latents(6, 2)
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        content_motion(model, contents, motions)
        times.append(1000 * (time.perf_counter() - start))
    return Figure("6 contents in 6 motions", float(np.median(times)), "ms", f"median of {TIMES}")
