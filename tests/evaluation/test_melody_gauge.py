"""How melodies are compared: n-grams, what is new and what is different."""

import time

import pytest
import torch

from playground.datasets import DATASETS
from playground.evaluation.gauges import GAUGES
from playground.evaluation.gauges._ngrams import jensen_shannon, variety
from playground.evaluation.gauges.melody import BASE, END, MAX_VOCABULARY, START, divergence, embed, figures, ngrams
from playground.samples import Samples

MELODIES = DATASETS["melodies"]
TRAINING = MELODIES.load(MELODIES.config(), None)
FIRST, SECOND = TRAINING.values[:1000], TRAINING.values[1000:2000]


def distance(values: torch.Tensor) -> float:
    return GAUGES["melody"].distance(embed(FIRST, "melodies"), embed(values, "melodies"), 0)


def test_pairs_run_from_before_the_first_token_to_after_the_last():
    found = ngrams(torch.tensor([[5, 7]]), 2).tolist()
    assert found == [START + BASE * 5, 5 + BASE * 7, 7 + BASE * END]
    assert sorted(ngrams(torch.tensor([[5, 7], [7, 7]]), 1).tolist()) == [5, 7, 7, 7]


def test_rows_lie_apart_by_the_number_of_other_tokens():
    rows = embed(torch.tensor([[1, 2, 3], [1, 2, 4], [3, 3, 3]]), "melodies")
    assert rows.shape == (3, 3 * MAX_VOCABULARY) and rows.dtype == torch.float32
    assert (torch.cdist(rows, rows).square() / 2).round().tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]


@pytest.mark.parametrize("token", [-1, MAX_VOCABULARY])
def test_a_token_beyond_the_room_is_refused(token):
    with pytest.raises(ValueError, match=f"between 0 and {MAX_VOCABULARY - 1}, not {token}"):
        embed(torch.tensor([[0, token]]), "melodies")


def test_the_divergence_is_none_of_the_same_little_of_real_ones_and_one_of_what_has_nothing_in_common():
    assert distance(FIRST) == 0
    assert 0 < distance(SECOND) < 0.06
    assert divergence(embed(torch.zeros(10, 8).long(), ""), embed(torch.ones(10, 8).long(), "")) == pytest.approx(1)


def test_every_fault_moves_melodies_away():
    """In shuffled bars the tokens are as often as ever; one melody a thousand times is perfect by itself."""
    real, random = distance(SECOND), torch.Generator().manual_seed(0)
    bars = SECOND.unflatten(1, (4, 4))
    assert distance(bars[:, torch.tensor([3, 0, 1, 2])].flatten(1)) > 2 * real
    assert distance(SECOND[:, torch.randperm(16, generator=random)]) > 5 * real
    assert distance(SECOND[:1].expand(1000, -1)) > 10 * real
    assert distance(torch.randint(20, (1000, 16), generator=random)) > 15 * real


def test_the_fewer_wrong_notes_the_less_the_distance():
    random = torch.Generator().manual_seed(0)
    dice, other = torch.rand(1000, 16, generator=random), torch.randint(20, (1000, 16), generator=random)
    distances = [distance(torch.where(dice < share, other, SECOND)) for share in (0.0, 0.02, 0.1, 0.3, 1.0)]
    assert distances == sorted(distances)


def test_figures_count_what_is_different_and_what_is_new():
    training = Samples(TRAINING.spec, torch.tensor([[1, 2], [3, 4], [1, 2]]))
    assert variety(torch.tensor([[1, 2], [1, 2], [5, 5], [2, 1]]), training) == {"unique": 0.75, "new": 0.5, "commonest": 0.5}


def test_one_note_for_ever_is_told_by_its_figures():
    found = figures(torch.zeros(1000, 16, dtype=torch.int64), TRAINING, "melodies")
    assert found["unique"] == 0.001 and found["commonest"] == 1 and found["bigram divergence"] > 0.8
    real = figures(SECOND, TRAINING, "melodies")
    assert real["new"] == 0 and real["unique"] > 0.95 and real["bigram divergence"] < 0.01
    assert real["bigram divergence"] == pytest.approx(
        jensen_shannon(
            ngrams(TRAINING.values[torch.randperm(8000, generator=torch.Generator().manual_seed(0))[:1000]], 2),
            ngrams(SECOND, 2),
        )
    )


def test_a_thousand_melodies_are_measured_in_less_than_300_ms():
    started = time.process_time()
    distance(SECOND)
    figures(SECOND, TRAINING, "melodies")
    assert time.process_time() - started < 0.3
