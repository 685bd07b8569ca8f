"""Sine waves are what they say, and the fit finds out what is one."""

import math
from pathlib import Path

import torch

from playground.datasets.sines import Config, figures, fit_sines, load

CONFIG = Config(count=1000)


def sine(frequency: float, amplitude: float = 0.5, phase: float = 0.3, steps: int = 30) -> torch.Tensor:
    time = torch.arange(steps, dtype=torch.float64) / steps
    return (amplitude * torch.sin(2 * math.pi * frequency * time + phase))[None, :, None]


def test_every_series_is_a_sine_of_known_ranges():
    values = load(CONFIG, Path()).values
    assert values.shape == (1000, 30, 1) and 0.8 < values.abs().max() <= 0.9
    r2, frequency = fit_sines(values)
    assert r2.min() > 0.97 and r2.median() > 0.999
    assert frequency.min() < 1.1 and frequency.max() > 4.9


def test_the_fit_finds_the_frequency_and_explains_all():
    for frequency in (1.0, 2.3, 4.975):
        r2, found = fit_sines(sine(frequency, phase=1.1))
        assert abs(found.item() - frequency) <= 0.0126 and r2.item() > 0.999


def test_r2_is_one_minus_what_is_left_over_the_variance():
    time = torch.arange(30, dtype=torch.float64) / 30
    known = torch.sin(2 * math.pi * 2 * time)
    noise = torch.sin(2 * math.pi * 9 * time)  # a whole number of cycles: it is orthogonal to what is fitted best
    r2, found = fit_sines((known + 0.5 * noise)[None, :, None])
    assert abs(found.item() - 2) < 0.05
    torch.testing.assert_close(r2, torch.tensor([1 - 0.25 / 1.25], dtype=torch.float64), rtol=0.02, atol=0)


def test_what_lies_off_the_middle_or_never_moves_is_no_sine():
    assert fit_sines(sine(3, amplitude=0.1) + 0.8)[0].item() < -20
    assert fit_sines(torch.full((1, 30, 1), 0.7))[0].item() == 0


def test_figures_tell_real_waves_from_noise_and_from_one_wave_made_over_and_over():
    real = figures(load(CONFIG, Path()).values, CONFIG)
    noise = figures(torch.rand(1000, 30, 1, generator=torch.Generator().manual_seed(0)) * 2 - 1, CONFIG)
    one = figures(sine(2).repeat(1000, 1, 1), CONFIG)
    fit, share, made = real
    assert real[fit] > 0.999 and real[share] == 1 and real[made] == 1
    assert noise[fit] < 0.5 and noise[share] < 0.05
    assert one[fit] > 0.999 and one[made] == 1 / 8


def test_the_figures_are_the_same_for_every_length():
    for length in (16, 128):
        config = Config(length=length, count=200)
        assert min(figures(load(config, Path()).values, config).values()) > 0.99
