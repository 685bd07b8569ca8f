"""What D of a WaveGAN had better see: the same generator against each discriminator, with equal processor time on one core."""

from __future__ import annotations

import os
from collections.abc import Iterator

import torch

from playground.architectures.wavegan import SIGHTS
from playground.benchmark.figure import Figure
from playground.benchmark.text import trained
from playground.datasets import DATASETS, data_root
from playground.evaluation.live import SEED, Yardstick
from playground.experiment import Experiment
from playground.samples import Samples

SECONDS = 120
SHARES = ("like a drum", "recognisable")


def figures(seconds: float | None = None) -> Iterator[Figure]:
    """Measure each after `seconds` of this process's processor time (PLAYGROUND_WAVEFORM_SECONDS: 120), its best weights.

    Measuring while it trains, from which the best weights come, is in that time.
    """
    seconds = float(os.environ.get("PLAYGROUND_WAVEFORM_SECONDS", SECONDS)) if seconds is None else seconds
    torch.set_num_threads(1)
    dataset = DATASETS["drums"]
    samples = dataset.load(dataset.config(), data_root())
    for sees in SIGHTS:
        experiment = Experiment("wavegan", "drums").with_settings({"discriminator.sees": sees})
        yield from _arm(sees, experiment, samples, seconds)


def _arm(sees: str, experiment: Experiment, samples: Samples, seconds: float) -> Iterator[Figure]:
    """Train against one discriminator and give figures, each with that of real sounds and that of the starting weights."""
    model = trained(experiment, samples, seconds)
    yardstick = Yardstick(experiment, samples, seed=SEED + 2)  # other latents and other real ones than chose the weights
    values = yardstick.made(model)
    steps = f"step {model.shown_step:,} of {model.step:,}"
    about = f"D sees {sees}, {seconds:.0f} s"
    note = f"real {yardstick.floor:.2f}, untrained {yardstick.untrained:.0f}; {steps}"
    yield Figure(f"{about}: {yardstick.name}", yardstick.distance(values), "", note)
    for score in yardstick.figures(values):
        scale, unit = (100, "%") if score.name in SHARES else (1, "")
        note = f"real {scale * score.floor:.3g}{unit}, untrained {scale * score.untrained:.3g}{unit}"
        yield Figure(f"{about}: {score.name}", scale * score.value, unit, note)
