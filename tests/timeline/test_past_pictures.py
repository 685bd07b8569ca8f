"""Pictures of a run's past are those that the model of each moment makes."""

import numpy as np
import pytest
from tiny_runs import TINY, tiny_run

from playground.experiment import Experiment
from playground.latent import interpolate
from playground.timeline import Run, film, grid


@pytest.fixture(scope="module")
def run() -> Run:
    return tiny_run(6)


def test_a_grid_has_training_time_down_and_a_walk_across(run):
    images, steps = grid(run, [1, 2, 3], rows=3, frames=5)
    assert images.shape == (3, 5, 16, 16, 1) and images.dtype == np.uint8 and steps.tolist() == [0, 3, 6]
    for row, step in zip(images, steps, strict=True):
        np.testing.assert_array_equal(row, interpolate(run.model(int(step)), [1, 2, 3], frames=5))


def test_the_method_of_the_walk_can_be_chosen(run):
    straight, _ = grid(run, [1, 2], rows=2, frames=5, method="lerp")
    np.testing.assert_array_equal(straight[-1], interpolate(run.model(), [1, 2], frames=5, method="lerp"))


def test_there_are_no_more_rows_than_moments(run):
    assert grid(run, [1, 2], rows=40, frames=2)[1].tolist() == list(range(7))
    assert grid(run, [1, 2], rows=1, frames=2)[1].tolist() == [6]


def test_a_film_shows_the_same_latents_at_every_moment(run):
    images, steps = film(run, [4, 5])
    assert images.shape == (7, 2, 16, 16, 1) and steps.tolist() == list(range(7))
    for moment in (0, 3, 6):
        for number, seed in enumerate((4, 5)):
            np.testing.assert_array_equal(images[moment, number], run.model(moment).sample(1, seed)[0])


def test_a_conditional_run_shows_its_classes_in_turn_or_one():
    conditional = tiny_run(1, {**TINY, "architecture": "cgan", "generator.width": 4, "discriminator.width": 4})
    every, _ = film(conditional, [3, 3])
    for number in range(2):
        np.testing.assert_array_equal(every[-1, number], conditional.model().sample(1, 3, number)[0])
    one, _ = film(conditional, [3, 3], label=7)
    np.testing.assert_array_equal(one[-1, 0], one[-1, 1])
    walk, _ = grid(conditional, [1, 1], rows=2, frames=3, classes=[2, 5])
    np.testing.assert_array_equal(walk[-1], interpolate(conditional.model(), [1, 1], frames=3, classes=[2, 5]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda run: grid(run, [1, 2], rows=0), "rows must be a whole number between 1 and 48, not 0"),
        (lambda run: grid(run, [1, 2], rows=49), "not 49"),
        (lambda run: grid(run, [1]), "takes 2 to 8 way points, not 1"),
        (lambda run: grid(run, [1, -1]), "a seed must be a whole number"),
        (lambda run: film(run, []), "give 1 to 1024 seeds, not 0"),
        (lambda run: film(run, [2**31]), "a seed must be a whole number"),
        (lambda run: film(run, [1], label=1), "this model knows no classes"),
        (lambda run: film(Run(Experiment.from_settings(TINY))), "no moments yet"),
        (lambda run: grid(Run(Experiment.from_settings(TINY)), [1, 2]), "no moments yet"),
    ],
)
def test_a_bad_value_is_named(call, words, run):
    with pytest.raises(ValueError, match=words):
        call(run)
