"""The command `ladder`."""

import pytest
from command_line import call, done
from PIL import Image

from playground.checkpoint import save
from playground.experiment import Experiment
from playground.exporting import read_settings
from playground.model import Model


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("ladder") / "cgan.safetensors"
    settings = {"architecture": "cgan", "dataset": "digits", "data.resolution": 16}
    save(Model.untrained(Experiment.from_settings(settings)), path)
    return str(path)


def test_a_walk_becomes_an_animation_there_and_back(checkpoint, tmp_path):
    done(f"ladder {checkpoint} --seeds 1,2 --classes 3 --frames 5 --output {tmp_path}/ladder.webp")
    with Image.open(tmp_path / "ladder.webp") as animation:
        assert animation.n_frames == 8 and animation.width > animation.height


def test_one_latent_becomes_a_picture_with_its_settings(checkpoint, tmp_path):
    done(f"ladder {checkpoint} --seeds 7 --classes 2 --output {tmp_path}/ladder.png")
    settings = read_settings(tmp_path / "ladder.png")
    assert (settings["seed"], settings["label"]) == (7, 2)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--seeds 1 --output {}/x.gif", "2 to 48 way points"),
        ("--seeds 1,2 --frames 1 --output {}/x.gif", "frames"),
        ("--seeds 1,2 --output {}/x.bmp", ".png"),
        ("--seeds 1,2 --classes 99 --output {}/x.png", "class"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(checkpoint, tmp_path, options, sentence):
    result = call(f"ladder {checkpoint} {options.format(tmp_path)}")
    assert result.exit_code == 2 and sentence in result.stderr
