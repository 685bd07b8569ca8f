"""Walks: through any number of points, closed, in z and w, at an even speed, at random, and with mixed styles."""

import numpy as np
import pytest
import torch
from small_models import model_of
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.checkpoint import load, shipped
from playground.evaluation.features import features
from playground.latent import even_positions, interpolate, path, random_latents, random_walk, style_mixing, walk
from playground.latent.points import Point, read_points
from playground.latent.spaces import decode, mix_styles, to_styles, truncate
from playground.latent.walks import Route, curve_through, seed_points, walking
from playground.model import Model
from playground.samples import to_pixels


@pytest.fixture(scope="module")
def digits() -> Model:
    return load(next(file for file in shipped() if file.stem == "dcgan-digits"))


@pytest.fixture(scope="module")
def styled() -> Model:
    return model_of("stylegan2")


def test_a_walk_is_the_path_through_its_points_and_the_pictures_on_it(digits):
    walked = walk(digits, seed_points(digits, [1, 2, 3]), frames=9)
    expected = path(torch.cat([digits.latents(1, seed) for seed in (1, 2, 3)]), 9)
    assert_close(walked.codes, expected, rtol=0, atol=0)
    np.testing.assert_array_equal(walked.images, to_pixels(digits.generate(expected)))
    np.testing.assert_array_equal(walked.positions, np.arange(9) / 8)
    assert walked.labels is None and walked.measure == "pixels"


def test_interpolate_gives_the_pictures_of_the_walk(digits):
    options = {"frames": 12, "loop": True, "speed": "features", "truncation": 0.8}
    walked = walk(digits, seed_points(digits, [4, 5]), **options)
    np.testing.assert_array_equal(interpolate(digits, [4, 5], **options), walked.images)


def test_change_is_the_root_mean_square_in_grey_levels(digits):
    walked = walk(digits, seed_points(digits, [1, 2]), frames=4)
    pixels = walked.images.astype(float)
    expected = np.sqrt(((pixels[1:] - pixels[:-1]) ** 2).mean((1, 2, 3)))
    np.testing.assert_allclose(walked.change, expected, atol=0.5)  # the pictures are rounded to whole levels


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("speed", ["pixels", "features"])
def test_at_an_even_speed_every_frame_changes_about_as_much_and_the_ends_stay(digits, speed, loop):
    points = seed_points(digits, [1, 2, 3])
    plain = walk(digits, points, frames=48, loop=loop)
    even = walk(digits, points, frames=48, loop=loop, speed=speed)
    assert even.measure == speed and even.unevenness < 0.1
    rows = features(plain.images, "digits") if speed == "features" else torch.from_numpy(plain.images).flatten(1).float()
    before = (rows[1:] - rows[:-1]).norm(dim=1)
    assert even.unevenness < before.std() / before.mean() / 3
    assert_close(even.codes[0], plain.codes[0], rtol=0, atol=0)
    assert loop or torch.equal(even.codes[-1], plain.codes[-1])
    assert (np.diff(even.positions) > 0).all()


def test_the_step_that_closes_an_even_loop_is_like_the_others(digits):
    walked = walk(digits, seed_points(digits, [1, 2, 3]), frames=48, loop=True, speed="pixels")
    first, last = walked.images[[0, -1]].astype(float)
    assert np.sqrt(((first - last) ** 2).mean()) == pytest.approx(walked.change.mean(), rel=0.15)


def test_without_a_net_for_the_data_features_are_pixels():
    model = model_of("mlp", dataset="shapes", **{"generator.width": 8})
    walked = walk(model, seed_points(model, [1, 2]), frames=4, speed="features")
    assert walked.measure == "pixels"


@pytest.mark.parametrize("speed", ["plain", "pixels", "features"])
def test_a_walk_that_goes_nowhere_has_no_change_and_no_nan(digits, speed):
    walked = walk(digits, seed_points(digits, [1, 1]), frames=8, method="lerp", speed=speed)
    assert np.isfinite(walked.positions).all() and walked.change.max() < 1e-3


