"""Sound as a file: what the standard library reads is what was written."""

import io
import wave

import numpy as np
import pytest

from playground.exporting import one_after_another, wav_bytes
from playground.kinds import SOUND_RATE


def read(content: bytes) -> tuple[int, np.ndarray]:
    with wave.open(io.BytesIO(content)) as track:
        assert (track.getnchannels(), track.getsampwidth()) == (1, 2)
        return track.getframerate(), np.frombuffer(track.readframes(track.getnframes()), "<i2")


def test_a_sound_comes_back_from_its_file():
    tone = np.sin(np.arange(1000) / 5).astype(np.float32)
    rate, values = read(wav_bytes(tone, SOUND_RATE))
    assert rate == SOUND_RATE == 8000 and len(values) == 1000
    np.testing.assert_allclose(values / 32767, tone, atol=1 / 32767)


def test_a_file_is_as_short_as_its_sound_and_keeps_its_rate():
    content = wav_bytes(np.zeros(500, np.float32), 4000)
    assert len(content) == 44 + 2 * 500 and read(content)[0] == 4000


def test_what_no_loudspeaker_can_play_is_cut_off():
    values = read(wav_bytes(np.array([np.nan, np.inf, -np.inf, 2.0, -1.0]), 8000))[1]
    assert values.tolist() == [0, 32767, -32767, 32767, -32767]


def test_what_is_no_sound_is_refused():
    for bad in (np.zeros((2, 5)), np.zeros(0)):
        with pytest.raises(ValueError, match=r"a sound must be \(length,\)"):
            wav_bytes(bad, SOUND_RATE)
    for rate in (0, -8000, 10**6):
        with pytest.raises(ValueError, match="rate must be"):
            wav_bytes(np.zeros(5), rate)


def test_sounds_follow_each_other_with_silence_between():
    joined = one_after_another(np.ones((3, 100), np.float32), 0.01)
    expected = np.concatenate([np.ones(100), np.zeros(80), np.ones(100), np.zeros(80), np.ones(100)])
    np.testing.assert_array_equal(joined, expected)
    assert len(one_after_another(np.ones((2, 10)), 0.0)) == 20
