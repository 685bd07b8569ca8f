"""Short sounds: float32 (N, 1, L) in [-1, 1], 8,000 values a second; seen as a waveform above a spectrogram."""

from __future__ import annotations

import functools
import math

import numpy as np
import torch

from playground.kinds._kind import SOUND_RATE, Kind
from playground.kinds._sound import band_levels
from playground.samples import SampleSpec

SIDE, WAVE_HEIGHT = 96, 35  # pixels of a picture, and of the waveform at its top: odd, so that silence is one line
WINDOW = 256
LOUDEST = 4  # a sine of full scale, in units of 10 dB above the least that is drawn
FADE = SOUND_RATE // 200  # 5 ms: a sound that stops short of zero clicks
# Lightness grows evenly from the first colour to the last, so that equal steps of loudness look like equal steps; the hue
# turns with it. Oklab (Ottosson 2020): lightness, green to red, blue to yellow.
COLOURS = ((0.18, 0.01, -0.05), (0.36, 0.08, -0.11), (0.54, 0.17, -0.03), (0.72, 0.13, 0.11), (0.92, -0.02, 0.13))
WAVE_COLOUR = (0.88, 0.0, 0.02)


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return values.float()


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return made.float().nan_to_num(0, 0, 0).clamp(-1, 1)


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw each sound as its waveform above its spectrogram, lowest band at the bottom (mel scale): uint8 (N, 96, 96, 3)."""
    sounds = values.cpu().flatten(1)
    levels = band_levels(sounds, SIDE - WAVE_HEIGHT, SIDE, WINDOW)
    rows = (levels.flip(1) / LOUDEST).clamp(max=1)  # (N, rows, SIDE)
    picture = np.empty((len(sounds), SIDE, SIDE, 3), np.uint8)
    picture[:, WAVE_HEIGHT:] = palette()[(rows * 255).round().byte().numpy()]
    picture[:, :WAVE_HEIGHT] = np.where(_outline(sounds)[..., None], _rgb(np.array(WAVE_COLOUR)), palette()[0])
    return picture


def _outline(sounds: torch.Tensor) -> np.ndarray:
    """Say which pixels waveforms (N, L) cover, bool (N, WAVE_HEIGHT, SIDE): from the least to the greatest of a column."""
    edges = (torch.arange(SIDE + 1) * sounds.shape[1] / SIDE).long()
    pieces = sounds.split(edges.diff().tolist(), 1)
    top, bottom = (torch.stack([f(piece, 1) for piece in pieces], 1)[:, None] for f in (torch.amax, torch.amin))
    centres = 1 - (torch.arange(WAVE_HEIGHT) + 0.5) * (2 / WAVE_HEIGHT)
    half = 1 / WAVE_HEIGHT  # a pixel's
    return ((centres[:, None] <= top + half) & (centres[:, None] >= bottom - half)).numpy()


@functools.cache
def palette() -> np.ndarray:
    """Return the 256 colours from silence to full scale, uint8 (256, 3)."""
    stops = np.array(COLOURS)
    along = np.linspace(0, len(stops) - 1, 256)
    return _rgb(np.stack([np.interp(along, np.arange(len(stops)), stops[:, axis]) for axis in range(3)], 1))


def _rgb(lab: np.ndarray) -> np.ndarray:
    """Turn Oklab colours (…, 3) into sRGB, uint8 (…, 3), by Ottosson's matrices."""
    to_cones = np.array([[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]])
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = ((lab @ to_cones.T) ** 3 @ to_linear.T).clip(0, 1)
    return np.rint(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)).astype(np.uint8)


def sound(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Return the sounds themselves, float32 (N, L), with a fade at the end."""
    fade = 0.5 - 0.5 * torch.cos(math.pi * torch.arange(FADE) / FADE).flip(0)
    faded = values.cpu().float().flatten(1).nan_to_num(0).clamp(-1, 1)
    return torch.cat([faded[:, :-FADE], faded[:, -FADE:] * fade], 1).numpy()


KIND = Kind(
    name="audio",
    title="Sounds",
    noun="sound",
    to_network=to_network,
    to_values=to_values,
    draw=draw,
    sound=sound,
    order=6,
)
