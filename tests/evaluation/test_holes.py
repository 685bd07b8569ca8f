"""Holes are where real samples are and made ones are not, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.evaluation import coverage, covered, density_coverage

CENTRES = torch.tensor([[0.0, 0, 0, 0], [9, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9]])


def modes(count: int, seed: int, left_out: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw rows of five Gaussian modes in turn, and which mode each is of; `left_out` is one that has none."""
    which = torch.arange(count) % len(CENTRES)
    if left_out is not None:
        which[which == left_out] = (left_out + 1) % len(CENTRES)
    noise = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))
    return CENTRES[which] + noise, which


@pytest.mark.parametrize("left_out", range(5))
def test_a_mode_that_is_left_out_is_the_hole(left_out):
    real, which = modes(500, 1)
    found = coverage(real, modes(500, 2, left_out)[0], modes(500, 3)[0])
    assert found.holes
    rows = np.concatenate([hole.rows for hole in found.holes])
    assert (which[rows] == left_out).all() and len(rows) == 100 == len(set(rows))
    assert all(hole.missing == 1 and hole.expected < 0.2 for hole in found.holes)
    assert found.share == pytest.approx(0.8 * found.floor, abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_where_all_modes_are_made_there_is_no_hole(seed):
    found = coverage(modes(500, seed)[0], modes(500, seed + 10)[0], modes(500, seed + 20)[0])
    assert not found.holes
    assert found.share == pytest.approx(found.floor, abs=0.04)


def test_the_floor_is_what_two_draws_of_the_same_cover_about_31_of_32():
    found = coverage(modes(500, 1)[0], modes(500, 2)[0], modes(500, 3)[0])
    assert found.floor == pytest.approx(1 - 2**-5, abs=0.03)  # each ball holds half of its 5 + 5 neighbours on average


def test_more_made_samples_than_held_out_ones_are_not_an_advantage():
    real, made, other = (modes(count, seed)[0] for count, seed in ((300, 1), (900, 2), (300, 3)))
    assert coverage(real, made, other).share == coverage(real, made[:300], other).share


def test_a_generator_of_one_sample_leaves_nearly_all_to_holes():
    found = coverage(modes(500, 1)[0], torch.zeros(500, 4), modes(500, 3)[0])
    assert found.share < 0.2 and sum(len(hole.rows) for hole in found.holes) > 350


def test_covered_rows_are_those_that_coverage_counts():
    real, made = modes(200, 1)[0], modes(200, 2, 3)[0]
    assert covered(real, made).double().mean().item() == density_coverage(real, made)[1]


def test_of_wide_rows_the_principal_columns_decide_the_same():
    real = modes(300, 1)[0]
    spread = torch.linalg.qr(torch.randn(400, 4, generator=torch.Generator().manual_seed(0)))[0].T
    wide = [rows @ spread for rows in (real, modes(300, 2, 0)[0], modes(300, 3)[0])]
    narrow = coverage(real, modes(300, 2, 0)[0], modes(300, 3)[0])
    np.testing.assert_array_equal(coverage(*wide).covered, narrow.covered)


def test_rows_that_are_all_alike_are_no_error():
    assert coverage(torch.zeros(40, 4), torch.zeros(40, 4), torch.zeros(40, 4)).share == 1
