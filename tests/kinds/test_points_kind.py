"""A point is a dot on axes, and where it is pulled is an arrow."""

import numpy as np
import torch

from playground.kinds import draw, draw_moves, to_values
from playground.kinds.points import DOT, LONGEST, SIDE, SPAN, to_pixels
from playground.samples import SampleSpec

SPEC = SampleSpec("points", (2,))


def test_the_dot_is_where_the_point_is_up_is_larger():
    pictures = draw(torch.tensor([[0.5, 0.5], [-0.8, -0.2]]), SPEC)
    assert pictures.shape == (2, SIDE, SIDE, 3) and pictures.dtype == np.uint8
    for picture, (x, y) in zip(pictures, [(0.5, 0.5), (-0.8, -0.2)], strict=True):
        rows, columns = np.nonzero((picture == DOT).all(2))
        assert abs((columns.mean() + 0.5) * 2 * SPAN / SIDE - SPAN - x) < 0.03
        assert abs(SPAN - (rows.mean() + 0.5) * 2 * SPAN / SIDE - y) < 0.03


def test_whatever_a_network_makes_becomes_points_in_the_plane():
    made = torch.tensor([[float("nan"), 3.0], [-float("inf"), float("inf")], [0.25, -0.5]])
    assert to_values(made, SPEC).tolist() == [[0, 1], [-1, 1], [0.25, -0.5]]
    assert draw(to_values(made, SPEC), SPEC).shape == (3, SIDE, SIDE, 3)


def test_an_arrow_points_where_the_sample_is_pulled_and_the_longest_is_of_a_known_length():
    points, by = torch.zeros(3, 2), torch.tensor([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    drawn = draw_moves(points, by, SPEC)
    assert drawn.shape == (3, SIDE, SIDE) and drawn.min() >= 0 and drawn.max() <= 1
    tip = to_pixels(np.array([[LONGEST, 0.0]]))[0]
    assert drawn[0][:, int(tip[0]) - 1].max() > 0.5 and drawn[0][:, int(tip[0]) + 2 :].max() == 0
    assert drawn[1][: SIDE // 2 - 5].max() > 0.5 and drawn[1][SIDE // 2 + 6 :].max() == 0
    assert drawn[2].max() == 0
