"""Bouncing shapes obey their laws: brightness stays, speed is as asked, walls are mirrors; and the figures say so."""

import pytest
import torch
from torch.testing import assert_close

from playground.datasets import DATASETS, data_root
from playground.datasets.bouncing import DIGITS, GLYPH, SHAPES, SIDE, Config, bounced, figures, objects, paths
from playground.kinds.video import centroids, masses

EVERY = [Config(moving=moving, frames=frames, count=200) for moving in ("shapes", "digits") for frames in (8, 16)]
every_config = pytest.mark.parametrize("config", EVERY, ids=lambda config: f"{config.moving}-{config.frames}")


def films(config: Config) -> torch.Tensor:
    return DATASETS["bouncing"].load(config, data_root()).values


def shuffled(values: torch.Tensor) -> torch.Tensor:
    source = torch.Generator().manual_seed(0)
    return torch.stack([film[torch.randperm(len(film), generator=source)] for film in values])


@every_config
def test_films_are_what_the_spec_promises(config):
    samples = DATASETS["bouncing"].load(config, data_root())
    assert samples.spec.kind == "video" and samples.spec.shape == (config.frames, 1, SIDE, SIDE) and samples.spec.rate > 0
    assert samples.values.shape == (200, *samples.spec.shape) and samples.values.dtype == torch.uint8
    assert samples.spec.classes == (SHAPES if config.moving == "shapes" else DIGITS)
    assert set(samples.labels.tolist()) == set(range(len(samples.spec.classes)))


@every_config
def test_brightness_is_neither_lost_nor_made_on_the_way(config):
    mass = masses(films(config))
    assert_close(mass, mass[:, :1].expand_as(mass), rtol=0.01, atol=0)


@pytest.mark.parametrize(("slowest", "fastest"), [(1.0, 1.0), (0.3, 0.4), (0.0, 0.0)])
def test_speed_is_as_asked_where_there_is_no_wall(slowest, fastest):
    config = Config(slowest=slowest, fastest=fastest, count=200)
    step = paths(config, torch.Generator().manual_seed(0)).diff(dim=1).norm(dim=2)
    straight = step.std(1) < 1e-5  # nothing came in the way
    assert straight.sum() > 20
    speed = step[straight].mean(1)
    assert speed.min() > slowest - 1e-5 and speed.max() < fastest + 1e-5


def test_the_centre_of_brightness_moves_as_the_thing_does():
    config = Config(count=100)
    samples = films(config)
    source = torch.Generator().manual_seed(0)
    torch.randint(len(SHAPES), (100,), generator=source), torch.rand(100, generator=source)  # shapes and sizes come first
    assert_close(centroids(samples).diff(dim=1), paths(config, source).diff(dim=1), rtol=0, atol=0.02)


def test_a_wall_is_a_mirror():
    assert_close(bounced(torch.tensor([-3.0, 0.0, 2.5, 8.0, 9.0, 16.0, 17.0]), 8.0), torch.tensor([3.0, 0, 2.5, 8, 7, 0, 1]))
    config = Config(slowest=4.0, fastest=4.0, frames=16, count=100)
    corner = paths(config, torch.Generator().manual_seed(1))
    assert corner.min() >= 0 and corner.max() <= SIDE - GLYPH
    direction = corner.diff(dim=1).sign()
    assert (direction[:, 1:] != direction[:, :-1]).any(1).float().mean() > 0.9  # nearly all came back


def test_one_seed_gives_one_set_of_films():
    assert torch.equal(films(Config(count=100)), films(Config(count=100)))
    assert not torch.equal(films(Config(count=100)), films(Config(count=100, seed=1)))


def test_a_range_of_speeds_that_is_upside_down_is_refused():
    with pytest.raises(ValueError, match="slowest must not be above fastest"):
        Config(slowest=2.0, fastest=1.0)


def test_the_figures_tell_real_films_from_frozen_shuffled_and_flickering_ones():
    config = Config(count=300)
    real = films(config)
    found, frozen = figures(real, config), figures(real[:, :1].expand_as(real), config)
    mixed, faded = figures(shuffled(real), config), figures(real // torch.tensor([1, 2] * 4).reshape(8, 1, 1, 1), config)
    assert found["mass variation"] < 0.01 and found["one object"] == 1
    assert 0.8 < found["speed"] < 1.2 and found["acceleration"] < 0.5
    assert frozen["speed"] == frozen["acceleration"] == 0
    assert mixed["speed"] > 2 * found["speed"] and mixed["acceleration"] > 5 * found["acceleration"]
    assert faded["mass variation"] > 0.3


def test_objects_are_counted_in_each_frame():
    film = torch.zeros(1, 4, 1, SIDE, SIDE, dtype=torch.uint8)
    film[0, 1, 0, 2:4, 2:4] = 255
    film[0, 2, 0, [3, 4], [3, 4]] = 255  # corners hang together
    film[0, 3, 0, [1, 9], [1, 9]] = 200
    film[0, 3, 0, 14, 0] = 20  # too faint
    assert objects(film).tolist() == [[0, 1, 1, 2]]


def test_a_grey_fog_is_no_object():
    config = Config()
    assert figures(torch.full((3, 8, 1, SIDE, SIDE), 128, dtype=torch.uint8), config)["one object"] == 0
