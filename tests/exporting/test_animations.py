"""Animations: pixels, times and order of the frames as read back from the file."""

import io
import sys

import av
import numpy as np
import pytest
from PIL import Image

from playground.exporting import save_animation

KINDS = ("gif", "webp")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def gradient(count: int) -> np.ndarray:
    """Make smooth RGB frames of 32×32, more colours than a palette holds, that move a little."""
    y, x = np.mgrid[0:32, 0:32] / 32
    frames = np.stack([np.stack([x, y, (x + y + t / count) % 1], -1) for t in range(count)])
    return (255 * frames).astype(np.uint8)


def save(frames: np.ndarray, **options) -> Image.Image:
    file = io.BytesIO()
    save_animation(file, frames, **options)
    file.seek(0)
    return Image.open(file)


def read(picture: Image.Image) -> tuple[np.ndarray, list[int]]:
    """Return the frames, uint8 (N, H, W, 3), and how many milliseconds each stands."""
    frames, durations = [], []
    for number in range(picture.n_frames):
        picture.seek(number)
        frames.append(np.asarray(picture.convert("RGB")))
        durations.append(picture.info["duration"])
    return np.stack(frames), durations


@pytest.mark.parametrize("kind", KINDS)
def test_grey_frames_come_back_pixel_for_pixel(kind):
    frames = noise(6, 16, 12, 1)
    result, _ = read(save(frames, kind=kind, scale=1))
    np.testing.assert_array_equal(result, np.repeat(frames, 3, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_frames_that_differ_in_one_pixel_come_back_pixel_for_pixel(kind):
    frames = np.repeat(noise(1, 16, 16, 1), 6, 0)
    frames[np.arange(6), np.arange(6), 3] ^= 255
    result, _ = read(save(frames, kind=kind, scale=1))
    np.testing.assert_array_equal(result, np.repeat(frames, 3, 3))


def test_colours_are_exact_in_webp():
    frames = noise(4, 16, 16, 3)
    np.testing.assert_array_equal(read(save(frames, kind="webp", scale=1))[0], frames)


def test_colours_are_near_in_gif():
    frames = gradient(6)
    difference = read(save(frames, kind="gif", scale=1))[0].astype(int) - frames
    assert abs(difference).mean() < 15  # 256 colours for a cube of 256³ lie about 40 apart


def test_a_still_colour_does_not_flicker_in_gif():
    frames = gradient(6)
    frames[:, :16] = frames[0, :16]
    result, _ = read(save(frames, kind="gif", scale=1))
    np.testing.assert_array_equal(result[:, :16], np.repeat(result[:1, :16], 6, 0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "size"), [((16, 16), (256, 256)), ((100, 50), (250, 500)), ((300, 400), (400, 300))])
def test_the_shorter_side_comes_to_about_256_by_default(kind, shape, size):
    assert save(noise(2, *shape, 1), kind=kind).size == size


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_are_enlarged_to_squares(kind):
    frames = noise(3, 4, 4, 1)
    result, _ = read(save(frames, kind=kind, scale=5))
    np.testing.assert_array_equal(result, np.repeat(np.kron(frames, np.ones((1, 5, 5, 1), np.uint8)), 3, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_frames_stand_for_the_time_asked(kind):
    assert read(save(noise(4, 8, 8, 1), kind=kind, fps=20))[1] == [50] * 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fps", [12, 24, 30, 48])
def test_rounded_times_add_up(kind, fps):
    _, durations = read(save(noise(fps, 4, 4, 1), kind=kind, fps=fps, scale=1))
    assert sum(durations) == 1000


@pytest.mark.parametrize("kind", KINDS)
def test_ping_pong_goes_forth_and_back_without_standing_still_at_the_ends(kind):
    frames = noise(4, 8, 8, 1)
    result, _ = read(save(frames, kind=kind, scale=1, ping_pong=True))
    np.testing.assert_array_equal(result[..., :1], frames[[0, 1, 2, 3, 2, 1]])


@pytest.mark.parametrize(
    ("kind", "loop", "stored"), [("gif", True, 0), ("gif", False, None), ("webp", True, 0), ("webp", False, 1)]
)
def test_an_animation_plays_for_ever_or_once(kind, loop, stored):
    assert save(noise(3, 8, 8, 1), kind=kind, loop=loop).info.get("loop") == stored


@pytest.mark.parametrize("kind", KINDS)
def test_one_frame_is_enough(kind):
    assert save(noise(1, 8, 8, 1), kind=kind, ping_pong=True).size == (256, 256)


def test_an_animation_is_written_to_a_path(tmp_path):
    save_animation(tmp_path / "walk.webp", noise(3, 8, 8, 1), kind="webp")
    with Image.open(tmp_path / "walk.webp") as picture:
        assert picture.n_frames == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "avi"}, "unknown kind of animation 'avi'; choose from: gif, webp, mp4"),
        ({"fps": 0}, "fps must be between 1 and 50, not 0"),
        ({"fps": float("nan")}, "not nan"),
        ({"fps": 51}, "not 51"),
        ({"scale": 0}, "scale must be a whole number between 1 and 64, not 0"),
    ],
)
def test_a_bad_value_is_named(options, words):
    with pytest.raises(ValueError, match=words):
        save(noise(2, 4, 4, 1), **options)


