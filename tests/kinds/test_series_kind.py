"""Series: what enters a network is what the data hold, and a picture shows the line where its values are."""

import time

import numpy as np
import torch

from playground import kinds
from playground.samples import SampleSpec

SPEC = SampleSpec("series", (30, 1))
HEIGHT, WIDTH, MARGIN = 64, 96, 5


def darkest(pictures: np.ndarray) -> np.ndarray:
    """Return the row of the darkest pixel in each column: (N, WIDTH)."""
    return pictures.sum(3).argmin(1)


def test_networks_see_the_values_themselves_and_what_they_make_is_held_in_range():
    values = torch.rand(5, 30, 1, generator=torch.Generator().manual_seed(0)) * 2 - 1
    torch.testing.assert_close(kinds.to_network(values, SPEC), values, rtol=0, atol=0)
    made = torch.tensor([[float("nan"), 3, -3, 0.5, float("inf"), float("-inf")]])[..., None].requires_grad_(True)
    assert kinds.to_values(made, SPEC).flatten().tolist() == [0, 1, -1, 0.5, 1, -1]


def test_the_line_goes_through_its_values():
    values = torch.sin(torch.arange(30) / 4)[None, :, None]
    rows = darkest(kinds.draw(values, SPEC))[0]
    columns = (MARGIN + torch.arange(30) / 29 * (WIDTH - 1 - 2 * MARGIN)).round().long()
    wanted = HEIGHT / 2 - values[0, :, 0] * (HEIGHT / 2 - MARGIN)
    assert np.abs(rows[columns] - wanted.numpy()).max() <= 2


def test_a_jump_is_a_line_without_gaps():
    values = torch.ones(1, 30, 1)
    values[:, 15:] = -1
    picture = kinds.draw(values, SPEC)[0]
    dark = (picture.sum(2) < 450).any(1)
    assert dark[MARGIN + 1 : HEIGHT - MARGIN - 1].all()


def test_two_values_are_two_lines_of_different_colours():
    values = torch.stack([torch.full((30,), 0.5), torch.full((30,), -0.5)], 1)[None]
    picture = kinds.draw(values, SampleSpec("series", (30, 2)))[0].astype(int)
    upper, lower = (picture[round(HEIGHT / 2 - value * (HEIGHT / 2 - MARGIN)), 40] for value in (0.5, -0.5))
    assert np.abs(upper - lower).max() > 40 and max(upper.sum(), lower.sum()) < 500


def test_pictures_of_any_length_are_of_one_size():
    for steps in (1, 2, 30, 128):
        assert kinds.draw(torch.zeros(3, steps, 1), SampleSpec("series", (steps, 1))).shape == (3, HEIGHT, WIDTH, 3)


def test_the_pictures_of_a_walk_are_drawn_in_a_moment():
    values = torch.rand(48, 30, 1, generator=torch.Generator().manual_seed(0)) * 2 - 1
    taken = []
    for _ in range(3):
        started = time.process_time()
        kinds.draw(values, SPEC)
        taken.append(time.process_time() - started)
    assert min(taken) < 0.06