def test_a_broken_network_is_walked_all_the_same():
    model = model_of("mlp")
    for parameter in model.generator.parameters():
        parameter.data.fill_(torch.nan)
    walked = walk(model, seed_points(model, [1, 2]), frames=8, speed="pixels")
    assert walked.change.max() == 0 and walked.unevenness == 0


def test_a_loop_comes_back_and_has_a_segment_more(digits):
    points = seed_points(digits, [1, 2, 3])
    codes, _ = curve_through(digits, points, Route(loop=True))(torch.tensor([0.0, 1 / 3, 2 / 3, 1.0], dtype=torch.float64))
    assert_close(codes, torch.stack([points[n].code for n in (0, 1, 2, 0)]), rtol=0, atol=0)
    assert walk(digits, points, frames=6, loop=True).positions[-1] == 5 / 6


def test_as_many_points_as_frames_are_the_frames(digits):
    points = seed_points(digits, range(7))
    assert_close(walk(digits, points, frames=7).codes, torch.stack([point.code for point in points]), rtol=0, atol=0)


def test_in_w_the_way_is_straight_whatever_the_method(styled):
    points = seed_points(styled, [1, 2])
    w = to_styles(styled, styled.latents(1, 1)), to_styles(styled, styled.latents(1, 2))
    walked = walk(styled, points, frames=5, space="w", method="slerp")
    assert_close(walked.codes, torch.lerp(*w, torch.linspace(0, 1, 5)[:, None, None]))
    np.testing.assert_array_equal(walked.images, to_pixels(decode(styled, walked.codes)))


def test_points_that_have_only_styles_are_walked_in_w(styled):
    points = [Point(code) for code in to_styles(styled, styled.latents(2, 0))]
    assert walk(styled, points, frames=3).codes.shape == (3, styled.generator.num_layers, 64)
    with pytest.raises(ValueError, match="no latent z"):
        walk(styled, points, space="z")


def test_codes_are_what_the_generator_was_given(styled):
    points = seed_points(styled, [1, 2])
    walked = walk(styled, points, frames=3, space="w", truncation=0.5)
    assert_close(walked.codes[0], truncate(styled, to_styles(styled, points[0].code[None]), 0.5)[0])


def test_classes_mix_on_the_way():
    model = model_of("cgan")
    points = read_points([{"seed": 1, "label": 3}, {"seed": 2, "label": 8}], model)
    assert_close(walk(model, points, frames=5).labels[2], (torch.eye(10)[3] + torch.eye(10)[8]) / 2)
    assert_close(random_walk(model, 1, frames=4, label=7).labels, torch.eye(10)[[7] * 4])


def test_every_few_pictures_the_work_can_be_stopped(digits):
    route = Route(frames=64, speed="pixels")
    shares = list(walking(digits, curve_through(digits, seed_points(digits, [1, 2]), route), route))
    assert len(shares) == 10 and shares[0] == 0 and shares == sorted(shares) and shares[-1] < 1


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_can_be_walked_at_an_even_speed(name):
    model = model_of(name)
    measure = "features" if model.experiment.spec.kind == "image" else "pixels"  # the net knows images only
    walked = walk(model, seed_points(model, [1, 2]), frames=4, loop=True, speed="features")
    assert (
        walked.images.shape == (4, *model.sample(1).shape[1:])
        and walked.measure == measure
        and np.isfinite(walked.change).all()
    )


def test_of_a_large_network_fewer_are_made_at_a_time():
    model = model_of("stylegan2", dataset="shapes", **{"data.resolution": 64, "generator.width": 64})
    route = Route(frames=6)
    work = walking(model, curve_through(model, seed_points(model, [1, 2]), route), route)
    assert 0 == next(work) < next(work) < 1


# --- at random


def test_a_random_walk_is_standard_normal_everywhere():
    places = torch.tensor([0.0, 0.13, 0.5, 0.77], dtype=torch.float64)
    latents = random_latents(20_000, 3, places)
    assert_close(latents.mean(1), torch.zeros(4), rtol=0, atol=0.03)
    assert_close(latents.std(1), torch.ones(4), rtol=0, atol=0.02)
    assert_close((latents**4).mean(1), torch.full((4,), 3.0), rtol=0, atol=0.25)  # as of a normal distribution


