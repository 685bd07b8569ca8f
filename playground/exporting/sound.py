"""Sound as a file that anything plays."""

from __future__ import annotations

import io
import wave

import numpy as np

from playground.kinds import SOUND_RATE

LARGEST = 2**15 - 1  # of 16 bits with a sign


def wav_bytes(samples: np.ndarray, rate: int = SOUND_RATE) -> bytes:
    """Return a sound, floats (length,) in [-1, 1], as a WAV file of one channel and 16 bits.

    What is outside is cut off there, NaN is silence. Raises ValueError for another shape.
    """
    if samples.ndim != 1:
        raise ValueError(f"a sound is one row of values, not an array of shape {samples.shape}")
    scaled = np.rint(np.nan_to_num(samples).clip(-1, 1) * LARGEST)
    file = io.BytesIO()
    with wave.open(file, "wb") as track:
        track.setnchannels(1)
        track.setsampwidth(2)
        track.setframerate(rate)
        track.writeframes(scaled.astype("<i2").tobytes())
    return file.getvalue()


def one_after_another(sounds: np.ndarray, pause: float = 0.3) -> np.ndarray:
    """Join sounds (N, length) into one, with `pause` seconds of silence between them."""
    gap = np.zeros((len(sounds), round(pause * SOUND_RATE)), sounds.dtype)
    return np.concatenate([sounds, gap], axis=1).ravel()[: -gap.shape[1] or None]
