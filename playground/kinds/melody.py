"""Melodies: one token a step, int64 (N, T), each the name of a note, a rest, or "hold on": seen as a piano roll, and heard."""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
from torch.nn.functional import one_hot

from playground.config import shorten
from playground.kinds._kind import Kind
from playground.kinds._synthesis import plucked, seconds_to_values
from playground.samples import SampleSpec

REST, HOLD = "rest", "hold"
WRITTEN = {REST: "·", HOLD: "–"}  # in a line of notes
OCTAVE = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
WIDTH, HEIGHT = 96, 72  # of a picture, in pixels
PAPER, STRIPE, INK, HEAD = (248, 247, 243), (234, 231, 223), (86, 98, 122), (38, 46, 66)
NOTHING = -1  # instead of a row of the roll, or of a note's number


def note_name(midi: int) -> str:
    """Write a MIDI note number as a note with its octave: 60 is C4."""
    return f"{OCTAVE[midi % 12]}{midi // 12 - 1}"


def note_number(name: str) -> int:
    """Read a note with its octave, from C0 to B9, as its MIDI number. Raises ValueError for what is none."""
    if name[:-1] not in OCTAVE or not name[-1:].isdigit():
        raise ValueError(f"{shorten(name)} is no note; a note is one of {', '.join(OCTAVE)} and its octave, such as C4")
    return OCTAVE.index(name[:-1]) + 12 * (int(name[-1]) + 1)


@functools.lru_cache(maxsize=16)
def note_numbers(vocabulary: tuple[str, ...]) -> np.ndarray:
    """Return the MIDI number of each token, int64 (V,); -1 for a rest and for "hold on"."""
    return np.array([NOTHING if name in (REST, HOLD) else note_number(name) for name in vocabulary])


def heard(values: np.ndarray, vocabulary: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return what is heard at each step of melodies (N, T), as MIDI numbers, -1 in silence, and where notes start: both (N, T).

    "Hold on" lets a note, or a silence, last; at the start there is nothing to hold.
    """
    steps = np.arange(values.shape[1])
    held = values == vocabulary.index(HOLD) if HOLD in vocabulary else np.zeros(values.shape, bool)
    began = np.maximum.accumulate(np.where(held, 0, steps), axis=1)  # the step that is held on at each
    tokens = np.take_along_axis(values, began, axis=1)
    numbers = note_numbers(vocabulary)[tokens]
    return numbers, (numbers != NOTHING) & ~held


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return one_hot(values, len(spec.vocabulary)).float()


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return made.float().nan_to_num(nan=-math.inf).argmax(2)


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw piano rolls, uint8 (N, 72, 96, 3): a row a semitone, low notes below; time to the right; a note begins darker."""
    numbers, starts = heard(values.cpu().numpy(), spec.vocabulary)
    rows, paper = _paper(spec.vocabulary)
    places = np.arange(WIDTH) * numbers.shape[1]
    step = places // WIDTH  # that each column of pixels belongs to
    new = starts[:, None, step]  # (N, 1, W)
    free = new & (np.diff(step, prepend=-1) > 0)  # a gap before each note tells two of one pitch apart
    inner = np.diff(rows, prepend=NOTHING) == 0  # a gap between two semitones
    marked = (numbers[:, None, step] == rows[:, None]) & inner[:, None] & ~free  # (N, H, W)
    heads = marked & new & (places % WIDTH < WIDTH // 2)
    return np.array([*paper, INK, HEAD], np.uint8)[
        np.where(heads, HEIGHT + 1, np.where(marked, HEIGHT, np.arange(HEIGHT)[:, None]))
    ]


@functools.lru_cache(maxsize=16)
def _paper(vocabulary: tuple[str, ...]) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """Return the MIDI number that each line of pixels stands for, (H,), and its colour: black keys are striped."""
    tones = note_numbers(vocabulary)
    low, high = tones[tones != NOTHING].min(), tones.max()
    rows = high - np.arange(HEIGHT) * (high - low + 1) // HEIGHT
    return rows, [STRIPE if "#" in note_name(row) else PAPER for row in rows]


def in_words(values: torch.Tensor, spec: SampleSpec) -> list[str]:
    names = [WRITTEN.get(name, name) for name in spec.vocabulary]
    return [" ".join(names[token] for token in melody) for melody in values.tolist()]


def sound(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Play each melody on plucked strings: every note from its step to the next note or rest."""
    numbers, starts = heard(values.cpu().numpy(), spec.vocabulary)
    count, steps = numbers.shape
    borders = [seconds_to_values(step / spec.rate) for step in range(steps + 1)]
    waves = np.zeros((count, borders[-1]), np.float32)
    ends = starts | (numbers == NOTHING)  # what ends the note before
    for melody, step in zip(*np.nonzero(starts), strict=True):
        later = np.nonzero(ends[melody, step + 1 :])[0]
        begin, end = borders[step], borders[step + 1 + later[0] if len(later) else steps]
        waves[melody, begin:end] = plucked(int(numbers[melody, step]), end - begin)
    return waves


KIND = Kind(
    name="melody",
    title="Melodies",
    noun="melody",
    to_network=to_network,
    to_values=to_values,
    draw=draw,
    in_words=in_words,
    sound=sound,
    order=4,
)
