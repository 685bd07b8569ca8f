"""Planes: corners exact, lengths kept, the same from whichever side one looks."""

import pytest
import torch
from small_models import model_of
from torch.testing import assert_close

from playground.latent.plane import on_plane, plane
from playground.latent.points import read_points
from playground.latent.spaces import to_styles
from playground.model import Model

U, V = torch.tensor([0.0, 1.0, 0.0, 1.0]), torch.tensor([0.0, 0.0, 1.0, 1.0])


def points_of(model: Model, *seeds: int) -> list:
    return read_points([{"seed": seed} for seed in seeds], model)


def test_the_corners_are_the_points():
    model = model_of("mlp")
    codes, labels = on_plane(model, points_of(model, 1, 2, 3, 4), U, V)
    assert torch.equal(codes, torch.cat([model.latents(1, seed) for seed in (1, 2, 3, 4)]))
    assert labels is None


def test_between_them_latents_are_as_long_as_the_corners_are():
    model = model_of("mlp")
    corners = torch.cat([model.latents(1, seed) for seed in (1, 2, 3, 4)]).norm(dim=1)
    places = torch.rand(50, 2, generator=torch.Generator().manual_seed(0))
    lengths = on_plane(model, points_of(model, 1, 2, 3, 4), places[:, 0], places[:, 1])[0].norm(dim=1)
    assert ((lengths >= corners.min() - 1e-4) & (lengths <= corners.max() + 1e-4)).all()


def test_swapping_right_and_down_turns_the_plane_over():
    model = model_of("mlp")
    u, v = torch.tensor([0.2, 0.7]), torch.tensor([0.9, 0.4])
    assert_close(on_plane(model, points_of(model, 1, 2, 3, 4), u, v)[0], on_plane(model, points_of(model, 1, 3, 2, 4), v, u)[0])


def test_three_points_are_completed_by_the_corner_opposite_the_first():
    model = model_of("mlp")
    a, b, c = (model.latents(1, seed)[0] for seed in (1, 2, 3))
    corner = on_plane(model, points_of(model, 1, 2, 3), torch.ones(1), torch.ones(1))[0][0]
    assert_close(corner / corner.norm(), (b + c - a) / (b + c - a).norm())
    assert_close(corner.norm(), (a.norm() + b.norm() + c.norm()) / 3)


def test_styles_are_mixed_plainly():
    model = model_of("stylegan2")
    w = to_styles(model, torch.cat([model.latents(1, seed) for seed in (1, 2, 3, 4)]))
    codes, _ = on_plane(model, points_of(model, 1, 2, 3, 4), torch.tensor([0.5]), torch.tensor([0.5]), "w")
    assert_close(codes[0], w.mean(0))


def test_classes_are_mixed_by_the_same_weights():
    model = model_of("cgan")
    points = read_points([{"seed": 1, "label": label} for label in (0, 1, 2, 3)], model)
    labels = on_plane(model, points, torch.tensor([0.5]), torch.tensor([0.5]))[1]
    assert_close(labels[0, :4], torch.full((4,), 0.25))


@pytest.mark.parametrize(("classes", "fourth"), [((0, 1, 2), {1: 0.5, 2: 0.5}), ((0, 0, 2), {2: 1.0}), ((5, 5, 5), {5: 1.0})])
def test_the_fourth_corners_class_does_not_depend_on_the_order_of_the_two_beside_it(classes, fourth):
    model = model_of("cgan")
    points = read_points([{"seed": seed, "label": label} for seed, label in enumerate(classes)], model)
    corner = torch.ones(1)
    one, other = (on_plane(model, order, corner, corner)[1][0] for order in (points, [points[0], points[2], points[1]]))
    assert_close(one, other)
    assert {n: weight for n, weight in enumerate(one.tolist()) if weight} == fourth


def test_the_pictures_lie_row_by_row():
    model = model_of("mlp")
    made = plane(model, points_of(model, 1, 2, 3, 4), rows=3, columns=5)
    assert made.images.shape == (15, 16, 16, 1)
    assert (made.images[4] == model.sample(1, 2)[0]).all()  # the last of the first row is the second point


def test_what_cannot_be_points_away_from_zero_stays_zero():
    model = model_of("mlp")
    points = points_of(model, 1, 1, 1, 1)
    points[1] = points[2] = type(points[0])(-points[0].code)
    codes, _ = on_plane(model, points, torch.tensor([0.5]), torch.tensor([0.5]))
    assert torch.isfinite(codes).all()


@pytest.mark.parametrize("count", [2, 5])
def test_other_numbers_of_corners_are_refused(count):
    model = model_of("mlp")
    with pytest.raises(ValueError, match="three or four"):
        plane(model, points_of(model, *range(count)))


@pytest.mark.parametrize(("name", "value"), [("rows", 1), ("columns", 33), ("rows", True)])
def test_a_bad_size_is_refused(name, value):
    model = model_of("mlp")
    with pytest.raises(ValueError, match=name):
        plane(model, points_of(model, 1, 2, 3), **{name: value})
