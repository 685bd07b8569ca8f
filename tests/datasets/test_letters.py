"""Names, words and pasted lines, letter by letter; and pasted text that means no good."""

import importlib.util
import pathlib
import string

import pytest
import torch

from playground.architectures import ARCHITECTURES
from playground.datasets import DATASETS, letters
from playground.datasets.letters import MAX_ALPHABET, MAX_TEXT, SOURCES, Config, figures, load, own_lines, spec
from playground.evaluation.gauges.tokens import MAX_VOCABULARY
from playground.experiment import Experiment
from playground.kinds.tokens import in_words, to_tokens

NEEDS_FAKER = pytest.mark.skipif(importlib.util.find_spec("faker") is None, reason="Faker is not installed")
NAMES = "\n".join(f"{first}{second}a" for first in "bdgkl" for second in "aeiou")  # 25 lines


@NEEDS_FAKER
@pytest.mark.parametrize("source", SOURCES)
def test_built_in_texts_are_lower_case_words_each_once(source):
    config = Config(source=source)
    samples = load(config, pathlib.Path())
    texts = in_words(samples.values, samples.spec)
    assert len(texts) == len(set(texts)) > 600
    assert set("".join(texts)) == set(string.ascii_lowercase)
    assert figures(samples.values, config) == {"known": 1.0, "trigrams seen": 1.0}


def test_what_a_sample_is_does_not_depend_on_faker(monkeypatch):
    expected = spec(Config())
    monkeypatch.setattr(letters, "available", lambda root: False)
    letters._built_in.cache_clear()
    assert spec(Config()) == expected and expected.shape == (16, 27)
    with pytest.raises(FileNotFoundError, match="Faker"):
        load(Config(), pathlib.Path())
    assert len(load(Config(lines=NAMES), pathlib.Path())) == 25


def test_pasted_lines_become_texts_of_their_own_alphabet():
    samples = load(Config(lines=NAMES), pathlib.Path())
    assert samples.spec.vocabulary == ("", *"abdegiklou")
    assert in_words(samples.values, samples.spec) == NAMES.splitlines()


def test_lines_are_tidied_and_what_is_too_long_or_double_is_left_out():
    lines = f"  Anna \t Lena\nanna lena\n\n{'x' * 17}\nÀ\u0301 la carte\nfun\u200bny\n<b>Bob</b>\n{NAMES}"
    kept = own_lines(lines, 16)
    assert kept[:3] == ("anna lena", "à\u0301 la carte", "fun ny")
    assert kept[3] == "b bob b" and len(kept) == 4 + 25


@pytest.mark.parametrize(
    "text",
    ["a", "one\ntwo", "\0" * 100, "\n" * 5000, "🦆\n" * 50, "same\n" * 100, "\u202e\u2066\n" * 30, "x" * 25 + "\n" + "y" * 25],
)
def test_pasted_text_without_enough_lines_is_refused_in_one_sentence(text):
    if text.strip():
        with pytest.raises(ValueError, match="lines must hold at least 20 different texts") as caught:
            Config(lines=text)
        assert "\n" not in str(caught.value)
    else:
        assert Config(lines=text) == Config(lines=text) and spec(Config(lines=text)) == spec(Config())


def test_a_text_too_long_is_refused_before_it_is_read():
    with pytest.raises(ValueError, match="lines must have at most 30,000 characters, not 30,001"):
        Config(lines="a" * (MAX_TEXT + 1))
    with pytest.raises(ValueError, match="lines"):
        Config(lines=7)


def test_an_alphabet_of_thousands_is_cut_to_what_the_networks_and_the_gauge_can_hold():
    rare = "\n".join(chr(0x4E00 + n) + chr(0x4E00 + n + 1) for n in range(3000))
    config = Config(lines=rare + "\n" + NAMES)
    assert len(spec(config).vocabulary) <= MAX_ALPHABET + 1 <= MAX_VOCABULARY
    assert len(load(config, pathlib.Path())) >= 20


def test_two_thousand_lines_travel_in_settings():
    lines = "\n".join(
        f"{a}{b}{c} name{a}" for a in "abcdefghijklm" for b in "aeiou" for c in string.ascii_lowercase + "0123456"
    )
    assert len(lines.splitlines()) > 2000 and len(lines) < MAX_TEXT
    fitting = next((name for name, entry in ARCHITECTURES.items() if "tokens" in entry.kinds), None)
    if fitting is None:
        pytest.skip("no architecture makes texts")
    settings = Experiment(fitting, "letters", data=Config(lines=lines)).settings()
    assert Experiment.from_settings(settings).data == Config(lines=lines)


def test_figures_by_hand():
    config = Config(lines=NAMES)
    values = to_tokens(["baa", "bab", "b", ""], spec(config).vocabulary, 16)
    # "^ba" "baa" "aa$" are seen; of "bab" only "^ba"; of "b" there is "^b$", of "" nothing
    assert figures(values, config) == pytest.approx({"known": 1 / 4, "trigrams seen": 4 / 7})


def test_the_data_set_says_whether_faker_is_there():
    assert DATASETS["letters"].available(pathlib.Path()) == (importlib.util.find_spec("faker") is not None)


def test_the_same_lines_give_the_same_samples():
    first, second = (load(Config(lines=NAMES), pathlib.Path()).values for _ in range(2))
    torch.testing.assert_close(first, second)
