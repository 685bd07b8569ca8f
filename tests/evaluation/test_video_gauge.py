"""The gauge of films feels both what is seen and how it moves."""

import pytest
import torch

from playground.datasets import DATASETS, data_root
from playground.evaluation.gauges import GAUGES

GAUGE = GAUGES["video"]
COUNT = 300


@pytest.fixture(scope="module")
def films() -> torch.Tensor:
    dataset = DATASETS["bouncing"]
    return dataset.load(dataset.config(count=4 * COUNT), data_root()).values


def distance(films: torch.Tensor, others: torch.Tensor) -> float:
    return GAUGE.distance(GAUGE.embed(films[:COUNT], "bouncing"), GAUGE.embed(others, "bouncing"), 0)


def test_films_of_the_same_kind_lie_near_each_other_and_on_themselves(films):
    assert distance(films, films[:COUNT]) < 1e-5
    assert distance(films, films[COUNT : 2 * COUNT]) < 0.01


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda films: films[:, torch.tensor([3, 0, 6, 1, 7, 2, 5, 4])],  # the same frames, out of order
        lambda films: films[:, :1].expand_as(films),  # nothing moves
        lambda films: films[:, [0, 0, 1, 1, 2, 2, 3, 3]],  # half as fast
        lambda films: films[:1].expand_as(films),  # one film again and again
        lambda films: films.flip(0).float().div(2).to(torch.uint8),  # dim
        lambda films: films.roll(3, dims=-1),  # elsewhere
    ],
    ids=["shuffled", "frozen", "slow", "one film", "dim", "elsewhere"],
)
def test_spoilt_films_lie_farther_off_than_real_ones(films, spoilt):
    real = films[COUNT : 2 * COUNT]
    assert distance(films, spoilt(real)) > 3 * distance(films, real)


def test_what_is_no_number_is_infinitely_far():
    rows = torch.zeros(10, 4)
    assert GAUGE.distance(rows, rows * torch.nan, 0) == float("inf")


def test_rows_that_are_all_alike_can_be_measured():
    assert GAUGE.distance(torch.zeros(10, 4), torch.zeros(10, 4), 0) == 0
    assert GAUGE.distance(torch.zeros(10, 4), torch.ones(10, 4), 0) > 0.1


def test_a_film_in_which_nothing_moves_has_no_change(films):
    figures = GAUGE.figures(films[:5, :1].expand(5, 8, 1, 16, 16), None, "bouncing")
    assert figures == {"change a frame": 0.0}
