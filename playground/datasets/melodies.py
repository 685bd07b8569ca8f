"""Melodies by rule: what makes one right is known exactly, so what a network learnt of it can be counted.

A motif is stated, answered twice and led home: neighbouring notes alone do not tell whether a bar answers the first one.
"""

from __future__ import annotations

import functools
import pathlib
from dataclasses import dataclass

import numpy as np
import torch

from playground.config import check, field
from playground.datasets._dataset import Dataset
from playground.datasets._tunes import BAR, Grammar
from playground.kinds.melody import HOLD, OCTAVE, REST, heard, note_name
from playground.samples import Samples, SampleSpec

LOWEST, SEMITONES = 60, 18  # an octave and a half from C4: black keys too, so that a wrong note can be played
VOCABULARY = (*(note_name(LOWEST + semitone) for semitone in range(SEMITONES)), REST, HOLD)
PENTATONIC = (0, 2, 4, 7, 9)  # semitones above the tonic
KEYS = (0, 7, 5, 2, 10, 9)  # tonics as semitones above C: those that share most notes first
RATE = 5.0  # steps a second


@dataclass(frozen=True)
class Config:
    steps: int = field(16, help="Steps of a melody: four bars of four, or eight.", choices=(16, 32), advanced=False)
    keys: int = field(1, help="How many keys melodies are written in: C, then G, F, D …", low=1, high=6, advanced=False)
    count: int = field(8000, help="How many melodies to write.", low=100, high=50_000)
    seed: int = field(0, help="Fixes which melodies are written.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


def spec(config: Config) -> SampleSpec:
    classes = tuple(OCTAVE[key] for key in KEYS[: config.keys]) if config.keys > 1 else ()
    return SampleSpec("melody", (config.steps, len(VOCABULARY)), classes, VOCABULARY, RATE)


@functools.cache
def grammar(key: int) -> Grammar:
    """Return the rules in one key, given as semitones above C."""
    scale = [token for token in range(SEMITONES) if (token - key) % 12 in PENTATONIC]
    tonics = [degree for degree, token in enumerate(scale) if (token - key) % 12 == 0]
    return Grammar(scale, tonics, VOCABULARY.index(REST), VOCABULARY.index(HOLD))


def load(config: Config, root: pathlib.Path) -> Samples:
    random = np.random.default_rng(config.seed)
    labels = random.integers(config.keys, size=config.count)
    values = np.zeros((config.count, config.steps), np.int64)
    for number, key in enumerate(KEYS[: config.keys]):
        mine = np.flatnonzero(labels == number)
        values[mine] = grammar(key).write(len(mine), config.steps // BAR, random)
    return Samples(spec(config), torch.from_numpy(values), torch.from_numpy(labels) if config.keys > 1 else None)


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Judge melodies, int64 (N, T); each is 1 for what the grammar writes, judged in the key that suits a melody best.

    "In scale" is the share of notes that belong to the scale (a melody of rests has none right), "answers" that of the bars
    between motif and cadence that repeat, shift or mirror the motif, "home" that of melodies with a cadence to the tonic,
    "valid" that of melodies that the grammar can write. One note held for ever is in scale, and nothing else.
    """
    melodies = values.cpu().numpy()
    rows = []
    for key in KEYS[: config.keys]:
        rows.append({"in scale": _in_scale(melodies, key), **grammar(key).judge(melodies)})
    best = np.argmax([sum(row.values()) for row in rows], axis=0)  # (N,)
    return {name: float(np.stack([row[name] for row in rows])[best, np.arange(len(best))].mean()) for name in rows[0]}


def _in_scale(melodies: np.ndarray, key: int) -> np.ndarray:
    """Return the share of each melody's notes that are in the scale of a key, (N,); of a held note its start counts."""
    numbers, starts = heard(melodies, VOCABULARY)
    right = np.isin((numbers - LOWEST - key) % 12, PENTATONIC) & starts
    return right.sum(1) / np.maximum(starts.sum(1), 1)


def is_valid(values: torch.Tensor, config: Config) -> torch.Tensor:
    """Say of melodies (N, T) whether the grammar can write them in one of the keys, bool (N,)."""
    melodies = values.cpu().numpy()
    return torch.from_numpy(np.any([grammar(key).judge(melodies)["valid"] for key in KEYS[: config.keys]], axis=0) > 0)


DATASET = Dataset(
    name="melodies",
    title="Melodies",
    summary="Short tunes: a motif, its repetition, shift or mirror image, and a cadence home. Seen as a piano roll, and heard.",
    credits="Written by GAN Playground",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    architecture="text-gan",
    figures=figures,
    order=22,
)
