"""Sound by formula: plucked notes and calls that glide, in numpy, without clicks and without clipping."""

from __future__ import annotations

import functools

import numpy as np

from playground.kinds._kind import SOUND_RATE

LOUD = 0.7  # of the largest sample that there is: room for what a speaker adds
ATTACK, RELEASE = 0.006, 0.04  # seconds in which a note comes and goes: a step would be heard as a click
# A plucked string's overtones: how loud each is at first, and how fast it dies, in 1/s. Higher ones go sooner.
OVERTONES = ((1.0, 2.2), (0.42, 4.0), (0.2, 6.5), (0.08, 9.0))
TOP = 0.45 * SOUND_RATE  # hertz: what lies above half the rate would come back as another pitch
SHARP = 0.12  # of the second overtone in a call


def frequency(midi: float) -> float:
    """Return the hertz of a MIDI note number: 69 is the A of 440 Hz, 12 more is an octave up."""
    return 440.0 * 2 ** ((midi - 69) / 12)


def seconds_to_values(seconds: float) -> int:
    """Return how many values a sound of so many seconds has."""
    return round(seconds * SOUND_RATE)


@functools.lru_cache(maxsize=1024)
def plucked(midi: int, length: int) -> np.ndarray:
    """Play one note, float32 (length,) in [-1, 1]: quick to come, slow to fade, silent where it starts and where it ends."""
    time = np.arange(length) / SOUND_RATE
    pitch = frequency(midi)
    heard = [(number, *overtone) for number, overtone in enumerate(OVERTONES, 1) if number * pitch < TOP]
    tone = sum(size * np.exp(-decay * time) * np.sin(2 * np.pi * number * pitch * time) for number, size, decay in heard)
    note = LOUD * tone / sum(size for size, _ in OVERTONES) * ramp(length)
    note = note.astype(np.float32)
    note.setflags(write=False)  # it is kept for the next one who asks
    return note


def ramp(length: int) -> np.ndarray:
    """Return a loudness (length,) that rises from 0 to 1, stays, and falls to 0 along half waves of a cosine."""
    time = np.arange(length) / SOUND_RATE
    left = (length - 1) / SOUND_RATE - time
    return smooth(time / ATTACK) * smooth(left / RELEASE)


def smooth(share: np.ndarray) -> np.ndarray:
    """Ease from 0, at 0 and below, to 1, at 1 and above."""
    return (1 - np.cos(np.pi * np.clip(share, 0, 1))) / 2


def sweep(hertz: np.ndarray, loudness: np.ndarray) -> np.ndarray:
    """Play tones that glide, float32 (N, length) in [-1, 1], from their pitch and loudness at every value, both (N, length).

    The phase is the sum of the pitch so far, so that the wave never jumps, however the pitch moves.
    """
    phase = 2 * np.pi * np.cumsum(hertz / SOUND_RATE, axis=1)
    tone = (np.sin(phase) + SHARP * np.sin(2 * phase)) / (1 + SHARP)
    return (LOUD * loudness * tone * ramp(hertz.shape[1])).astype(np.float32)


def stretch(values: np.ndarray, length: int) -> np.ndarray:
    """Draw straight lines through steps (N, T) at even distances, first to last: (N, length)."""
    place = np.linspace(0, values.shape[1] - 1, length)
    left = np.minimum(place.astype(int), max(values.shape[1] - 2, 0))
    right = np.minimum(left + 1, values.shape[1] - 1)
    share = (place - left).astype(values.dtype)
    return values[:, left] * (1 - share) + values[:, right] * share
