"""A drawing or a file of any kind becomes a target: its ink in the middle, its colours as the data's."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from playground.experiment import Experiment
from playground.latent.targets import centre_by_mass, is_light, prepare_target, read_picture

MNIST = Experiment.from_settings({"architecture": "dcgan", "dataset": "mnist"})
SHAPES = Experiment.from_settings({"architecture": "dcgan", "dataset": "shapes"})


def drawing(light: bool = False) -> np.ndarray:
    """Draw a bar of 20×60 pixels in the corner of 200×150."""
    picture = np.zeros((150, 200, 3), np.uint8)
    picture[10:70, 5:25] = 255
    return 255 - picture if light else picture


def file(picture: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()


def centre_of(picture: np.ndarray) -> tuple[float, float]:
    grey = picture[..., 0].astype(float)
    rows, columns = np.indices(grey.shape)
    return (rows * grey).sum() / grey.sum(), (columns * grey).sum() / grey.sum()


def test_ink_is_scaled_to_twenty_pixels_and_centred_by_its_mass_as_in_mnist():
    target = prepare_target(MNIST, drawing())
    assert target.shape == (32, 32, 1)
    rows = np.flatnonzero(target[..., 0].max(1) > 40)
    assert rows[-1] - rows[0] + 1 == 20
    assert np.abs(np.array(centre_of(target)) - 15.5).max() <= 0.6


def test_mass_counts_not_the_box():
    picture = np.zeros((40, 40), np.float32)
    picture[10:30, 10:14] = 255
    picture[28:30, 14:24] = 255
    y, x = centre_of(centre_by_mass(picture)[..., None])
    assert abs(y - 13.5) <= 0.6 and abs(x - 13.5) <= 0.6


@pytest.mark.parametrize("light", [False, True])
def test_a_light_background_is_noticed_and_swapped(light):
    assert is_light(drawing(light)) is light
    np.testing.assert_array_equal(prepare_target(MNIST, drawing(light)), prepare_target(MNIST, drawing()))
    plain = prepare_target(MNIST, drawing(light), invert_colours=False, centre=False)
    assert bool(plain.mean() > 127) is light


def test_an_empty_drawing_stays_empty():
    assert not prepare_target(MNIST, np.full((50, 50, 3), 7, np.uint8)).any()


def test_colours_are_kept_and_the_middle_is_taken():
    picture = np.zeros((64, 128, 3), np.uint8)
    picture[:, 32:96, 0] = 200
    target = prepare_target(SHAPES, picture)
    assert target.shape == (32, 32, 3)
    assert (target == [200, 0, 0]).all()


@pytest.mark.parametrize("size", [16, 64])
def test_the_target_has_the_resolution_of_the_data(size):
    experiment = Experiment.from_settings({"architecture": "dcgan", "dataset": "digits", "data.resolution": size})
    assert prepare_target(experiment, drawing()).shape == (size, size, 1)


def test_a_file_is_read_whatever_its_mode():
    grey = Image.fromarray(drawing()).convert("L")
    buffer = io.BytesIO()
    grey.save(buffer, "PNG")
    assert read_picture(buffer.getvalue()).shape == (256, 256, 3)
    assert read_picture(file(drawing(), "JPEG")).shape == (256, 256, 3)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (file(drawing())[:60], "cannot be used"),
        (file(np.zeros((4, 4, 3), np.uint8)), "too small"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20_000_000), "20 MB"),
    ],
    ids=["empty", "svg", "cut short", "tiny", "large"],
)
def test_hostile_files_get_a_sentence(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_picture(data)


def test_a_bomb_is_refused_before_it_is_unpacked():
    buffer = io.BytesIO()
    Image.new("1", (9000, 9000)).save(buffer, "PNG")
    with pytest.raises(ValueError, match="million pixels"):
        read_picture(buffer.getvalue())


def test_what_is_no_picture_is_refused_by_name():
    with pytest.raises(ValueError, match=r"\(4, 4\)"):
        prepare_target(MNIST, np.zeros((4, 4), np.uint8))
