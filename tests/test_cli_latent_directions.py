"""The command that finds directions: its file, its picture, and what it refuses."""

import numpy as np
import pytest
from command_line import call, done
from PIL import Image

from playground.checkpoint import load, shipped
from playground.exporting import read_settings
from playground.latent import factors, load_directions

MODEL = "sn-dcgan-mnist"


def test_directions_are_saved_and_opened_again(tmp_path):
    result = done(f"directions {MODEL} --method sefa --count 4 --output {tmp_path}/d.json")
    model = load(next(file for file in shipped() if file.stem == MODEL))
    found = load_directions(tmp_path / "d.json", model)
    assert len(found) == 4 and "factor 1: " in result.stderr
    np.testing.assert_array_equal(found[0].vector, factors(model, 1)[0].vector)


def test_a_picture_has_a_row_for_each_direction_and_its_settings(tmp_path):
    done(f"directions {MODEL} --method pca --stage project --count 2 --seed 4 --output {tmp_path}/strips.png")
    assert Image.open(tmp_path / "strips.png").size == (7 * 33 + 1, 2 * 33 + 1)
    settings = read_settings(tmp_path / "strips.png")
    assert settings["seed"] == 4 and [spec["method"] for spec in settings["directions"]] == ["pca", "pca"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--method magic", "unknown method 'magic'; choose from: sefa, pca, classes"),
        ("--method pca", "pca needs --stage"),
        ("--method pca --stage up9", "unknown stage 'up9'; choose from: project, up1"),
        ("--method classes --start 1", "needs --start and --stop"),
        ("--count 0", "count must be a whole number between 1 and 48"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, options, sentence):
    result = call(f"directions {MODEL} {options} --output {tmp_path}/d.json")
    assert result.exit_code == 2 and sentence in result.stderr and not list(tmp_path.iterdir())
