"""Sounds as a kind of sample: pictures that show pitch and time, and what is heard."""

import math
import time

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from playground.kinds import KINDS, draw, to_network, to_pictures, to_values
from playground.kinds.audio import FADE, SIDE, WAVE_HEIGHT, palette
from playground.samples import SampleSpec

SPEC = SampleSpec("audio", (1, 2048), rate=8000)


def tone(frequency: float, length: int = 2048) -> torch.Tensor:
    return 0.8 * (2 * math.pi * frequency / 8000 * torch.arange(length)).sin()[None, None]


def brightness(picture: np.ndarray) -> np.ndarray:
    return picture.astype(float).mean(-1)


def test_values_are_what_networks_read_and_whatever_networks_make_becomes_values():
    assert to_network(tone(440), SPEC).dtype == torch.float32
    made = torch.tensor([[[0.5, math.nan, math.inf, -math.inf, 3.0]]])
    assert to_values(made, SPEC).tolist() == [[[0.5, 0, 0, 0, 1]]]


@pytest.mark.parametrize("length", [1024, 2048, 4096])
def test_pictures_are_of_one_size(length):
    assert draw(torch.zeros(3, 1, length), SPEC).shape == (3, SIDE, SIDE, 3)
    assert to_pictures(torch.full((2, 1, length), math.nan), SPEC).dtype == np.uint8


def test_a_higher_tone_stands_higher_and_lasts_from_left_to_right():
    rows = [brightness(draw(tone(f), SPEC)[0, WAVE_HEIGHT:]).mean(1).argmax() for f in (200, 500, 1000, 2000)]
    assert rows == sorted(rows, reverse=True) and len(set(rows)) == 4


def test_what_comes_late_stands_to_the_right_in_both_parts():
    late = torch.cat([torch.zeros(1, 1, 1024), tone(500, 1024)], 2)
    picture = brightness(draw(late, SPEC)[0]) - brightness(palette()[:1])
    for part in (picture[:WAVE_HEIGHT], picture[WAVE_HEIGHT:]):
        assert part[:, SIDE // 2 + 4 :].mean() > 3 * part[:, : SIDE // 2 - 4].mean()


def test_silence_is_a_line_on_a_dark_ground():
    picture = draw(torch.zeros(1, 1, 2048), SPEC)[0]
    assert len(np.unique(picture[WAVE_HEIGHT:].reshape(-1, 3), axis=0)) == 1
    assert ((brightness(picture[:WAVE_HEIGHT]) > 100).sum(0) == 1).all()


def test_colours_grow_lighter_from_silence_to_full_scale():
    light = palette().astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(light) > -1.5).all() and light[-1] - light[0] > 150


def test_what_is_heard_is_the_sound_with_its_end_faded():
    heard, values = KINDS["audio"].sound(tone(440), SPEC), tone(440)
    assert heard.shape == (1, 2048) and heard.dtype == np.float32
    assert_close(torch.from_numpy(heard)[:, :-FADE], values[:, 0, :-FADE])
    assert abs(heard[0, -1]) < 1e-6
    assert np.abs(KINDS["audio"].sound(torch.full((1, 1, 2048), math.nan), SPEC)).max() == 0


def test_48_pictures_take_60_ms():
    values = torch.randn(48, 1, 2048, generator=torch.Generator().manual_seed(0)) * 0.2
    before, threads = [], torch.get_num_threads()
    torch.set_num_threads(1)
    for _ in range(4):
        start = time.thread_time()
        draw(values, SPEC)
        before.append(time.thread_time() - start)
    torch.set_num_threads(threads)
    assert min(before) < 0.06
