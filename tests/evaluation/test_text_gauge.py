"""How texts are measured, by hand and by example."""

import math
import time

import pytest
import torch

from playground.datasets import sentences
from playground.evaluation.gauges import GAUGES
from playground.evaluation.gauges._ngrams import jensen_shannon
from playground.evaluation.gauges.tokens import MAX_VOCABULARY, START, divergence, embed, figures, ngrams
from playground.samples import Samples, SampleSpec

GAUGE = GAUGES["tokens"]
LANGUAGE = sentences.language()[torch.randperm(11_520, generator=torch.Generator().manual_seed(0))]


def test_rows_lie_apart_by_the_number_of_places_at_which_texts_differ():
    first, second = embed(torch.tensor([[1, 2, 3, 0], [1, 3, 2, 0]]), "sentences")
    assert first.shape == (4 * MAX_VOCABULARY,) and first.dtype == torch.float32
    assert (first - second).square().sum() == 2 * 2


def test_a_token_beyond_the_room_is_refused():
    for bad in (-1, MAX_VOCABULARY):
        with pytest.raises(ValueError, match="tokens must be between 0 and 63"):
            embed(torch.tensor([[1, bad]]), "sentences")


def test_ngrams_run_from_before_the_beginning_to_the_end():
    texts = torch.tensor([[5, 6, 0, 0]])
    base = MAX_VOCABULARY + 1
    number = lambda *tokens: sum(token * base**place for place, token in enumerate(tokens))  # noqa: E731
    assert sorted(ngrams(texts, 1).tolist()) == [0, 5, 6]
    assert sorted(ngrams(texts, 2).tolist()) == sorted([number(START, 5), number(5, 6), number(6, 0)])
    assert sorted(ngrams(texts, 3).tolist()) == sorted([number(START, 5, 6), number(5, 6, 0)])
    assert sorted(ngrams(torch.tensor([[5, 6]]), 2).tolist()) == sorted(ngrams(texts, 2).tolist())
    assert ngrams(torch.zeros(1, 4, dtype=torch.int64), 1).tolist() == [0]


def test_the_divergence_of_counts_by_hand():
    a, b = torch.tensor([1, 1, 2, 2]), torch.tensor([1, 3, 1, 3])
    # p = (½, ½, 0), q = (½, 0, ½), m = (½, ¼, ¼): KL(p ‖ m) = ½ log₂ 1 + ½ log₂ 2 = ½, and so KL(q ‖ m)
    assert jensen_shannon(a, b) == pytest.approx(0.5)
    assert jensen_shannon(a, a) == 0
    assert jensen_shannon(a, b + 7) == pytest.approx(1)
    assert jensen_shannon(torch.tensor([1, 1, 1, 2]), torch.tensor([1])) == pytest.approx(
        0.5 * (0.75 * math.log2(0.75 / 0.875) + 0.25 * math.log2(0.25 / 0.125)) + 0.5 * math.log2(1 / 0.875)
    )


def test_the_divergence_rises_with_broken_sentences_and_with_repeated_ones():
    real, other = embed(LANGUAGE[:1000], ""), LANGUAGE[1000:2000]
    floor = divergence(real, embed(other, ""))
    broken = other.clone()
    broken[:300, 2] = torch.randint(1, 29, (300,), generator=torch.Generator().manual_seed(0))
    repeated = other[torch.arange(1000) % 100]
    assert divergence(real, real) == 0
    assert 0 < floor < 0.1
    assert divergence(real, embed(broken, "")) > 1.5 * floor
    assert divergence(real, embed(repeated, "")) > 1.5 * floor


def test_figures_by_hand():
    spec = SampleSpec("tokens", (3, 4), vocabulary=("", "a", "b", "c"))
    training = Samples(spec, torch.tensor([[1, 2, 3], [2, 0, 0]]))
    values = torch.tensor([[1, 2, 3], [1, 2, 3], [3, 3, 0], [1, 2, 3]])
    assert figures(values, training, "sentences") == {"unique": 0.5, "new": 0.25, "commonest": 0.75, "length": 11 / 4}


def test_a_thousand_texts_on_either_side_are_measured_within_a_third_of_a_second():
    samples = sentences.load(sentences.Config(), None)
    GAUGE.distance(embed(LANGUAGE[:10], ""), embed(LANGUAGE[:10], ""), 0)
    started = time.process_time()
    real, made = GAUGE.embed(LANGUAGE[:1000], "sentences"), GAUGE.embed(LANGUAGE[1000:2000], "sentences")
    assert math.isfinite(GAUGE.distance(real, made, 0))
    assert GAUGE.figures(LANGUAGE[:1000], samples, "sentences")["unique"] == 1
    assert time.process_time() - started < 0.3
    assert GAUGE.title("sentences") == "divergence of n-grams"
