"""Chirps by formula: what is drawn is what it is called, and what is no call is not taken for one."""

import pytest
import torch

from playground.datasets import chirps
from playground.datasets.chirps import CLASSES, Config, describe, figures
from playground.kinds.chirp import LOUDNESS, PITCH


def calls(**changes: int) -> tuple[torch.Tensor, torch.Tensor, Config]:
    config = Config(**changes)
    samples = chirps.load(config, None)
    return samples.values, samples.labels, config


@pytest.mark.parametrize("steps", [32, 64])
def test_real_calls_count_as_calls_of_their_own_kind(steps):
    values, labels, config = calls(steps=steps)
    assert values.shape == (8000, steps, 2) and values.dtype == torch.float32 and values.abs().max() <= 1
    for number, name in enumerate(CLASSES):
        found = figures(values[labels == number], config)
        assert found[name] > 0.995 and found["calls"] > 0.995


def test_a_call_can_be_taken_apart_again():
    time = (torch.arange(32) + 0.5) / 32
    glide = 0.1 - 0.5 * time + 0.2 * time**2
    for warble in (0.0, 0.15, 0.3):
        pitch = glide + warble * torch.cos(2 * torch.pi * 4 * (time - 0.5))  # even about the middle: no part of it is a slope
        r2, way, depth = describe(torch.stack([pitch, pitch], 1)[None])
        assert r2.item() > 0.9999
        assert way.item() == pytest.approx((glide[-1] - glide[0]).item(), abs=0.01) and depth.item() == pytest.approx(
            warble, abs=0.01
        )


def test_noise_and_silence_and_one_tone_are_no_calls():
    _, _, config = calls()
    noise = torch.rand(500, 32, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert figures(noise, config)["calls"] == 0 and figures(noise, config)["pitch fit R², median"] < 0.5
    for level in (-1.0, 0.0, 1.0):
        found = figures(torch.full((3, 32, 2), level), config)
        assert found["calls"] == 0 and found["pitch fit R², median"] == 0


def test_a_call_that_never_falls_silent_is_none():
    values, _, config = calls(count=200)
    values[:, :, LOUDNESS] = 0.5
    assert figures(values, config)["calls"] == 0


def test_played_backwards_rising_calls_fall():
    values, labels, config = calls(count=500)
    found = figures(values[labels == CLASSES.index("rising")].flip(1), config)
    assert found["falling"] > 0.99 and found["rising"] == 0


def test_the_seed_decides_and_calls_differ():
    first, again, other = (calls(count=200, seed=seed)[0] for seed in (1, 1, 2))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.equal(first, other)
    assert len(first[:, :, PITCH].unique(dim=0)) == 200
