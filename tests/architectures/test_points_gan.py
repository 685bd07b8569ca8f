"""The networks for points: latents of any number, bell-shaped or even, and that they learn."""

import math

import torch

from playground.architectures.points_gan import Uniform
from playground.datasets import DATASETS
from playground.experiment import Experiment
from playground.model import Model
from playground.training import train


def test_even_latents_are_spread_evenly():
    even = Uniform()(torch.randn(20_000, 1, generator=torch.Generator().manual_seed(0)))
    counts = torch.histc(even, 10, -1, 1)
    assert counts.min() > 1800 and counts.max() < 2200
    assert even.std().item() - 1 / math.sqrt(3) < 0.02


def test_of_one_number_all_points_lie_on_a_line():
    model = Model.untrained(
        Experiment.from_settings({"architecture": "points-gan", "dataset": "points", "generator.latent_dim": 1})
    )
    z = torch.linspace(-2, 2, 2000)[:, None]
    assert model.generate(z).diff(dim=0).norm(dim=1).max() < 0.02


def test_three_hundred_steps_find_most_of_the_eight_gaussians():
    experiment = Experiment("points-gan", "points")
    *_, last = train(experiment, steps=300, measure=None)
    model = Model.from_state(experiment, last.state)
    found, before = (
        DATASETS["points"].figures(each.values(1000), experiment.data) for each in (model, Model.untrained(experiment))
    )
    assert found["modes found (of 8)"] >= 5 > before["modes found (of 8)"]
    assert found["near a mode"] > 5 * before["near a mode"]
