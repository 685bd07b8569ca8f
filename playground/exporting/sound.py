"""Sounds as WAV files."""

from __future__ import annotations

import io
import wave

import numpy as np

from playground.config import check_whole
from playground.kinds import SOUND_RATE


def wav_bytes(samples: np.ndarray, rate: int) -> bytes:
    """Write a sound, float (length,) in [-1, 1] at `rate` values a second, as a 16-bit WAV file with one channel.

    What lies outside is cut off, and NaN is silent. Raises ValueError for another form, an empty sound or a bad rate.
    """
    check_whole("rate", rate, 1000, 192_000)
    if samples.ndim != 1 or not len(samples):
        raise ValueError(f"a sound must be (length,) with a length of 1 or more, not {samples.shape}")
    levels = np.nan_to_num(np.asarray(samples, np.float64), nan=0.0).clip(-1, 1) * 32767
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(levels.round().astype("<i2").tobytes())
    return buffer.getvalue()


def one_after_another(sounds: np.ndarray, pause: float = 0.3) -> np.ndarray:
    """Join sounds (N, length) into one, with `pause` seconds of silence between them."""
    gap = np.zeros((len(sounds), round(pause * SOUND_RATE)), sounds.dtype)
    joined = np.concatenate([sounds, gap], axis=1).ravel()
    return joined[: len(joined) - gap.shape[1]]
