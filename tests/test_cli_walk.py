"""The command `interpolate`, beyond way points at a plain speed: even speed, spaces, loops, random walks, codes."""

import pathlib

import numpy as np
import pytest
from command_line import call, done
from PIL import Image

from playground.checkpoint import load, save
from playground.experiment import Experiment
from playground.exporting import read_settings
from playground.latent import random_walk, walk
from playground.latent.walks import seed_points
from playground.model import Model


def file_of(folder: pathlib.Path, architecture: str) -> pathlib.Path:
    settings = {"architecture": architecture, "dataset": "digits", "data.resolution": 16}
    path = folder / f"{architecture}.safetensors"
    save(Model.untrained(Experiment.from_settings(settings)), path)
    return path


@pytest.fixture(scope="module")
def styled(tmp_path_factory) -> pathlib.Path:
    return file_of(tmp_path_factory.mktemp("models"), "stylegan2")


@pytest.fixture(scope="module")
def conditional(tmp_path_factory) -> pathlib.Path:
    return file_of(tmp_path_factory.mktemp("models"), "cgan")


def test_the_codes_of_a_walk_in_w_are_written_as_the_generator_takes_them(styled, tmp_path):
    options = "--seeds 1,2 --frames 5 --space w --truncation 0.7 --speed pixels"
    done(f"interpolate {styled} {options} --output {tmp_path}/walk.npy")
    model = load(styled)
    walked = walk(model, seed_points(model, [1, 2]), frames=5, space="w", truncation=0.7, speed="pixels")
    np.testing.assert_array_equal(np.load(tmp_path / "walk.npy"), walked.codes.numpy())


def test_a_random_walk_is_that_of_its_seed_and_says_so(conditional, tmp_path):
    done(f"interpolate {conditional} --random-walk 7 --classes 3 --frames 6 --output {tmp_path}/walk.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "walk.npy"), random_walk(load(conditional), 7, frames=6).codes.numpy())
    result = done(f"interpolate {conditional} --random-walk 7 --classes 3 --frames 6 --output {tmp_path}/walk.png")
    settings = read_settings(tmp_path / "walk.png")
    assert (settings["random_walk"], settings["classes"], settings["speed"]) == (7, [3], "plain")
    assert "a frame changes the picture by " in result.stderr


def test_a_loop_is_not_played_backwards(conditional, tmp_path):
    walk_of = f"interpolate {conditional} --seeds 1,2,3 --classes 1,5,8 --frames 9"
    frames = {}
    for option in ("", "--loop"):
        done(f"{walk_of} {option} --output {tmp_path}/walk.webp")
        with Image.open(tmp_path / "walk.webp") as animation:
            frames[option] = animation.n_frames
    assert frames["--loop"] <= 9 < frames[""]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--output {}/x.npy", "give either --seeds or --random-walk"),
        ("--seeds 1,2 --random-walk 3 --output {}/x.npy", "give either --seeds or --random-walk"),
        ("--random-walk -3 --output {}/x.npy", "a seed must be a whole number between 0 and 2147483647, not -3"),
        ("--random-walk 3 --classes 1,2 --output {}/x.npy", "a random walk stays in one class; --classes gives 2"),
        ("--seeds 1,2 --space w --output {}/x.gif", "cgan has no styles: its only space is z"),
        ("--seeds 1,2 --space q --output {}/x.gif", "unknown space 'q'; choose from: z, w"),
        ("--seeds 1,2 --speed fast --output {}/x.gif", "unknown speed 'fast'; choose from: plain, pixels, features"),
        ("--seeds 1,2 --truncation 2 --output {}/x.gif", "truncation must be a number from 0 to 1, not 2.0"),
    ],
)
def test_what_is_no_walk_is_one_line_that_names_it(options, words, conditional, tmp_path):
    result = call(f"interpolate {conditional} {options.format(tmp_path)}")
    assert result.exit_code == 2 and words in result.stderr and result.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