def test_too_many_pixels_are_refused_before_they_are_made():
    with pytest.raises(ValueError, match="lower the scale"):
        save(np.broadcast_to(np.uint8(0), (512, 64, 64, 1)), scale=64)


def test_what_is_not_a_batch_of_images_is_refused():
    with pytest.raises(ValueError, match=r"not \(4, 4, 1\)"):
        save(noise(4, 4, 1))


# --- video


def decode(file) -> tuple[np.ndarray, av.VideoStream]:
    """Return the frames of a video, uint8 (N, H, W, 3), and what it says of itself."""
    with av.open(file) as container:
        stream = container.streams.video[0]
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]), stream


def video(frames: np.ndarray, **options) -> tuple[np.ndarray, av.VideoStream]:
    file = io.BytesIO()
    save_animation(file, frames, kind="mp4", **options)
    file.seek(0)
    return decode(file)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_video_has_every_frame_at_its_size_in_a_format_that_browsers_play(channels):
    result, stream = video(noise(7, 16, 12, channels), scale=4, fps=12.5)
    assert result.shape == (7, 64, 48, 3)
    assert (stream.codec_context.name, stream.codec_context.pix_fmt, float(stream.average_rate)) == ("h264", "yuv420p", 12.5)


def test_odd_sides_of_a_video_are_padded_to_even_ones():
    assert video(noise(2, 15, 9, 1), scale=3)[0].shape == (2, 46, 28, 3)


def test_pixels_stay_squares_with_sharp_edges_in_a_video():
    frames = noise(3, 8, 8, 1) // 128 * 255  # black and white
    result, _ = video(frames, scale=8)
    wanted = np.kron(frames, np.ones((1, 8, 8, 1))).repeat(3, 3)
    assert abs(result - wanted).max() < 40


def test_colours_of_a_video_are_near():
    frames = gradient(6)
    result, _ = video(frames, scale=4)
    assert abs(result[:, 2::4, 2::4].astype(int) - frames).mean() < 6


def test_a_video_plays_forth_and_back_and_goes_to_a_path(tmp_path):
    save_animation(tmp_path / "walk.mp4", noise(4, 8, 8, 1), kind="mp4", ping_pong=True)
    frames, _ = decode(str(tmp_path / "walk.mp4"))
    assert frames.shape == (6, 256, 256, 3)


def test_one_frame_makes_a_video():
    assert video(noise(1, 8, 8, 3), scale=1)[0].shape == (1, 8, 8, 3)


def test_without_its_package_a_video_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ValueError, match=r"MP4 needs the package av \(pip install av\)"):
        video(noise(2, 8, 8, 1))
