"""Is an image's place in latent space found? The shipped models' own samples, and digits that training never saw."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import torch

from playground.benchmark.figure import Figure
from playground.checkpoint import load, shipped
from playground.datasets import DATASETS, data_root
from playground.evaluation import features, predicted_classes
from playground.latent.inversion import EXACT, Inversion, invert
from playground.model import Model
from playground.samples import to_pixels, to_unit

SEEDS = 10
HELD_OUT = 50
DRAWN, DRAWN_SEED = 1000, 99
FIRST_TARGET = 1000  # seeds of the targets, far from those of the searches


def inversions() -> Iterator[Figure]:
    """Invert samples of every shipped model, and held-out digits by the one that learnt MNIST, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for path in shipped():
            yield from _own(path.stem, load(path))
        yield from _held_out()
    finally:
        torch.set_num_threads(threads)


def _own(name: str, model: Model) -> Iterator[Figure]:
    errors, seconds, walls = [], [], []
    for seed in range(SEEDS):
        labels = model.labels(seed + 1)
        target = model.generate(model.latents(1, FIRST_TARGET + seed), None if labels is None else labels[-1:])[0]
        start, wall = time.process_time(), time.perf_counter()
        errors.append(_found(model, target, seed).error)
        seconds.append(time.process_time() - start)
        walls.append(time.perf_counter() - wall)
    note = f"the worst {max(errors):.4f}; {statistics.mean(seconds):.1f} s of CPU each, at most {max(walls):.1f} s by the clock"
    recovered = sum(error < EXACT for error in errors)
    yield Figure(f"own samples of {name} recovered (error below {EXACT})", recovered, f"of {SEEDS}", note)


def _found(model: Model, target: torch.Tensor, seed: int) -> Inversion:
    *_, found = invert(model, target, seed=seed)
    return found


def _held_out() -> Iterator[Figure]:
    dataset, name = DATASETS["mnist"], "sn-dcgan-mnist"
    if not dataset.available(data_root()):
        yield Figure("held-out digits", None, "", "needs MNIST on disk")
        return
    model = load(next(path for path in shipped() if path.stem == name))
    test = dataset.load_test(model.experiment.data, data_root())
    values = test.values[torch.randperm(len(test), generator=torch.Generator().manual_seed(5))[:HELD_OUT]]
    targets = to_unit(values)  # (N, 1, H, W)
    found = [_found(model, target, seed) for seed, target in enumerate(targets)]
    made = torch.from_numpy(to_pixels(torch.stack([each.sample for each in found]))).permute(0, 3, 1, 2)
    drawn = model.generate(model.latents(DRAWN, DRAWN_SEED))
    nearest = torch.stack([(drawn - target).square().mean((1, 2, 3)).min().sqrt() for target in targets])
    wanted = predicted_classes(features(values))
    closest = torch.stack([drawn[(drawn - target).square().mean((1, 2, 3)).argmin()] for target in targets])
    anchor = torch.from_numpy(to_pixels(closest)).permute(0, 3, 1, 2)
    what = "held-out digits"
    yield Figure(
        f"{what}: pixel error, mean", statistics.mean(each.error for each in found), "rms", "0 would be the digit (floor)"
    )
    yield Figure(f"{what}: nearest of {DRAWN:,} random samples (bad anchor)", nearest.mean().item(), "rms")
    yield Figure(
        f"{what}: keep their class", _same(made, wanted), f"of {HELD_OUT}", f"{_same(anchor, wanted)} by the bad anchor"
    )


def _same(images: torch.Tensor, wanted: torch.Tensor) -> int:
    return int((predicted_classes(features(images)) == wanted).sum())
