"""Text: what goes into networks and comes out again, the written line and the picture of it."""

import math
import time

import numpy as np
import pytest
import torch

from playground.datasets import DATASETS
from playground.kinds import draw, to_network, to_pictures, to_values
from playground.kinds.tokens import EDGE, END, HEIGHT, PAPER, WIDTH, cut, in_words, to_tokens, vocabulary
from playground.samples import SampleSpec

WORDS = vocabulary(("two", "cats", "sleep", "."))
SPEC = SampleSpec("tokens", (5, len(WORDS)), vocabulary=WORDS)
LETTERS = SampleSpec("tokens", (6, 4), vocabulary=vocabulary("abc"))
TEXTS = [name for name in DATASETS if DATASETS[name].spec(DATASETS[name].config()).kind == "tokens"]


def test_tokens_survive_the_way_into_the_networks_and_back():
    values = to_tokens([("two", "cats", "sleep", "."), ("cats",), ()], WORDS, 5)
    rows = to_network(values, SPEC)
    assert rows.dtype == torch.float32 and rows.shape == (3, 5, 5)
    torch.testing.assert_close(rows.sum(2), torch.ones(3, 5))
    torch.testing.assert_close(to_values(rows, SPEC), values)


def test_what_comes_after_the_end_is_no_part_of_a_text():
    torch.testing.assert_close(
        cut(torch.tensor([[1, END, 2], [3, 2, 1], [END, 1, 1]])), torch.tensor([[1, 0, 0], [3, 2, 1], [0, 0, 0]])
    )


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_still_give_tokens(bad):
    values = to_values(torch.full((2, 5, 5), bad), SPEC)
    assert values.dtype == torch.int64 and values.min() >= 0 and values.max() < 5
    made = torch.full((1, 5, 5), math.nan)
    made[..., 3] = 0.5
    assert in_words(to_values(made, SPEC), SPEC) == ["sleep sleep sleep sleep sleep"]


def test_words_are_written_with_spaces_and_characters_without():
    assert in_words(to_tokens([("two", "cats"), ()], WORDS, 5), SPEC) == ["two cats", ""]
    assert in_words(to_tokens(["cab", "a"], LETTERS.vocabulary, 6), LETTERS) == ["cab", "a"]
    assert in_words(torch.tensor([[1, 0, 2, 2, 2, 2]]), LETTERS) == ["a"]


@pytest.mark.parametrize("text", [("dogs",), ("two",) * 6, ("",)])
def test_a_text_that_cannot_be_written_is_refused(text):
    with pytest.raises(ValueError, match="not a text of at most 5 words"):
        to_tokens([text], WORDS, 5)


@pytest.mark.parametrize("name", TEXTS)
def test_pictures_hold_the_whole_text_inside_their_edges(name):
    spec = DATASETS[name].spec(DATASETS[name].config())
    length, words = spec.shape
    values = torch.randint(1, words, (48, length), generator=torch.Generator().manual_seed(0))
    pictures = draw(values, spec)
    assert pictures.shape == (48, HEIGHT, WIDTH, 1) and pictures.dtype == np.uint8
    paper = pictures[:, :-1, :-1]
    assert (paper.min(axis=(1, 2, 3)) < 100).all(), "a picture is blank"
    assert (paper[:, :, -1] == PAPER).all() and (paper[:, -1] == PAPER).all(), "letters are cut off"
    assert (pictures[:, -1] == EDGE).all() and (pictures[:, :, -1] == EDGE).all()


def test_other_words_give_another_picture_and_the_same_words_the_same():
    values = to_tokens([("two", "cats"), ("cats", "two"), ("two", "cats"), ()], WORDS, 5)
    first, second, third, empty = draw(values, SPEC)
    np.testing.assert_array_equal(first, third)
    assert (first != second).any()
    assert (empty[:-1, :-1] == PAPER).all()


def test_a_word_that_no_picture_can_hold_is_cut_at_its_edge():
    spec = SampleSpec("tokens", (2, 2), vocabulary=vocabulary(("w" * 200,)))
    assert draw(torch.ones(1, 2, dtype=torch.int64), spec).shape == (1, HEIGHT, WIDTH, 1)


def test_a_sheet_of_pictures_takes_a_fraction_of_a_frame():
    spec = DATASETS["sentences"].spec(DATASETS["sentences"].config())
    made = torch.randn(48, *spec.shape, generator=torch.Generator().manual_seed(0))
    to_pictures(made, spec)  # the words are drawn once
    started = time.process_time()
    to_pictures(made, spec)
    assert time.process_time() - started < 0.06
