"""Training throughput beside the textbook loop: the same networks, the same batch, turn by turn in one process."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator

import torch

from playground.benchmark.figure import Figure
from playground.benchmark.textbook import textbook_training
from playground.datasets import DATASETS, data_root, default_dataset
from playground.experiment import Experiment
from playground.model import build, step_macs
from playground.samples import Samples
from playground.training import train
from playground.training.choices import choose
from playground.training.devices import fast_bfloat16, pick_device, pick_precision

ROUNDS, SECONDS = 3, 12.0
RESOLUTIONS = (32, 64, 128)  # on a GPU; the last one is more than any data set offers yet
GPU_BATCH = 256  # small batches are bound by the launching of operations
PRODUCT = {"cpu": 1024, "cuda": 8192}  # side of the matrices whose product shows what the device can do
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
    """Measure images a second of both loops, in turns, and their ratio; on a GPU, of ours at several resolutions."""
    device = pick_device()
    if device.type == "cuda":
        yield from _at_resolutions(device)
    precision = str(pick_precision("auto", device)).removeprefix("torch.")
    yield Figure("bfloat16 in hardware", float(fast_bfloat16(device)), "", f"{device.type}, {precision}")
    for width in (64, 16):
        experiment, samples = textbook_experiment(width)
        pairs = [(_textbook_rate(experiment, samples), _our_rate(experiment, samples)) for _ in range(ROUNDS)]
        ratios = [ours / theirs for theirs, ours in pairs]
        what = f"DCGAN width {width}, batch {experiment.recipe.batch_size}, {experiment.dataset}"
        yield Figure(f"{what}: textbook loop", statistics.median(t for t, _ in pairs), "images/s")
        ours = statistics.median(o for _, o in pairs)
        yield Figure(f"{what}: playground", ours, "images/s")
        yield _share_of_peak(what, experiment, ours, device)
        note = "the rounds: " + ", ".join(f"{ratio:.2f}" for ratio in ratios)
        yield Figure(f"{what}: ratio", statistics.median(ratios), "times", note)


def _at_resolutions(device: torch.device) -> Iterator[Figure]:
    for resolution in RESOLUTIONS:
        what = f"DCGAN width 64, batch {GPU_BATCH}, shapes at {resolution} px"
        settings = {"architecture": "dcgan", "dataset": "shapes", "data.resolution": resolution, "recipe.batch_size": GPU_BATCH}
        try:
            experiment = Experiment.from_settings(TEXTBOOK | settings)
            macs = step_macs(experiment)
        except ValueError as error:
            yield Figure(what, None, "", str(error))
            continue
        rate = _our_rate(experiment, DATASETS["shapes"].load(experiment.data, data_root()))
        yield Figure(what, rate, "images/s", f"{choose(experiment, device)}; {macs:.3g} multiply-accumulates a step")
        yield _share_of_peak(what, experiment, rate, device)


def _share_of_peak(what: str, experiment: Experiment, rate: float, device: torch.device) -> Figure:
    """Compare the arithmetic of training with what a large matrix product reaches in the same number format."""
    choices = choose(experiment, device)
    with choices.in_force():
        peak = product_rate(device, choices.dtype)
    done = step_macs(experiment) * rate / experiment.recipe.batch_size / experiment.recipe.discriminator_steps
    return Figure(f"{what}: share of a matrix product's rate", done / peak, "", f"of {peak:.3g} multiply-accumulates/s")


def product_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Return how many multiply-accumulates a second a product of large square matrices does, the best of several."""
    size = PRODUCT.get(device.type, PRODUCT["cpu"])
    left, right = (torch.ones(size, size, device=device, dtype=dtype) for _ in range(2))
    best = math.inf
    for _ in range(20):
        started = time.perf_counter()
        (left @ right)[0, 0].item()  # waits until it is done
        best = min(best, time.perf_counter() - started)
    return size**3 / best


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
