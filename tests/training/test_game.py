"""One step of the game: who learns in whose turn, what is measured, and what is told to whoever watches."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from playground.experiment import Experiment
from playground.samples import Samples
from playground.training import train
from playground.training.game import MEASURES, Game
from playground.training.state import TrainingState

SETTINGS = {"architecture": "dragan", "dataset": "digits", "data.resolution": 16, "recipe.batch_size": 6, "seed": 3}
SETTINGS |= {"generator.width": 4, "discriminator.width": 4, "recipe.penalty": "none", "engine.precision": "float32"}


def small(**settings) -> Experiment:
    return Experiment.from_settings(SETTINGS | {key.replace("__", "."): value for key, value in settings.items()})


def samples_of(experiment: Experiment) -> Samples:
    values = torch.randint(256, (20, *experiment.spec.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Samples(experiment.spec, values)


def new_game(**settings) -> Game:
    experiment, device = small(**settings), torch.device("cpu")
    return Game(experiment, TrainingState(experiment, device), samples_of(experiment), device)


def weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


@pytest.mark.parametrize("turn", ["both", "discriminator", "generator"])
def test_only_the_network_whose_turn_it_is_learns(turn):
    game = new_game(recipe__loss="relativistic-pairing")
    before = weights(game.state.generator), weights(game.state.discriminator)
    game.step(turn)
    moved = [bool((old != weights(network)).any()) for old, network in
             zip(before, (game.state.generator, game.state.discriminator), strict=True)]  # fmt: skip
    assert moved == [turn != "discriminator", turn != "generator"]
    assert (game.state.step, game.state.samples_seen) == (int(turn != "discriminator"), 6 * (turn != "generator"))
    assert all(parameter.requires_grad for parameter in game.state.discriminator.parameters())


def test_a_run_of_one_network_takes_as_many_updates_as_it_was_given():
    experiment = small(recipe__discriminator_steps=3)
    *_, last = train(experiment, samples=samples_of(experiment), device="cpu", steps=4, turn="discriminator", every=100)
    assert (last.step, last.samples_seen) == (0, 4 * 3 * 6)
    assert np.isfinite(last.separation) and np.isnan(last.loss_generator)  # of what did not learn nothing is told


def test_a_turn_that_is_none_is_named():
    experiment = small()
    with pytest.raises(ValueError, match="unknown turn 'nobody'"):
        next(train(experiment, samples=samples_of(experiment), steps=1, turn="nobody"))


def test_the_gradients_measured_are_those_that_the_networks_learn_from():
    game = new_game(recipe__clip_gradients=1e-6)
    seen = {}
    game.watch = lambda name, **values: seen.update({name: values})
    game.step()
    measured = dict(zip(MEASURES, game.sums.tolist(), strict=True))
    for name in ("discriminator", "generator"):
        own = {key: value for key, value in seen[f"gradient_{name}"].items() if key != "loss"}
        # clipped in place after they were told: their direction is left, their length in `measured`
        assert measured[f"gradient_{name}"] > 1e-4
        assert_close(torch.cat([value.flatten() for value in own.values()]).norm().item(), 1e-6, rtol=0.02, atol=0)


def test_whoever_watches_is_told_every_sub_step_in_order():
    game, told = new_game(), []
    game.watch = lambda name, **values: told.append(name)
    game.step()
    order = ["generate", "score", "gradient_discriminator", "update_discriminator", "score_again", "gradient_generator"]
    assert told == [*order, "update_generator"]


def test_watching_changes_nothing():
    watched, alone = new_game(), new_game()
    watched.watch = lambda name, **values: None
    for game in (watched, alone):
        game.step()
    assert_close(weights(watched.state.generator), weights(alone.state.generator), rtol=0, atol=0)
