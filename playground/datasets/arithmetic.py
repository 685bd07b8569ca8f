"""Sums, differences, products and quotients of x: "x+x*x-x", from the grammar S → x | S+S | S−S | S*S | S/S.

The grammar of Kusner & Hernández-Lobato 2016 (1611.04051), with their 12 characters and 5,000 samples.
"""

from __future__ import annotations

import pathlib
from dataclasses import dataclass

import torch

from playground.config import check, field
from playground.datasets._dataset import Dataset
from playground.kinds.tokens import END, cut, to_tokens, vocabulary
from playground.samples import Samples, SampleSpec

TERM, OPERATORS = "x", "+-*/"
VOCABULARY = vocabulary((TERM, *OPERATORS))
LENGTH = 12
MAX_TERMS = (LENGTH + 1) // 2


@dataclass(frozen=True)
class Config:
    count: int = field(5000, help="How many expressions to draw.", low=100, high=50_000)
    seed: int = field(0, help="Fixes which expressions are drawn.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


def spec(config: Config) -> SampleSpec:
    return SampleSpec("tokens", (LENGTH, len(VOCABULARY)), vocabulary=VOCABULARY)


def load(config: Config, root: pathlib.Path) -> Samples:
    """Draw expressions of one to six terms, each number of them as often as the others, any operator between two."""
    random = torch.Generator().manual_seed(config.seed)
    terms = torch.randint(1, MAX_TERMS + 1, (config.count,), generator=random).tolist()
    between = torch.randint(len(OPERATORS), (config.count, MAX_TERMS), generator=random).tolist()
    texts = [TERM + "".join(OPERATORS[n] + TERM for n in row[: count - 1]) for count, row in zip(terms, between, strict=True)]
    return Samples(spec(config), to_tokens(texts, VOCABULARY, LENGTH))


def mistake(text: str) -> int | None:
    """Parse a text: return the first place at which it is no expression any more, its length where it ends too early."""
    place = 0
    while True:  # an S, which is a term first, and goes on where an operator follows
        if text[place : place + 1] != TERM:
            return place
        place += 1
        if place == len(text):
            return None
        if text[place] not in OPERATORS:
            return place
        place += 1


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Return the shares of valid expressions and of characters before the first mistake, and the mean number of terms."""
    texts = ["".join(VOCABULARY[token] for token in row if token != END) for row in cut(values).tolist()]
    mistakes = [mistake(text) for text in texts]
    right = sum(1 if place is None else place / max(1, len(text)) for text, place in zip(texts, mistakes, strict=True))
    valid = [text for text, place in zip(texts, mistakes, strict=True) if place is None]
    return {
        "valid": len(valid) / len(texts),
        "before the first mistake": right / len(texts),
        "terms of the valid": sum(text.count(TERM) for text in valid) / max(1, len(valid)),
    }


DATASET = Dataset(
    name="arithmetic",
    title="Arithmetic",
    summary="Expressions such as x+x*x-x, of up to 12 characters: a parser says which are right. Always works.",
    credits="The grammar of Kusner & Hernández-Lobato (2016)",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    architecture="text-gan",
    figures=figures,
    order=32,
)
