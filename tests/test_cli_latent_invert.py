"""The command `invert`: a picture in, its latent out, in a file that says how it was made."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command_line import call, done
from PIL import Image

from playground.checkpoint import load, shipped
from playground.exporting.pictures import read_settings
from playground.latent.points import read_point


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "seven.png"
    image = np.full((90, 90), 255, np.uint8)
    image[10:20, 20:60] = image[10:80, 50:60] = 0  # dark on white: swapped and centred by itself
    Image.fromarray(image).save(path)
    return path


def test_a_picture_is_found_and_the_file_says_how(picture, tmp_path):
    output = tmp_path / "found.png"
    answer = json.loads(done(f"invert dcgan-digits {picture} --output {output} --seconds 3 --json").stdout)
    settings = read_settings(output)
    assert settings["point"] == answer["point"] and settings["error"] == answer["error"] < answer["drawn_error"]
    model = load(next(path for path in shipped() if path.stem == "dcgan-digits"))
    assert read_point(settings["point"], model).code.shape == (model.experiment.generator.latent_dim,)
    assert Image.open(output).width > 2 * 32


def test_the_numbers_come_as_an_array(picture, tmp_path):
    output = tmp_path / "found.npy"
    done(f"invert dcgan-digits {picture} --output {output} --seconds 1 --starts 2")
    assert np.load(output).dtype == np.float32


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("nowhere.png --output {}/a.png", "no picture"),
        ("{}/seven.png --output {}/a.gif", "must end in"),
        ("{}/text.png --output {}/a.png", "no picture that can be read"),
        ("{}/seven.png --output {}/a.png --label 3", "label"),
        ("{}/seven.png --output {}/a.png --seconds 0", "seconds"),
    ],
)
def test_mistakes_get_one_line(picture, tmp_path, words, sentence):
    (tmp_path / "text.png").write_text("no picture")
    result = call("invert dcgan-digits " + words.replace("{}", str(tmp_path)))
    assert result.exit_code == 2 and sentence in result.stderr and "Traceback" not in result.stderr
