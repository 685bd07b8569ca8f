"""Names, words or a person's own lines, letter by letter."""

from __future__ import annotations

import functools
import importlib.util
import pathlib
import unicodedata
from collections import Counter
from dataclasses import dataclass

import torch

from playground.config import check, field
from playground.datasets._dataset import Dataset
from playground.kinds.tokens import END, cut, to_tokens, vocabulary
from playground.samples import Samples, SampleSpec

COUNTRIES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "sv_SE")
# modules of Faker's providers, and which of their lists: first names of eight countries, American surnames, English words
SOURCES = {
    "first names": (tuple(f"person.{country}" for country in COUNTRIES), "first_names"),
    "surnames": (("person.en_US",), "last_names"),
    "words": (("lorem.en_US",), "word_list"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"  # of those lists; what has others is left out
MAX_TEXT = 30_000  # characters of pasted lines: 2,000 names and more, and a link that browsers and servers take
MAX_ALPHABET = 60  # characters told apart in pasted lines: the rarest others are left out
MIN_LINES = 20
MARKS = " -'’.,!?:;&"  # what stays of pasted lines besides letters and figures


@dataclass(frozen=True)
class Config:
    source: str = field(
        "first names", help="What is written, where no lines of yours are given.", choices=tuple(SOURCES), advanced=False
    )
    lines: str = field(
        "", help=f"Your own names or short lines instead, one a line, at least {MIN_LINES}.", longest=MAX_TEXT, advanced=False
    )
    length: int = field(16, help="The longest text, in characters; longer ones are left out.", low=4, high=24)

    def __post_init__(self) -> None:
        check(self)
        if self.lines.strip():
            own_lines(self.lines, self.length)


def spec(config: Config) -> SampleSpec:
    words = vocabulary(sorted(set("".join(own_lines(config.lines, config.length)))) if config.lines.strip() else LETTERS)
    return SampleSpec("tokens", (config.length, len(words)), vocabulary=words)


def load(config: Config, root: pathlib.Path) -> Samples:
    """Raises FileNotFoundError where the built-in names and words are asked for and Faker is not there."""
    described = spec(config)
    return Samples(described, to_tokens(known(config), described.vocabulary, config.length))


def available(root: pathlib.Path) -> bool:
    return importlib.util.find_spec("faker") is not None


def known(config: Config) -> tuple[str, ...]:
    """Return the texts that a config stands for, each once. Raises FileNotFoundError where Faker is needed and missing."""
    if config.lines.strip():
        return own_lines(config.lines, config.length)
    return tuple(text for text in _built_in(config.source) if len(text) <= config.length)


@functools.lru_cache(maxsize=16)
def own_lines(text: str, length: int) -> tuple[str, ...]:
    """Return the usable lines of what a person pasted: lower case, single spaces, each once, at most `length` characters.

    Letters of any language, figures and a few marks stay, everything else goes. Raises ValueError for fewer than 20.
    """
    lines = (_tidy(line) for line in text.splitlines())
    kept = dict.fromkeys(line for line in lines if 0 < len(line) <= length)
    common = {character for character, _ in Counter("".join(kept)).most_common(MAX_ALPHABET)}
    kept = tuple(line for line in kept if common.issuperset(line))
    if len(kept) < MIN_LINES:
        raise ValueError(f"lines must hold at least {MIN_LINES} different texts of 1 to {length} characters, not {len(kept)}")
    return kept


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Return the shares of texts that are in the data, and of runs of three characters, ends included, that are."""
    words = spec(config).vocabulary
    texts = ["".join(words[token] for token in row if token != END) for row in cut(values).tolist()]
    data, runs = _seen(config)
    trigrams = [run for text in texts for run in _trigrams(text)]
    return {
        "known": sum(text in data for text in texts) / len(texts),
        "trigrams seen": sum(run in runs for run in trigrams) / max(1, len(trigrams)),
    }


@functools.lru_cache(maxsize=8)
def _seen(config: Config) -> tuple[frozenset[str], frozenset[str]]:
    texts = known(config)
    return frozenset(texts), frozenset(run for text in texts for run in _trigrams(text))


def _trigrams(text: str) -> list[str]:
    framed = f"^{text}$"  # two marks that no text holds
    return [framed[start : start + 3] for start in range(len(framed) - 2)]


@functools.cache
def _built_in(source: str) -> tuple[str, ...]:
    if not available(pathlib.Path()):
        raise FileNotFoundError("Names and words come from the package Faker, which is not installed; your own lines work.")
    modules, attribute = SOURCES[source]
    providers = [importlib.import_module(f"faker.providers.{module}").Provider for module in modules]
    texts = {text.lower() for provider in providers for text in getattr(provider, attribute)}
    return tuple(sorted(text for text in texts if set(text) <= set(LETTERS)))


def _tidy(line: str) -> str:
    """Return a line in lower case, composed, with single spaces, without what is neither letter, figure nor common mark."""
    composed = unicodedata.normalize("NFKC", line.lower())
    return " ".join("".join(c if c in MARKS or unicodedata.category(c)[0] in "LMN" else " " for c in composed).split())


DATASET = Dataset(
    name="letters",
    title="Names, words or your own lines",
    summary="First names, surnames or common words, letter by letter; or short lines that you paste.",
    credits="The lists of the package Faker (D. Faraglia and others), or yours",
    licence="MIT, or whatever you decide",
    config=Config,
    spec=spec,
    load=load,
    available=available,
    architecture="text-gan",
    figures=figures,
    order=31,
)
