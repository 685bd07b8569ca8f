"""Chirps: the pitch and the loudness of a bird's call, step by step, float32 (N, T, 2) in [-1, 1].

The idea of describing sound by a few numbers a step instead of its wave is C-RNN-GAN's (Mogren 2016, 1611.09904).
"""

from __future__ import annotations

import numpy as np
import torch

from playground.kinds._kind import Kind
from playground.kinds._synthesis import seconds_to_values, stretch, sweep
from playground.samples import SampleSpec

PITCH, LOUDNESS = 0, 1
LOWEST, OCTAVES = 330.0, 3.0  # hertz of pitch -1; up to pitch 1
SIDE = 96  # pixels of a picture
MARGIN = 0.12  # of the picture, above and below the curve
THICK = 6.0  # pixels on either side of the curve where a call is loudest
PAPER, LINE, INK = (250, 248, 240), (226, 222, 210), (52, 66, 96)


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
    """Draw pitch curves, uint8 (N, 96, 96, 3): high notes above, time to the right; the louder, the thicker and the darker."""
    steps = values.cpu().numpy().astype(np.float32)
    height = SIDE * (0.5 - (0.5 - MARGIN) * stretch(steps[:, :, PITCH], SIDE))  # (N, W), in pixels from the top
    loud = (stretch(steps[:, :, LOUDNESS], SIDE) + 1) / 2
    steep = np.sqrt(1 + np.square(np.gradient(height, axis=1)))  # a steep line is as thick as a level one, seen across
    rows = np.arange(SIDE, dtype=np.float32)[:, None] + 0.5
    away = np.abs(rows - height[:, None]) / steep[:, None]
    cover = np.clip(THICK * loud[:, None] + 0.5 - away, 0, 1) * np.clip(4 * loud[:, None], 0, 1)  # (N, H, W)
    return (_paper() + cover[..., None] * (np.array(INK, np.float32) - _paper())).astype(np.uint8)


def _paper() -> np.ndarray:
    """Return the empty picture, float32 (H, W, 3), with a line an octave."""
    paper = np.full((SIDE, SIDE, 3), PAPER, np.float32)
    for octave in range(int(OCTAVES) + 1):
        paper[round(SIDE * (0.5 - (0.5 - MARGIN) * (2 * octave / OCTAVES - 1)))] = LINE
    return paper


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
