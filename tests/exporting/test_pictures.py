"""Pictures: sheets laid out pixel by pixel, settings that come back, strangers' files refused."""

import io
import json
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from playground.exporting import grid, read_settings, save_picture, sprite, strip
from playground.exporting.pictures import MAX_HEAD_BYTES

SETTINGS = {"version": "1.0", "experiment": {"architecture": "mlp", "recipe.loss": "hinge"}, "seed": 7, "title": "ä → 0"}


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def written(text: str, image_size: tuple[int, int] = (2, 2)) -> io.BytesIO:
    """Write a PNG whose text chunk holds `text`, as a stranger might."""
    info, file = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("gan-playground", text)
    Image.new("L", image_size).save(file, "PNG", pnginfo=info)
    file.seek(0)
    return file


def round_trip(image: np.ndarray, settings=None) -> io.BytesIO:
    file = io.BytesIO()
    save_picture(file, image, settings=settings)
    file.seek(0)
    return file


def test_a_grid_puts_each_image_in_its_cell_on_neutral_grey():
    images = np.array([10, 20, 30], np.uint8).reshape(3, 1, 1, 1)
    expected = [
        [128, 128, 128, 128, 128],
        [128, 10, 128, 20, 128],
        [128, 128, 128, 128, 128],
        [128, 30, 128, 128, 128],
        [128, 128, 128, 128, 128],
    ]
    sheet = grid(images)
    assert sheet.shape == (5, 5, 3)
    np.testing.assert_array_equal(sheet, np.repeat(np.array(expected, np.uint8)[..., None], 3, 2))


def test_a_grid_enlarges_every_pixel_to_a_square():
    sheet = grid(noise(1, 2, 3, 3), padding=0, scale=4)
    np.testing.assert_array_equal(sheet, np.kron(noise(1, 2, 3, 3)[0], np.ones((4, 4, 1), np.uint8)))


@pytest.mark.parametrize(("count", "shape"), [(1, (1, 1)), (4, (2, 2)), (5, (2, 3)), (10, (3, 4)), (64, (8, 8))])
def test_a_grid_is_nearly_square_by_default(count, shape):
    assert grid(noise(count, 6, 6, 1), padding=0).shape[:2] == (6 * shape[0], 6 * shape[1])


def test_a_strip_is_one_row():
    images = noise(5, 4, 3, 3)
    np.testing.assert_array_equal(strip(images, padding=0), np.concatenate(list(images), axis=1))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sprite_holds_the_images_edge_to_edge(channels):
    images = noise(6, 4, 5, channels)
    picture = Image.open(io.BytesIO(sprite(images, columns=3)))
    assert picture.mode == {1: "L", 3: "RGB"}[channels]
    rows = [np.concatenate(list(images[start : start + 3]), axis=1) for start in (0, 3)]
    np.testing.assert_array_equal(np.asarray(picture).reshape(8, 15, channels), np.concatenate(rows))


def test_a_sprite_of_64_small_grey_images_is_quick():
    images = noise(64, 32, 32, 1)
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        sprite(images)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.010  # about 2 ms alone; the rest is for a busy machine


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (noise(2, 4, 4), r"\(N, H, W, 1\) or \(N, H, W, 3\), not \(2, 4, 4\)"),
        (noise(2, 4, 4, 2), r"not \(2, 4, 4, 2\)"),
        (noise(0, 4, 4, 1), r"not \(0, 4, 4, 1\)"),
        (np.zeros((2, 4, 4, 1)), "array of uint8, not float64"),
        ([[0]], "array of uint8, not list"),
    ],
)
@pytest.mark.parametrize("function", [grid, strip, sprite])
def test_what_is_not_a_batch_of_images_is_refused(function, images, words):
    with pytest.raises(ValueError, match=words):
        function(images)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("columns", 0, "columns must be a whole number between 1 and 4, not 0"),
        ("columns", 5, "between 1 and 4, not 5"),
        ("padding", -1, "padding must be a whole number between 0 and 64, not -1"),
        ("scale", 0, "scale must be a whole number between 1 and 64, not 0"),
        ("scale", 1.5, "not 1.5"),
    ],
)
def test_a_grid_names_a_number_out_of_range(name, value, words):
    with pytest.raises(ValueError, match=words):
        grid(noise(4, 4, 4, 1), **{name: value})


