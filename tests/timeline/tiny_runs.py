"""Runs of a tiny network on ten random images, trained a step at a time so that every step is a moment."""

from __future__ import annotations

import numpy as np
import torch

from playground.experiment import Experiment
from playground.samples import Samples
from playground.timeline import Run
from playground.training import Snapshot, train

TINY = {
    "architecture": "mlp",
    "dataset": "digits",
    "seed": 7,
    "data.resolution": 16,
    "generator.latent_dim": 3,
    "generator.width": 8,
    "discriminator.width": 8,
    "recipe.batch_size": 2,
    "recipe.loss": "hinge",
}
TINY_CONVOLUTIONS = {
    **{"architecture": "dcgan", "dataset": "digits", "data.resolution": 16, "recipe.batch_size": 2},
    **{"generator.width": 2, "discriminator.width": 2, "generator.latent_dim": 3},
}


def samples_for(experiment: Experiment) -> Samples:
    """Return ten random images."""
    values = torch.randint(256, (10, *experiment.spec.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Samples(experiment.spec, values, torch.arange(10) if experiment.spec.classes else None)


def go_on(experiment: Experiment, state: dict | None, steps: int) -> list[Snapshot]:
    """Train on from a state; the last snapshot carries the new one."""
    return list(train(experiment, steps=steps, samples=samples_for(experiment), resume=state, device="cpu"))


def tiny_run(steps: int = 4, settings: dict | None = None, title: str = "tiny") -> Run:
    """Train `steps` steps with a moment at every one."""
    run = Run(Experiment.from_settings(settings or TINY), title=title)
    for _ in range(steps):
        for snapshot in go_on(run.experiment, run.timeline.nearest().state if len(run.timeline) else None, 1):
            run.add(snapshot)
    return run


def assert_same_state(one: dict, other: dict) -> None:
    """Check that two states are equal bit for bit, but for the seconds that they took."""
    assert set(one) == set(other)
    for name in set(one) - {"seconds"}:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
