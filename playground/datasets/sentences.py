"""Short sentences in which the numbers must agree: "two shy cats chase a dog ."

The language is finite and all of it is known, so that validity is exact; agreement between words that stand apart shows
what memory is for.
"""

from __future__ import annotations

import functools
import itertools
import pathlib
from dataclasses import dataclass

import torch

from playground.config import check, field
from playground.datasets._dataset import Dataset
from playground.kinds.tokens import END, cut, to_tokens, vocabulary
from playground.samples import Samples, SampleSpec

# in the singular, then in the plural
DETERMINERS = (("a",), ("two",))
NOUNS = (("cat", "dog", "cow", "duck", "fox", "bird"), ("cats", "dogs", "cows", "ducks", "foxes", "birds"))
VERBS = (("chases", "sees", "hears", "likes", "calls"), ("chase", "see", "hear", "like", "call"))
ADJECTIVES = ("big", "red", "shy")
STOP = "."
PLACES = 8  # of the longest: "two shy cats chase a big dog ."
WORDS = tuple(itertools.chain(*DETERMINERS, ADJECTIVES, *NOUNS, *VERBS))  # 27
VOCABULARY = vocabulary((*WORDS, STOP))
# what stands where, by parts of speech: determiner, adjective, noun, verb, full stop
NOUN_PHRASES = ("dn", "dan")
PARTS = {word: part for part, words in zip("dnv", (DETERMINERS, NOUNS, VERBS), strict=True) for form in words for word in form}
PARTS |= dict.fromkeys(ADJECTIVES, "a") | {STOP: "."}
PATTERNS = frozenset(f"{subject}v{object}." for subject in NOUN_PHRASES for object in NOUN_PHRASES)


@dataclass(frozen=True)
class Config:
    count: int = field(4000, help="How many of the 11,520 sentences are for training.", low=100, high=11_520)
    seed: int = field(0, help="Fixes which sentences are drawn.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


def spec(config: Config) -> SampleSpec:
    return SampleSpec("tokens", (PLACES, len(VOCABULARY)), vocabulary=VOCABULARY)


@functools.cache
def language() -> torch.Tensor:
    """Return every valid sentence once, int64 (11520, 8)."""
    sentences = [
        (*subject, verb, *object, STOP)
        for number in (0, 1)
        for subject, verb, object in itertools.product(
            _noun_phrases(number), VERBS[number], _noun_phrases(0) + _noun_phrases(1)
        )
    ]
    return to_tokens(sentences, VOCABULARY, PLACES)


def load(config: Config, root: pathlib.Path) -> Samples:
    return Samples(spec(config), language()[_drawn(config)])


def valid(values: torch.Tensor) -> torch.Tensor:
    """Say of each text, int64 (N, T), whether it is a sentence of the language: bool (N,)."""
    return torch.isin(_numbers(cut(values)), _numbers(language()))


def well_formed(values: torch.Tensor) -> torch.Tensor:
    """Say of each text whether its parts of speech stand where they should, whatever their number: bool (N,)."""
    parts = ["" if word == VOCABULARY[END] else PARTS[word] for word in VOCABULARY]
    return torch.tensor(["".join(parts[token] for token in row) in PATTERNS for row in cut(values).tolist()], dtype=torch.bool)


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Return the shares of valid sentences, of those that agree among the well-formed, and of new ones among the valid."""
    right, formed = valid(values), well_formed(values)
    known = torch.isin(_numbers(cut(values)), _numbers(language()[_drawn(config)]))
    return {
        "valid": right.double().mean().item(),
        "agreement": right.sum().item() / max(1, formed.sum().item()),
        "new among valid": (right & ~known).sum().item() / max(1, right.sum().item()),
    }


def _noun_phrases(number: int) -> list[tuple[str, ...]]:
    adjectives = [(), *((word,) for word in ADJECTIVES)]
    return [(d, *a, n) for d, a, n in itertools.product(DETERMINERS[number], adjectives, NOUNS[number])]


def _drawn(config: Config) -> torch.Tensor:
    order = torch.randperm(len(language()), generator=torch.Generator().manual_seed(config.seed))
    return order[: config.count]


def _numbers(values: torch.Tensor) -> torch.Tensor:
    """Return one whole number for each sentence (N, 8), different for different ones."""
    return values @ (len(VOCABULARY) ** torch.arange(PLACES))


DATASET = Dataset(
    name="sentences",
    title="Sentences that agree",
    summary="“two shy cats chase a dog .” from 27 words: 11,520 sentences are right, and 4,000 are shown. Always works.",
    credits="Made by GAN Playground",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    architecture="text-gan",
    figures=figures,
    order=30,
)
