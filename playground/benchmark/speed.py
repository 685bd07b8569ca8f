"""Training throughput beside the textbook loop: the same networks, the same batch, turn by turn in one process."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from playground.benchmark.figure import Figure
from playground.benchmark.textbook import textbook_training
from playground.datasets import DATASETS, data_root, default_dataset
from playground.experiment import Experiment
from playground.model import build
from playground.samples import Samples
from playground.training import train
from playground.training.devices import fast_bfloat16, pick_device, pick_precision

ROUNDS, SECONDS = 3, 12.0
TEXTBOOK = {  # PyTorch's DCGAN example, at 32 pixels
    "generator.width": 64,
    "generator.latent_dim": 100,
    "discriminator.width": 64,
    "recipe.learning_rate_generator": 2e-4,
    "recipe.learning_rate_discriminator": 2e-4,
}


def textbook_experiment(width: int = 64) -> tuple[Experiment, Samples]:
    """Return the experiment that both loops train, and its data (MNIST where it is on disk)."""
    experiment = Experiment(architecture="dcgan", dataset=default_dataset())
    experiment = experiment.with_settings(TEXTBOOK | {"generator.width": width, "discriminator.width": width})
    return experiment, DATASETS[experiment.dataset].load(experiment.data, data_root())


def throughput() -> Iterator[Figure]:
    """Measure images a second of both loops, in turns, and their ratio."""
    device = pick_device()
    precision = str(pick_precision("auto", device)).removeprefix("torch.")
    yield Figure("bfloat16 in hardware", float(fast_bfloat16(device)), "", f"{device.type}, {precision}")
    for width in (64, 16):
        experiment, samples = textbook_experiment(width)
        pairs = [(_textbook_rate(experiment, samples), _our_rate(experiment, samples)) for _ in range(ROUNDS)]
        ratios = [ours / theirs for theirs, ours in pairs]
        what = f"DCGAN width {width}, batch {experiment.recipe.batch_size}, {experiment.dataset}"
        yield Figure(f"{what}: textbook loop", statistics.median(t for t, _ in pairs), "images/s")
        yield Figure(f"{what}: playground", statistics.median(o for _, o in pairs), "images/s")
        note = "the rounds: " + ", ".join(f"{ratio:.2f}" for ratio in ratios)
        yield Figure(f"{what}: ratio", statistics.median(ratios), "times", note)


def _textbook_rate(experiment: Experiment, samples: Samples) -> float:
    generator, discriminator = build(experiment)
    run = textbook_training(
        generator,
        discriminator,
        samples,
        latent_dim=experiment.generator.latent_dim,
        batch_size=experiment.recipe.batch_size,
        seconds=SECONDS,
    )
    *_, (seconds, seen) = run
    return seen / seconds


def _our_rate(experiment: Experiment, samples: Samples) -> float:
    last = list(train(experiment, samples=samples, seconds=SECONDS, every=1.0))[-1]
    return last.samples_seen / last.seconds
