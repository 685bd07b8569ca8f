"""Snapshots at chosen steps: how a repeated run gets the same means as the one before."""

from __future__ import annotations

import pytest
import torch

from playground.experiment import Experiment
from playground.samples import Samples
from playground.training import train

TINY = {
    **{"architecture": "mlp", "dataset": "digits", "data.resolution": 16, "recipe.batch_size": 2},
    **{"generator.latent_dim": 3, "generator.width": 8, "discriminator.width": 8},
}
MEANS = ("step", "loss_generator", "loss_discriminator", "logit_real", "separation", "gradient_generator")


def records(**options) -> list[list[float]]:
    experiment = Experiment.from_settings(TINY)
    values = torch.randint(256, (10, *experiment.spec.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    run = train(experiment, samples=Samples(experiment.spec, values, None), device="cpu", measure=None, **options)
    return [[snapshot.record()[name] for name in MEANS] for snapshot in run]


def test_a_run_repeated_at_the_steps_of_another_has_the_same_means():
    first = records(steps=40, every=0.01)
    assert records(steps=40, every=5.0, at=[record[0] for record in first]) == first


@pytest.mark.parametrize(("at", "steps"), [((3, 7), [0, 3, 7, 10]), ((7, 3, 0, 20), [0, 3, 7, 10]), ((), [0, 10])])
def test_snapshots_come_at_the_steps_that_lie_ahead(at, steps):
    assert [record[0] for record in records(steps=10, every=5.0, at=at)] == steps
