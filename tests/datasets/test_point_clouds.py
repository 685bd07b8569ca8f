"""Points in the plane lie where their formulas say, and are judged by what the formulas know."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.datasets import _plane_shapes as shapes
from playground.datasets.points import SHAPES, Config, figures, load, spec
from playground.experiment import Experiment


def points_of(**settings) -> torch.Tensor:
    return load(Config(**settings), Path()).values


@pytest.mark.parametrize("shape", SHAPES)
def test_points_lie_in_the_plane_and_their_labels_are_the_classes(shape):
    samples = load(Config(shape, count=2000), Path())
    assert samples.values.shape == (2000, 2) and samples.values.dtype == torch.float32
    assert samples.values.abs().max() <= 1
    if samples.spec.classes:
        assert samples.labels.dtype == torch.int64
        assert set(samples.labels.tolist()) == set(range(len(samples.spec.classes)))
    else:
        assert samples.labels is None


@pytest.mark.parametrize("shape", ["gaussians", "grid"])
def test_each_gaussian_has_its_centre_and_its_spread(shape):
    samples = load(Config(shape, noise=0.03, count=50_000), Path())
    centres = {"gaussians": shapes.gaussians, "grid": shapes.grid}[shape]()
    for label, centre in enumerate(centres):
        own = samples.values[samples.labels == label].double()
        torch.testing.assert_close(own.mean(0), torch.from_numpy(centre), atol=0.004, rtol=0)
        assert own.std(0).sub(0.03).abs().max() < 0.002
        assert len(own) == pytest.approx(50_000 / len(centres), rel=0.1)


def test_the_eight_gaussians_stand_on_a_circle_and_the_ring_is_one():
    np.testing.assert_allclose(np.linalg.norm(shapes.gaussians(), axis=1), shapes.RADIUS)
    radius = points_of(shape="ring", noise=0.0).norm(dim=1)
    assert (radius - shapes.RADIUS).abs().max() < 2e-4


def test_a_line_is_straight_and_a_spiral_s_radius_grows_with_its_angle():
    line = points_of(shape="line", noise=0.0)
    torch.testing.assert_close(line[:, 1], line[:, 0] * (0.4 / 0.7), atol=1e-6, rtol=0)
    spiral = points_of(shape="spiral", noise=0.0).double()
    radius, angle = spiral.norm(dim=1), torch.atan2(spiral[:, 1], spiral[:, 0])
    turns = radius / 0.85 * 4 * math.pi - angle
    assert (turns / (2 * math.pi) - (turns / (2 * math.pi)).round()).abs().max() < 0.02


def test_points_are_spread_evenly_along_a_path():
    samples = load(Config("moons", noise=0.0, count=20_000), Path())
    upper = samples.values[samples.labels == 0].double()
    angle = torch.atan2(upper[:, 1] / 0.55 + 0.25, upper[:, 0] / 0.55 + 0.5)
    counts = torch.histc(angle, 10, 0, math.pi)
    assert counts.min() > 0.85 * len(upper) / 10
    assert len(upper) == pytest.approx(10_000, rel=0.05)


def test_letters_are_classes_and_points_lie_on_their_ink():
    config = Config("letters", text="ABBA", noise=0.0)
    samples = load(config, Path())
    assert spec(config).classes == ("A", "B")
    assert figures(samples.values, config)["distance to the shape"] < 1e-6
    assert samples.values[:, 0].abs().max() > 0.8
    left = samples.values[samples.values[:, 0] < -0.5]
    assert set(samples.labels[samples.values[:, 0] < -0.5].tolist()) == {0} and len(left) > 100


def test_distances_to_paths_are_those_to_their_nearest_piece():
    corner = [np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])]
    points = np.array([[0.5, 0.3], [-0.3, -0.4], [1.2, 0.5], [1.3, 1.4]])
    np.testing.assert_allclose(shapes.from_paths(points, corner), [0.3, 0.5, 0.2, 0.5], atol=1e-7)


def test_perfect_samples_find_every_mode_and_collapsed_ones_only_one():
    config = Config("grid")
    perfect = figures(points_of(shape="grid", seed=1, count=2500), config)
    assert perfect["modes found (of 25)"] == 25
    assert perfect["near a mode"] == pytest.approx(1 - math.exp(-4.5), abs=0.006)  # within 3 σ in the plane
    collapsed = torch.from_numpy(shapes.grid()[:1]).float().repeat(1000, 1)
    assert figures(collapsed, config) == {"modes found (of 25)": 1.0, "near a mode": 1.0}
    between = torch.full((1000, 2), 0.2)
    assert figures(between, config) == {"modes found (of 25)": 0.0, "near a mode": 0.0}


def test_a_mode_with_less_than_a_tenth_of_its_share_is_not_found():
    centres = torch.from_numpy(shapes.gaussians()).float()
    lone = torch.cat([centres[:1].repeat(795, 1), centres[1:2].repeat(5, 1)])
    assert figures(lone, Config())["modes found (of 8)"] == 1


@pytest.mark.parametrize("shape", ["line", "ring", "moons", "spiral", "letters", "drawn"])
def test_points_of_a_curve_are_nearer_to_it_than_noise_is(shape):
    config = Config(shape, noise=0.02)
    own = figures(points_of(shape=shape, noise=0.02, seed=3, count=1000), config)
    noise = figures(torch.rand(1000, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1, config)
    assert own["near the shape"] > 0.98 and own["distance to the shape"] < 0.02
    assert noise["near the shape"] < 0.75 and noise["distance to the shape"] > 3 * own["distance to the shape"]


def test_a_drawing_of_a_line_and_a_dot_gives_points_on_both():
    config = Config("drawn", drawn="Af-f.ff", noise=0.0)
    values = load(config, Path()).values
    assert (values[:, 1] - (2 * 31 / 63 - 1)).abs().max() < 1e-6
    assert values[:, 0].min() < -0.99 and values[:, 0].max() > 0.95
    assert figures(values, config)["near the shape"] == 1


@pytest.mark.parametrize(
    "drawn", ["", "A", "AAA", "AA.", ".AA", "AA..BB", "AA BB", "AÄ", "../etc", "AA\n", "<b>x", "A" * 602, "AA." * 300, "%41%41"]
)
def test_what_is_no_drawing_is_refused_in_a_sentence(drawn):
    with pytest.raises(ValueError, match="drawing|drawn"):
        Config("drawn", drawn=drawn)


@pytest.mark.parametrize("text", ["", "TOOLONG", "A B", "ß", "<i>", "A\n"])
def test_what_cannot_be_lettered_is_refused(text):
    with pytest.raises(ValueError, match="text"):
        Config("letters", text=text)


def test_a_drawing_is_carried_by_a_link():
    experiment = Experiment("points-gan", "points", data=Config("drawn", drawn="AA__.ff"))
    flat = experiment.settings()
    assert flat["data.drawn"] == "AA__.ff" and flat["data.shape"] == "drawn"
    assert Experiment.from_settings(flat) == experiment
