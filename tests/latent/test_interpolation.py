"""The walk between latents: the formula, its edges, the way points."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from playground.experiment import Experiment
from playground.latent import INTERPOLATIONS, along, interpolate, lerp, path, slerp
from playground.model import Model

HALF = math.sqrt(0.5)
VALUES = st.floats(-1e6, 1e6, width=32)
VECTORS = st.integers(1, 6).flatmap(
    lambda size: st.lists(st.lists(VALUES, min_size=size, max_size=size), min_size=2, max_size=2)
)


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 24, generator=source, dtype=torch.float64)
    return a, b


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.untrained(Experiment())


def test_lerp_is_the_weighted_mean(pair):
    a, b = pair
    assert_close(lerp(a, b, 0.25), 0.75 * a + 0.25 * b)


def test_slerp_follows_shoemakes_formula(pair):
    a, b = pair
    angle = math.acos(float(a @ b / (a.norm() * b.norm())))
    expected = (math.sin(0.7 * angle) * a + math.sin(0.3 * angle) * b) / math.sin(angle)
    assert_close(slerp(a, b, 0.3), expected)


def test_slerp_of_a_quarter_circle_has_known_points():
    a, b = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0])
    assert_close(slerp(a, b, 1 / 3), torch.tensor([math.sqrt(3), 1.0]))


def test_slerp_keeps_the_length_when_both_ends_have_it(pair):
    a, b = (vector / vector.norm() * 5 for vector in pair)
    assert_close(slerp(a, b, torch.linspace(0, 1, 17)).norm(dim=-1), torch.full((17,), 5.0, dtype=torch.float64))


@pytest.mark.parametrize("factor", [1.0, 2.5, 1 + 1e-9])
def test_slerp_between_parallel_vectors_is_the_straight_line(pair, factor):
    a, _ = pair
    t = torch.linspace(0, 1, 9)
    assert_close(slerp(a, factor * a, t), lerp(a, factor * a, t))


def test_slerp_passes_smoothly_into_the_straight_line(pair):
    a, b = pair
    for size in (1e-3, 1e-6, 1e-9):
        near = a + size * b
        assert_close(slerp(a, near, 0.5), lerp(a, near, 0.5), rtol=0, atol=10 * size**2 + 1e-14)


def test_slerp_between_opposite_vectors_goes_round_a_circle(pair):
    a, _ = pair
    points = slerp(a, -a, torch.linspace(0, 1, 33))
    assert_close(points.norm(dim=-1), a.norm().expand(33))
    steps = (points[1:] - points[:-1]).norm(dim=-1)
    assert_close(steps, steps[0].expand(32))  # at an even speed
    assert_close(points[16] @ a, torch.zeros((), dtype=torch.float64), rtol=0, atol=1e-12)
    assert_close(slerp(a, -a, 0.3), slerp(a, -a, 0.3), rtol=0, atol=0)


def test_slerp_between_nearly_opposite_vectors_leans_to_the_shorter_side(pair):
    a, b = (vector / vector.norm() for vector in pair)
    for size in (1e-1, 1e-2, 1e-3, 1e-5):  # on both sides of the angle where the formula is left
        near = -a + size * b
        middle = slerp(a, near / near.norm(), 0.5)
        across = b - (b @ a) * a
        assert_close(middle, across / across.norm(), rtol=0, atol=size)


def test_slerp_between_opposite_vectors_of_unequal_length_stays_between_the_lengths(pair):
    a, _ = pair
    lengths = slerp(a, -3 * a, torch.linspace(0, 1, 33)).norm(dim=-1) / a.norm()
    assert lengths.min() >= 1 - 1e-6 and lengths.max() <= 3 + 1e-6


def test_slerp_from_zero_is_the_straight_line(pair):
    a, _ = pair
    zero = torch.zeros_like(a)
    assert_close(slerp(zero, a, 0.3), 0.3 * a)
    assert_close(slerp(a, zero, 0.3), 0.7 * a)
    assert_close(slerp(zero, zero, 0.3), zero)


@pytest.mark.parametrize("method", INTERPOLATIONS)
@given(vectors=VECTORS)
def test_ends_are_exact_and_every_point_is_a_number(method, vectors):
    a, b = torch.tensor(vectors)
    points = INTERPOLATIONS[method](a, b, torch.linspace(0, 1, 9))
    assert points.isfinite().all()
    assert_close(points[0], a, rtol=0, atol=0)
    assert_close(points[-1], b, rtol=0, atol=0)


@pytest.mark.parametrize("method", INTERPOLATIONS)
def test_positions_come_first_in_the_shape(method):
    a, b = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(1))
    points = INTERPOLATIONS[method](a, b, torch.tensor([0.0, 0.4]))
    assert points.shape == (2, 5, 3)
    assert_close(points[1, 2], INTERPOLATIONS[method](a[2], b[2], 0.4))


def test_slerp_treats_each_row_of_a_batch_by_itself():
    a = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    b = torch.tensor([[0.0, 1.0], [-1.0, 0.0], [4.0, 0.0]])
    assert_close(slerp(a, b, 0.5), torch.tensor([[HALF, HALF], [0.0, 1.0], [2.0, 0.0]]))


def test_a_path_spreads_its_frames_evenly_over_the_segments():
    way_points = torch.tensor([[0.0], [1.0], [3.0]])
    expected = torch.tensor([[0.0], [0.5], [1.0], [2.0], [3.0]])
    assert_close(path(way_points, 5, method="lerp"), expected, rtol=0, atol=0)


def test_a_loop_stops_one_step_before_its_start():
    way_points = torch.tensor([[0.0], [1.0]])
    assert_close(path(way_points, 4, method="lerp", loop=True), torch.tensor([[0.0], [0.5], [1.0], [0.5]]), rtol=0, atol=0)


@pytest.mark.parametrize("method", INTERPOLATIONS)
@given(count=st.integers(2, 9), frames=st.integers(9, 512))
def test_a_path_starts_and_ends_exactly_on_its_way_points(method, count, frames):
    way_points = torch.randn(count, 4, generator=torch.Generator().manual_seed(count))
    points = path(way_points, frames, method=method)
    assert points.shape == (frames, 4)
    assert_close(points[[0, -1]], way_points[[0, -1]], rtol=0, atol=0)


@pytest.mark.parametrize(
    ("count", "frames", "method", "words"),
    [
        (2, 1, "slerp", "between 2 and 512, not 1"),
        (2, 513, "slerp", "between 2 and 512, not 513"),
        (2, 2.5, "slerp", "between 2 and 512, not 2.5"),
        (1, 8, "slerp", "2 to 8 way points, not 1"),
        (9, 8, "slerp", "2 to 8 way points, not 9"),
        (2, 8, "cubic", "unknown method 'cubic'; choose from: slerp, lerp"),
    ],
)
def test_a_path_refuses_what_it_cannot_walk(count, frames, method, words):
    with pytest.raises(ValueError, match=words):
        path(torch.zeros(count, 3), frames, method=method)


def test_pictures_of_a_walk_begin_and_end_with_those_of_its_seeds(model):
    pictures = interpolate(model, [3, 8], frames=5)
    assert pictures.shape == (5, 32, 32, 1) and pictures.dtype.name == "uint8"
    for picture, seed in ((pictures[0], 3), (pictures[-1], 8)):
        assert abs(picture.astype(int) - model.sample(1, seed)[0]).max() <= 1  # rounding differs with the batch


@pytest.mark.parametrize("seed", [-1, 2**31, 0.5, "7"])
def test_a_walk_refuses_a_bad_seed_by_name(model, seed):
    with pytest.raises(ValueError, match=f"seed must be .* not {seed!r}"):
        interpolate(model, [0, seed])


@pytest.mark.parametrize("degrees", [1e-3, 1.0, 45.0, 90.0, 135.0, 179.0])
def test_slerp_holds_the_formula_at_every_angle(degrees):
    angle = math.radians(degrees)
    a = torch.tensor([3.0, 0.0], dtype=torch.float64)
    b = 2 * torch.tensor([math.cos(angle), math.sin(angle)], dtype=torch.float64)
    t = torch.linspace(0, 1, 11, dtype=torch.float64)
    expected = (torch.sin((1 - t) * angle)[:, None] * a + torch.sin(t * angle)[:, None] * b) / math.sin(angle)
    assert_close(slerp(a, b, t), expected, rtol=1e-9, atol=1e-9)


@given(position=st.floats(0, 1), count=st.integers(2, 8), loop=st.booleans())
def test_any_place_of_a_path_lies_on_its_segment(position, count, loop):
    latents = torch.randn(count, 3, generator=torch.Generator().manual_seed(count), dtype=torch.float64)
    place = position * (count if loop else count - 1)
    segment = min(int(place), count - 1 if loop else count - 2)
    expected = lerp(latents[segment], latents[(segment + 1) % count], place - segment)
    found = along(latents, torch.tensor([position], dtype=torch.float64), method="lerp", loop=loop)[0]
    assert_close(found, expected, rtol=0, atol=1e-8)
