"""The command `motions`: every content in every motion, as an animation or a picture."""

import numpy as np
import pytest
from command_line import call, done
from PIL import Image
from small_models import model_of

from playground.checkpoint import load, save
from playground.exporting import film_grid, read_settings
from playground.latent import content_motion


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("motions") / "mocogan.safetensors"
    save(model_of("mocogan"), path)
    return path


def latents(model, seeds):
    import torch

    return torch.cat([model.latents(1, seed) for seed in seeds])


def test_the_animation_has_the_films_frame_by_frame(checkpoint, tmp_path):
    done(f"motions {checkpoint} --contents 1,2 --motions 3,4,5 --output {tmp_path / 'films.webp'}")
    model = load(checkpoint)
    made = content_motion(model, latents(model, [1, 2]), latents(model, [3, 4, 5]))
    expected = film_grid(made.frames.reshape(6, *made.frames.shape[2:]), columns=3)
    with Image.open(tmp_path / "films.webp") as animation:
        assert animation.n_frames == 8
        for number in range(8):
            animation.seek(number)
            scale = animation.width // expected.shape[2]
            np.testing.assert_array_equal(np.asarray(animation.convert("RGB"))[::scale, ::scale], expected[number])


@pytest.mark.parametrize("suffix", ["gif", "mp4"])
def test_other_kinds_of_animation_are_written(checkpoint, tmp_path, suffix):
    if suffix == "mp4":
        pytest.importorskip("av")
    done(f"motions {checkpoint} --fps 4 --output {tmp_path / f'films.{suffix}'}")
    assert (tmp_path / f"films.{suffix}").stat().st_size > 500


def test_a_picture_says_what_it_was_made_of(checkpoint, tmp_path):
    done(f"motions {checkpoint} --contents 1,2 --truncation 0.5 --output {tmp_path / 'films.png'}")
    settings = read_settings(tmp_path / "films.png")
    assert (settings["contents"], settings["motions"], settings["truncation"]) == ([1, 2], [1, 2], 0.5)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--contents 1,x", "'x'"),
        ("--contents 1,2,3,4,5,6,7,8,9,10,11,12,13", "1 to 12 seeds"),
        ("--motions -1", "seed"),
        ("--truncation 2", "truncation"),
        ("--fps 99", "fps"),
    ],
)
def test_what_makes_no_films_ends_with_one_line(checkpoint, tmp_path, options, named):
    result = call(f"motions {checkpoint} {options} --output {tmp_path / 'films.gif'}")
    assert result.exit_code == 2 and named in result.stderr and len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "films.gif").exists()


def test_a_model_of_pictures_is_told_so(tmp_path):
    save(model_of("mlp"), tmp_path / "mlp.safetensors")
    result = call(f"motions {tmp_path / 'mlp.safetensors'} --output {tmp_path / 'films.gif'}")
    assert result.exit_code == 2 and "mlp does not tell content from motion" in result.stderr
