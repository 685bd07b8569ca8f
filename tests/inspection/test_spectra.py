"""Spectra: power lies where a picture has its frequency, and a checkerboard is told from what is none."""

from __future__ import annotations

import numpy as np
import pytest

from playground.experiment import Experiment
from playground.inspection import checkerboard_energy, enlarging_pair, radial_spectrum, shape_table
from playground.inspection.spectra import power


def waves(cycles: int, side: int = 16) -> np.ndarray:
    row = np.cos(2 * np.pi * cycles * np.arange(side) / side)
    return np.broadcast_to(row, (2, 1, side, side))


@pytest.mark.parametrize("cycles", [1, 3, 8])
def test_a_wave_has_its_power_at_its_frequency(cycles):
    frequencies, found = radial_spectrum(waves(cycles))
    assert frequencies[found.argmax()] == cycles / 16
    assert np.sort(found)[-2] < 1e-20


def test_the_power_adds_up_to_the_variance():
    images = np.random.default_rng(0).normal(size=(4, 3, 8, 10))
    spectrum = power(images)
    whole = 2 * spectrum.sum() - spectrum[:, 0].sum() - spectrum[:, -1].sum()
    assert whole / 80 == pytest.approx(images.var((2, 3)).mean())


def test_a_checkerboard_has_all_of_its_power_there_and_a_slow_wave_none():
    board = np.indices((16, 16)).sum(0) % 2
    assert checkerboard_energy(board[None, None]) == pytest.approx(1)
    assert checkerboard_energy(waves(8)) == pytest.approx(1)
    assert checkerboard_energy(waves(3)) == pytest.approx(0, abs=1e-12)
    assert checkerboard_energy(np.ones((1, 1, 16, 16))) == 0


def test_white_noise_has_the_share_of_its_lines():
    noise = np.random.default_rng(0).normal(size=(64, 1, 32, 32))
    assert checkerboard_energy(noise) == pytest.approx(63 / 1023, rel=0.05)


def test_what_are_no_pictures_is_refused():
    with pytest.raises(ValueError, match="pictures must be"):
        power(np.zeros((0, 1, 4, 4)))


@pytest.mark.parametrize("architecture", ["dcgan", "resize-conv", "sn-dcgan", "wgan-gp", "cgan"])
@pytest.mark.parametrize("kernel", [None, 3, 4, 5])
def test_a_pair_differs_in_how_it_enlarges_alone_and_both_fit_the_data(architecture, kernel):
    own = Experiment.from_settings({"architecture": architecture, "dataset": "digits", "seed": 7})
    for resize in ("nearest", "bilinear", "pixel-shuffle"):
        first, second = enlarging_pair(own, resize, kernel)
        assert first.generator.upsampling == ("transposed",) and second.generator.upsampling == (resize,)
        assert first.generator.kernel_size == second.generator.kernel_size and first.seed == second.seed == 7
        assert not shape_table(first).problem and not shape_table(second).problem


@pytest.mark.parametrize(
    ("architecture", "options", "word"),
    [("mlp", {}, "mlp"), ("dcgan", {"resize": "transposed"}, "resize"), ("dcgan", {"kernel": 7}, "kernel must be")],
)
def test_what_cannot_be_paired_is_refused_by_name(architecture, options, word):
    with pytest.raises(ValueError, match=word):
        enlarging_pair(Experiment.from_settings({"architecture": architecture, "dataset": "digits"}), **options)
