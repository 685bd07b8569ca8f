"""Compiled networks: the same steps, also where a penalty differentiates twice."""

import functools

import pytest
import torch
from torch.testing import assert_close

from playground.experiment import Experiment
from playground.samples import Samples
from playground.training.game import Game
from playground.training.state import TrainingState

CPU = torch.device("cpu")


def game(name: str, compiled: bool) -> Game:
    settings = {"architecture": name, "dataset": "digits", "data.resolution": 16, "recipe.batch_size": 4, "seed": 3}
    settings |= {"generator.width": 8, "discriminator.width": 8, "engine.precision": "float32", "engine.compile": compiled}
    experiment = Experiment.from_settings(settings)
    values = torch.randint(256, (20, *experiment.spec.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Game(experiment, TrainingState(experiment, CPU), Samples(experiment.spec, values), CPU)


@pytest.mark.parametrize("name", ["wgan-gp", "sn-dcgan"])
def test_compiled_networks_take_the_same_steps(name, monkeypatch):
    # the graphs are taken and run, but not written in C++, which takes a minute
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    games = [game(name, compiled) for compiled in (False, True)]
    for one in games:
        for _ in range(2):
            one.step()
    assert games[1].discriminator is not games[1].state.discriminator
    assert_close(games[1].sums, games[0].sums, rtol=1e-4, atol=1e-5)
    for plain, compiled in zip(games[0].state.generator.parameters(), games[1].state.generator.parameters(), strict=True):
        assert_close(compiled, plain, rtol=1e-3, atol=1e-4)
    assert games[0].state.export().keys() == games[1].state.export().keys()
