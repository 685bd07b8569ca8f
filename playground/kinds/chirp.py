"""Chirps: the pitch and the loudness of a bird's call, step by step, float32 (N, T, 2) in [-1, 1].

The idea of describing sound by a few numbers a step instead of its wave is C-RNN-GAN's (Mogren 2016, 1611.09904).
"""

from __future__ import annotations

import functools

import numpy as np
import torch

from playground.kinds._kind import Kind
from playground.kinds._synthesis import seconds_to_values, stretch, sweep
from playground.samples import SampleSpec

PITCH, LOUDNESS = 0, 1
LOWEST, OCTAVES = 330.0, 3.0  # hertz of pitch -1; up to pitch 1
WIDTH, HEIGHT = 96, 64  # of a picture, in pixels
MARGIN = 0.12  # of the picture, above and below the curve
SHADES = 64  # from bare paper to ink
THICK = 5.0  # pixels on either side of the curve where a call is loudest
PAPER, LINE, INK = (248, 247, 243), (226, 223, 214), (52, 66, 96)


def hertz(pitch: np.ndarray) -> np.ndarray:
    """Return the frequency of pitches in [-1, 1]: equal steps are equal intervals."""
    return LOWEST * 2 ** (OCTAVES * (pitch + 1) / 2)


def amplitude(loudness: np.ndarray) -> np.ndarray:
    """Return the size of the wave, 0 to 1, of loudness in [-1, 1]: squared, since ears hear ratios."""
    return np.square((loudness + 1) / 2)


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return values.float()


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return made.float().nan_to_num(0).clamp(-1, 1)


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw pitch curves, uint8 (N, 64, 96, 3): high notes above, time to the right; the louder, the thicker and the darker."""
    steps = values.cpu().numpy().astype(np.float32)
    height = _row(stretch(steps[:, :, PITCH], WIDTH))  # (N, W)
    loud = (stretch(steps[:, :, LOUDNESS], WIDTH) + 1) / 2
    steep = np.sqrt(1 + np.square(np.gradient(height, axis=1)))  # a steep line is as thick as a level one, seen across
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + 0.5
    cover = np.abs(rows - height[:, None])  # (N, H, W)
    cover *= (-1 / steep)[:, None]
    cover += (THICK * loud + 0.5)[:, None]
    cover = cover.clip(0, 1, out=cover)
    cover *= (SHADES - 1) * np.minimum(1, 4 * loud)[:, None]
    return _shades()[np.arange(HEIGHT)[:, None], cover.astype(np.uint8)]


def _row(pitch: np.ndarray) -> np.ndarray:
    """Return how far below the picture's upper edge a pitch is drawn, in pixels."""
    return HEIGHT * (0.5 - (0.5 - MARGIN) * pitch)


@functools.cache
def _shades() -> np.ndarray:
    """Return the colours of each line of pixels from bare to covered, uint8 (H, SHADES, 3); every octave has its line."""
    paper = np.full((HEIGHT, 1, 3), PAPER, np.float32)
    octaves = np.arange(OCTAVES + 1) / OCTAVES * 2 - 1
    paper[_row(octaves).astype(int)] = LINE
    cover = np.linspace(0, 1, SHADES, dtype=np.float32)[:, None]
    return np.rint(paper + cover * (np.array(INK, np.float32) - paper)).astype(np.uint8)


def sound(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Play each chirp: a tone that follows its pitch and its loudness."""
    steps = values.cpu().numpy().astype(np.float64)
    length = seconds_to_values(steps.shape[1] / spec.rate)
    return sweep(hertz(stretch(steps[:, :, PITCH], length)), amplitude(stretch(steps[:, :, LOUDNESS], length)))


KIND = Kind(
    name="chirp",
    title="Chirps",
    noun="chirp",
    to_network=to_network,
    to_values=to_values,
    draw=draw,
    sound=sound,
    order=5,
)