@pytest.mark.parametrize("waves", [1, 3])
def test_places_of_a_random_walk_correlate_as_the_process_says(waves):
    gap = 0.07
    a, b = random_latents(40_000, 5, torch.tensor([0.3, 0.3 + gap], dtype=torch.float64), waves)
    expected = np.mean([np.cos(2 * np.pi * k * gap) for k in range(1, waves + 1)])
    assert float((a * b).mean()) == pytest.approx(expected, abs=0.03)


def test_a_random_walk_is_closed_and_smooth():
    latents = random_latents(64, 1, even_positions(257))
    assert_close(latents[0], latents[-1])
    speed = (latents[1:] - latents[:-1]).norm(dim=1)
    turn = (latents[2:] - 2 * latents[1:-1] + latents[:-2]).norm(dim=1)
    assert speed.std() / speed.mean() < 0.2 and turn.max() < 0.1 * speed.min()


def test_a_seed_gives_one_random_walk_and_another_gives_another():
    places = even_positions(5)
    assert torch.equal(random_latents(8, 1, places), random_latents(8, 1, places))
    assert not torch.allclose(random_latents(8, 1, places), random_latents(8, 2, places))


def test_a_random_walk_in_w_shows_the_pictures_of_that_in_z(styled):
    z, w = (random_walk(styled, 4, frames=6, space=space) for space in ("z", "w"))
    assert w.codes.ndim == 3 and np.abs(z.images.astype(int) - w.images).max() <= 1
    assert z.positions[-1] == 5 / 6


# --- mixed styles


def test_mixed_styles_are_rows_of_coarse_and_columns_of_fine_ones(styled):
    coarse, fine = seed_points(styled, [1, 2]), seed_points(styled, [3, 4, 5])
    table = style_mixing(styled, coarse, fine, 1)
    assert table.shape == (2, 3, 16, 16, 1)
    a, b = (to_styles(styled, point.code[None]) for point in (coarse[1], fine[2]))
    expected = to_pixels(decode(styled, mix_styles(a, b, 1)))[0]
    assert np.abs(table[1, 2].astype(int) - expected).max() <= 1


def test_with_no_size_of_the_one_there_is_only_the_other(styled):
    coarse, fine = seed_points(styled, [1, 2]), seed_points(styled, [3, 4, 5])
    for size, there in ((0, (0, slice(1, None))), (styled.generator.num_layers, (slice(1, None), 0))):
        table = style_mixing(styled, coarse, fine, size, sources=True).astype(int)
        wanted = table[there][None] if size == 0 else table[there][:, None]
        assert np.abs(table[1:, 1:] - wanted).max() <= 1
    assert (table[0, 0] == 128).all()


# --- what is refused


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"frames": 1}, "frames must be"),
        ({"frames": 600}, "frames must be"),
        ({"method": "cubic"}, "unknown method 'cubic'"),
        ({"speed": "fast"}, "unknown speed 'fast'; choose from: plain, pixels, features"),
        ({"space": "q"}, "unknown space 'q'"),
        ({"space": "w"}, "no styles"),
        ({"truncation": 2}, "truncation must be"),
    ],
)
def test_what_is_no_way_to_walk_is_refused_by_name(digits, options, words):
    with pytest.raises(ValueError, match=words):
        interpolate(digits, [1, 2], **options)


@pytest.mark.parametrize("seed", [-1, 2**31, 0.5, "7", True])
def test_a_random_walk_refuses_a_bad_seed(digits, seed):
    with pytest.raises(ValueError, match="a seed must be"):
        random_walk(digits, seed)


def test_mixing_refuses_a_model_without_styles_and_a_size_it_has_not(styled, digits):
    with pytest.raises(ValueError, match="no styles"):
        style_mixing(digits, seed_points(digits, [1]), seed_points(digits, [2]), 1)
    with pytest.raises(ValueError, match="size must be a whole number between 0 and 3, not 9"):
        style_mixing(styled, seed_points(styled, [1]), seed_points(styled, [2]), 9)
