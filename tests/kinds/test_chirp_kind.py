"""Chirps: in and out of networks, drawn as a curve, and heard."""

import time

import numpy as np
import pytest
import torch

from playground.datasets import DATASETS
from playground.kinds import KINDS, SOUND_RATE, draw, to_values
from playground.kinds.chirp import HEIGHT, INK, WIDTH, hertz
from playground.samples import SampleSpec

SPEC = SampleSpec("chirp", (32, 2), rate=32.0)
KIND = KINDS["chirp"]


def chirp(pitch: torch.Tensor | float, loudness: torch.Tensor | float) -> torch.Tensor:
    line = torch.ones(32)
    return torch.stack([pitch * line, loudness * line], 1)[None]


SWEEP = chirp(torch.linspace(-1, 1, 32), 1.0)


def test_pitch_spans_three_octaves_in_equal_intervals():
    assert hertz(np.array([-1.0, -1 / 3, 1 / 3, 1.0])) == pytest.approx([330, 660, 1320, 2640])


def test_values_stay_in_range_whatever_is_made():
    made = torch.tensor([[[float("nan"), 3.0], [float("inf"), -float("inf")]]])
    assert to_values(made, SPEC).tolist() == [[[0, 1], [1, -1]]]


@pytest.mark.parametrize("pitch", [-1.0, -0.5, 0.0, 0.7, 1.0])
def test_the_pitch_that_is_heard_is_the_one_that_is_asked_for(pitch):
    wave = KIND.sound(chirp(pitch, 0.5), SPEC)[0]
    size = 2**16
    found = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), size)).argmax() * SOUND_RATE / size
    assert found == pytest.approx(float(hertz(np.array(pitch))), rel=0.01)


def test_a_sound_is_as_long_as_its_steps_in_range_and_without_a_click():
    waves = KIND.sound(torch.cat([SWEEP, chirp(1.0, 1.0)]), SPEC)
    assert waves.shape == (2, SOUND_RATE) and waves.dtype == np.float32
    assert 0.5 < np.abs(waves).max() < 1
    jumps = np.abs(np.diff(np.pad(waves, ((0, 0), (1, 1))), axis=1))
    assert jumps[:, [0, -1]].max() < 0.001
    assert jumps.max() < 2 * np.pi * 2640 / SOUND_RATE  # no faster than the highest pitch moves


def test_loudness_minus_one_is_silence_and_louder_is_louder():
    waves = KIND.sound(torch.cat([chirp(0.0, level) for level in (-1.0, -0.5, 0.0, 0.5, 1.0)]), SPEC)
    size = np.sqrt(np.square(waves).mean(1))
    assert size[0] == 0 and (np.diff(size) > 0).all()


def test_the_picture_follows_the_pitch_and_is_thicker_where_it_is_louder():
    ink = (draw(torch.cat([SWEEP, chirp(0.0, 1.0), chirp(0.0, -0.3), chirp(0.0, -1.0)]), SPEC) == INK).all(3)  # (N, H, W)
    assert ink.shape == (4, HEIGHT, WIDTH)
    rows = np.arange(HEIGHT)[:, None]
    middle = (ink[0] * rows).sum(0) / ink[0].sum(0)
    assert (np.diff(middle) < 0.6).all() and middle[0] - middle[-1] > HEIGHT / 2, "a rising call goes up"
    thickness = ink.sum(1)  # (N, W)
    assert thickness[1].min() > thickness[2].max() > 0 and not ink[3].any()


def test_forty_eight_pictures_take_less_than_60_ms_and_as_many_sounds_less_than_half_a_second():
    dataset = DATASETS["chirps"]
    samples = dataset.load(dataset.config(), None)
    for act, most in ((KIND.draw, 0.06), (KIND.sound, 0.5)):
        started = time.process_time()
        act(samples.values[:48], samples.spec)
        assert time.process_time() - started < most
