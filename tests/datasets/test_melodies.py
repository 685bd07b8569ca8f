"""Melodies by rule: the grammar writes what it allows, and its figures tell right from wrong."""

import itertools
import time

import numpy as np
import pytest
import torch

from playground.datasets import melodies
from playground.datasets._tunes import RHYTHMS
from playground.datasets.melodies import KEYS, VOCABULARY, Config, figures, grammar, is_valid

REST, HOLD = VOCABULARY.index("rest"), VOCABULARY.index("hold")


def tune(line: str) -> torch.Tensor:
    """Read a melody from its line of notes, int64 (1, T)."""
    signs = {"·": REST, "–": HOLD}
    return torch.tensor([[signs[word] if word in signs else VOCABULARY.index(word) for word in line.split()]])


RIGHT = tune("C4 E4 – D4  D4 G4 – E4  C4 E4 – D4  E4 D4 C4 –")  # a motif, moved up by a degree, repeated, and home


@pytest.mark.parametrize("steps", [16, 32])
@pytest.mark.parametrize("keys", [1, 3])
def test_whatever_is_written_is_valid(steps, keys):
    config = Config(steps=steps, keys=keys)
    samples = melodies.load(config, None)
    assert samples.values.dtype == torch.int64 and samples.values.shape == (8000, steps)
    assert is_valid(samples.values, config).all()
    assert figures(samples.values, config) == {"in scale": 1, "answers": 1, "home": 1, "valid": 1}


def test_there_are_many_thousands_of_melodies_and_most_that_are_written_differ():
    samples = melodies.load(Config(), None)
    assert grammar(0).how_many(4) > 200_000
    assert len(samples.values[:1000].unique(dim=0)) > 950


def test_the_count_of_melodies_is_that_of_an_enumeration():
    rules, bars = grammar(KEYS[1]), 4
    pairs = sum(int(number) ** 2 for number in rules.num_answers)  # two answers to each motif
    assert rules.how_many(bars) == pairs * len(rules.cadences)
    assert len(set(rules.pairs.tolist())) == len(rules.pairs) == rules.num_answers.sum()


def test_every_rhythm_is_about_as_common_as_another():
    values = melodies.load(Config(), None).values[:, :4]
    signs = np.where(values == REST, "r", np.where(values == HOLD, "h", "n"))
    shares = [(signs == np.array(list(rhythm))).all(1).mean() for rhythm in RHYTHMS]
    assert sum(shares) == 1 and max(shares) < 1.3 * min(shares)


def test_a_melody_by_hand_is_right():
    assert figures(RIGHT, Config()) == {"in scale": 1, "answers": 1, "home": 1, "valid": 1}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # one note is black: its bar is no answer any more
        ("C4 E4 – D4  D4 G4 – F#4  C4 E4 – D4  E4 D4 C4 –", {"in scale": 11 / 12, "answers": 0.5, "home": 1, "valid": 0}),
        # the third bar has another rhythm
        ("C4 E4 – D4  D4 G4 – E4  C4 – E4 D4  E4 D4 C4 –", {"in scale": 1, "answers": 0.5, "home": 1, "valid": 0}),
        # it ends on the second degree
        ("C4 E4 – D4  D4 G4 – E4  C4 E4 – D4  E4 C4 D4 –", {"in scale": 1, "answers": 1, "home": 0, "valid": 0}),
        # the motif is one note four times
        ("C4 C4 C4 C4  C4 C4 C4 C4  C4 C4 C4 C4  E4 D4 C4 –", {"in scale": 1, "answers": 0, "home": 1, "valid": 0}),
    ],
)
def test_each_figure_sees_its_own_mistake(line, expected):
    assert figures(tune(line), Config()) == pytest.approx(expected)


def test_a_mirrored_motif_is_an_answer():
    assert is_valid(tune("E4 G4 – E4  E4 D4 – E4  E4 G4 – E4  E4 D4 C4 –"), Config()).all()
    assert not is_valid(tune("E4 G4 – E4  E4 C4 – E4  E4 G4 – E4  E4 D4 C4 –"), Config()).any()


def test_one_note_for_ever_is_in_scale_and_nothing_else():
    constant = torch.zeros(1000, 16, dtype=torch.int64)
    assert figures(constant, Config()) == {"in scale": 1, "answers": 0, "home": 0, "valid": 0}
    assert figures(torch.full((4, 16), REST), Config())["in scale"] == 0


def test_notes_at_random_are_in_scale_by_chance_alone():
    """8 of the 18 notes belong to C major pentatonic."""
    found = figures(torch.randint(len(VOCABULARY), (2000, 16), generator=torch.Generator().manual_seed(0)), Config())
    assert found["in scale"] == pytest.approx(8 / 18, abs=0.02)
    assert max(found["answers"], found["home"], found["valid"]) < 0.01


def test_a_melody_is_judged_in_the_key_that_suits_it():
    scales = [{token for token in grammar(key).scale} for key in KEYS]
    assert all(first != second for first, second in itertools.combinations(scales, 2))
    in_g = tune("G4 B4 – A4  A4 D5 – B4  G4 B4 – A4  B4 A4 G4 –")
    assert figures(in_g, Config())["valid"] == 0
    assert figures(in_g, Config(keys=2)) == {"in scale": 1, "answers": 1, "home": 1, "valid": 1}
    mixed = tune("C4 E4 – D4  D4 G4 – E4  C4 E4 – D4  B4 A4 G4 –")  # begins in C and ends in G
    assert figures(mixed, Config(keys=2))["valid"] == 0


def test_with_several_keys_they_are_the_classes():
    one, three = Config(count=100), Config(count=300, keys=3)
    assert melodies.load(one, None).labels is None and melodies.spec(one).classes == ()
    samples = melodies.load(three, None)
    assert samples.spec.classes == ("C", "G", "F")
    for number, key in enumerate(KEYS[:3]):
        assert grammar(key).judge(samples.values[samples.labels == number].numpy())["valid"].all()


def test_the_seed_decides():
    first, again, other = (melodies.load(Config(count=100, seed=seed), None).values for seed in (1, 1, 2))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.equal(first, other)


def test_a_thousand_melodies_are_judged_at_once():
    values = melodies.load(Config(), None).values[:1000]
    started = time.process_time()
    figures(values, Config())
    assert time.process_time() - started < 0.2
