"""The command that plays a checkpoint's samples into a file."""

import pathlib
import wave

import numpy as np
import pytest
from command_line import call, done

from playground.checkpoint import load, shipped
from playground.kinds import KINDS, SOUND_RATE

SMALL = "--set data.count=200 --set generator.width=8 --set discriminator.width=8 --set recipe.batch_size=4 --steps 1"


@pytest.fixture(scope="module")
def heard(tmp_path_factory) -> dict[str, pathlib.Path]:
    """A step of training on each data set that can be heard."""
    folder = tmp_path_factory.mktemp("runs")
    files = {name: folder / f"{name}.safetensors" for name in ("melodies", "chirps")}
    for architecture, name in (("text-gan", "melodies"), ("rgan", "chirps")):
        done(f"train {architecture} --dataset {name} {SMALL} --output {files[name]}")
    return files


def read(file: pathlib.Path) -> np.ndarray:
    with wave.open(str(file)) as track:
        assert track.getframerate() == SOUND_RATE
        return np.frombuffer(track.readframes(track.getnframes()), "<i2") / 32767


@pytest.mark.parametrize("name", ["melodies", "chirps"])
def test_the_file_holds_the_samples_one_after_another(name, heard, tmp_path):
    file, model = tmp_path / "sound.wav", load(heard[name])
    done(f"sound {heard[name]} --count 2 --seed 3 --pause 0.5 --output {file}")
    sounds = KINDS[model.experiment.spec.kind].sound(model.values(2, 3), model.experiment.spec)
    expected = np.concatenate([sounds[0], np.zeros(SOUND_RATE // 2), sounds[1]])
    np.testing.assert_allclose(read(file), expected, atol=1e-4)


def test_the_seed_decides(heard, tmp_path):
    files = [tmp_path / f"{number}.wav" for number in range(3)]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        done(f"sound {heard['chirps']} --seed {seed} --output {file}")
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()


@pytest.mark.skipif(not shipped(), reason="no checkpoints come with this copy")
def test_pictures_cannot_be_heard_and_that_is_said_in_one_sentence(tmp_path):
    result = call(f"sound {shipped()[0].stem} --output {tmp_path / 'sound.wav'}")
    assert result.exit_code == 2 and "cannot be heard" in result.stderr and "melodies, chirps" in result.stderr
    assert result.stderr.count("\n") == 1 and not (tmp_path / "sound.wav").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--output {}/sound.mp3", "must end in .wav"),
        ("--output {}/nowhere/sound.wav", "cannot be written"),
        ("--output {}/a.wav --count 0", "count must be a whole number between 1 and 256"),
        ("--output {}/a.wav --seed -1", "seed must be a whole number"),
        ("--output {}/a.wav --pause 9", "pause must be between 0 and 5 seconds, not 9"),
        ("--output {}/a.wav --pause nan", "pause must be between 0 and 5 seconds, not nan"),
        ("--output {}/a.wav --label 1", "label must be left out"),
    ],
)
def test_what_a_person_can_get_wrong_is_said_in_one_line(options, sentence, heard, tmp_path):
    result = call(f"sound {heard['melodies']} {options.format(tmp_path)}")
    assert result.exit_code == 2 and sentence in result.stderr and result.stderr.count("\n") == 1
