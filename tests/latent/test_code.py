"""The lines that the page gives are run, and make the same pictures."""

import numpy as np
import pytest

from playground.checkpoint import load, save
from playground.experiment import Experiment
from playground.latent import codes_of, decode, labels_of, plane, random_walk, read_points, walk
from playground.latent.code import plane_lines, python_lines, random_lines, walk_lines
from playground.latent.walks import Route
from playground.model import Model
from playground.samples import to_pixels

POINTS = [
    {"seed": 1, "label": 3},
    {"sum": [[0.5, {"seed": 2}], [0.5, {"seed": 3}]]},
    {"seed": 9, "label": [0.5, 0.5, *[0.0] * 8]},
]


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("code") / "a model.safetensors"
    settings = {"architecture": "cgan", "dataset": "digits", "data.resolution": 16, "generator.width": 4}
    save(Model.untrained(Experiment.from_settings(settings)), path)
    return str(path)


def images_of(lines: str) -> np.ndarray:
    names: dict = {}
    exec(compile(lines, "lines", "exec"), names)
    return names["images"]


@pytest.mark.parametrize("truncation", [1.0, 0.5])
def test_the_lines_of_points_make_their_pictures(file, truncation):
    model = load(file)
    points = read_points(POINTS, model)
    expected = to_pixels(decode(model, codes_of(points, model), labels_of(points), truncation))
    np.testing.assert_array_equal(images_of(python_lines(file, POINTS, truncation=truncation)), expected)


@pytest.mark.parametrize("route", [Route(), Route(frames=9, method="lerp", loop=True, speed="pixels", truncation=0.7)])
def test_the_lines_of_a_walk_make_its_pictures(file, route):
    model = load(file)
    expected = walk(model, read_points(POINTS, model), **vars(route)).images
    np.testing.assert_array_equal(images_of(walk_lines(file, POINTS, route)), expected)


def test_the_lines_of_a_plane_make_its_pictures(file):
    expected = plane(load(file), read_points(POINTS, load(file)), truncation=0.6).images
    np.testing.assert_array_equal(images_of(plane_lines(file, POINTS, truncation=0.6)), expected)


def test_the_lines_of_a_random_walk_make_its_pictures(file):
    expected = random_walk(load(file), 5, frames=12, label=4).images
    np.testing.assert_array_equal(images_of(random_lines(file, 5, 4, Route(frames=12, loop=True))), expected)


def test_what_a_link_adds_to_a_point_is_not_written_and_the_lines_run(file):
    points = [
        {"seed": 1, "label": None, "mark": True},
        {"sum": [[1, {"seed": 2, "label": None}], [-1, {"seed": 3, "x": None}]]},
    ]
    expected = images_of(python_lines(file, [{"seed": 1}, {"sum": [[1, {"seed": 2}], [-1, {"seed": 3}]]}]))
    np.testing.assert_array_equal(images_of(python_lines(file, points)), expected)


def test_what_is_as_by_default_is_not_written():
    assert "walk(model, points)\n" in walk_lines("m.safetensors", POINTS, Route())
