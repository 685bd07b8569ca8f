"""Four ways to teach a network to write the same sentences, with the same processor time on one core."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator

import torch

from playground.benchmark.figure import Figure
from playground.datasets import DATASETS, data_root
from playground.evaluation.live import SEED, Yardstick
from playground.experiment import Experiment
from playground.model import Model
from playground.samples import Samples
from playground.training import train
from playground.training.loop import MAX_SECONDS

ARMS = ("text-gan", "text-wgan-gp", "seqgan", "text-likelihood")
DATASET = "sentences"
SHOWN = ("valid", "agreement", "unique", "new", "new among valid")


def figures(seconds: float | None = None) -> Iterator[Figure]:
    """Measure each arm after `seconds` of this process's processor time (PLAYGROUND_TEXT_SECONDS: 180), its best weights.

    Measuring while it trains, from which the best weights come, is in that time.
    """
    seconds = float(os.environ.get("PLAYGROUND_TEXT_SECONDS", 180)) if seconds is None else seconds
    torch.set_num_threads(1)
    dataset = DATASETS[DATASET]
    samples = dataset.load(dataset.config(), data_root())
    for name in ARMS:
        yield from arm(Experiment(name, DATASET), samples, seconds)


def arm(experiment: Experiment, samples: Samples, seconds: float) -> Iterator[Figure]:
    """Train one arm and give its figures, each with that of real sentences and that of the starting weights."""
    model = trained(experiment, samples, seconds)
    yardstick = Yardstick(experiment, samples, seed=SEED + 2)  # other latents and other real ones than chose the weights
    values = yardstick.made(model)
    about = f"{experiment.architecture} after {seconds:.0f} s"
    steps = f"step {model.shown_step:,} of {model.step:,}"
    found = {score.name: score for score in yardstick.figures(values)}
    for name in SHOWN:
        score = found[name]
        yield Figure(
            f"{about}: {name}", 100 * score.value, "%", f"real {score.floor:.1%}, untrained {score.untrained:.1%}; {steps}"
        )
    note = f"real {yardstick.floor:.3f}, untrained {yardstick.untrained:.3f}; {steps}"
    yield Figure(f"{about}: {yardstick.name}", yardstick.distance(values), "bits", note)


def trained(experiment: Experiment, samples: Samples, seconds: float) -> Model:
    """Return what `seconds` of this process's processor time make of an experiment, with the best weights on the way."""
    end = time.process_time() + seconds
    run = train(experiment, samples=samples, seconds=MAX_SECONDS, device="cpu", stop=lambda: time.process_time() >= end)
    (last,) = deque(run, maxlen=1)
    model = Model.from_state(experiment, last.state)
    if last.best is not None:
        model.show_best(last.best.average, last.best.step)
    return model