def test_a_grid_of_too_many_pixels_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match="lower the scale"):
        grid(np.broadcast_to(np.uint8(0), (64, 64, 64, 1)), scale=64)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_saved_picture_comes_back_pixel_for_pixel(tmp_path, channels):
    image = noise(7, 5, channels)
    save_picture(tmp_path / "picture.png", image)
    with Image.open(tmp_path / "picture.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture).reshape(image.shape), image)


def test_settings_come_back_from_a_path_and_from_a_file(tmp_path):
    save_picture(tmp_path / "picture.png", noise(4, 4, 1), settings=SETTINGS)
    assert read_settings(tmp_path / "picture.png") == SETTINGS
    assert read_settings(round_trip(noise(4, 4, 3), SETTINGS)) == SETTINGS


def test_settings_survive_being_saved_beside_noise_larger_than_the_head():
    file = round_trip(noise(1200, 1200, 1), SETTINGS)
    assert len(file.getvalue()) > MAX_HEAD_BYTES
    assert read_settings(file) == SETTINGS


def test_a_picture_without_settings_has_none():
    assert read_settings(round_trip(noise(4, 4, 1))) is None


def test_settings_that_are_not_json_are_refused():
    for settings in ({"a": object()}, {"a": float("nan")}, {"a": noise(2)}):
        with pytest.raises(ValueError, match="plain JSON values"):
            save_picture(io.BytesIO(), noise(4, 4, 1), settings=settings)


def test_settings_too_long_to_read_are_not_written():
    with pytest.raises(ValueError, match="more than the 65,536 allowed"):
        save_picture(io.BytesIO(), noise(4, 4, 1), settings={"a": "x" * 70_000})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "damaged"),
        ("{", "damaged"),
        ("[1]", "damaged"),
        ("{}", "damaged"),
        ('{"schema": 1, "settings": [1]}', "damaged"),
        ('{"schema": "1", "settings": {}}', "damaged"),
        ("[" * 60_000, "damaged"),
        ('{"schema": 1, "settings": {"a": ' + "9" * 9_000 + "}}", "damaged"),
        ('{"schema": 2, "settings": {}}', "version 2; this program reads up to 1"),
        (json.dumps({"schema": 1, "settings": {"a": "x" * 70_000}}), "more than 65,536 bytes"),
    ],
)
def test_strange_settings_are_refused_in_a_sentence(text, words):
    with pytest.raises(ValueError, match=words):
        read_settings(written(text))


def test_a_header_that_claims_a_huge_image_is_refused():
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    with pytest.raises(ValueError, match="not a PNG"):
        read_settings(io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0" * 8))


@pytest.mark.parametrize("kind", ["JPEG", "GIF"])
def test_another_kind_of_picture_is_refused(kind):
    file = io.BytesIO()
    Image.new("L", (4, 4)).save(file, kind)
    file.seek(0)
    with pytest.raises(ValueError, match="not a PNG"):
        read_settings(file)


def test_a_missing_file_is_not_called_damaged(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_settings(tmp_path / "none.png")


@given(garbage=st.binary(max_size=200))
def test_garbage_is_refused(garbage):
    with pytest.raises(ValueError, match="not a PNG"):
        read_settings(io.BytesIO(garbage))


@given(position=st.integers(0, 400), bits=st.integers(1, 255))
def test_one_damaged_byte_gives_the_settings_or_none_or_a_value_error(position, bits):
    content = bytearray(round_trip(noise(4, 4, 1), SETTINGS).getvalue())
    content[position % len(content)] ^= bits
    try:
        result = read_settings(io.BytesIO(bytes(content)))
    except ValueError:
        return
    assert result is None or result == SETTINGS
