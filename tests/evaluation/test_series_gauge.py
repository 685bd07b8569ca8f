"""How series are compared: each figure against its definition, and against cases that are known beforehand."""

import math
import time
from pathlib import Path

import pytest
import torch

from playground.datasets import sines
from playground.evaluation.discriminative import discriminative_score
from playground.evaluation.gauges import GAUGES
from playground.evaluation.gauges.series import autocorrelation
from playground.evaluation.mmd import median_distance, rbf_mmd2
from playground.samples import Samples

GAUGE = GAUGES["series"]


def waves(count: int = 1000, seed: int = 0) -> Samples:
    return sines.load(sines.Config(count=count, seed=seed), Path())


def noise(count: int = 1000) -> torch.Tensor:
    return torch.rand(count, 30, 1, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_mmd2_is_the_double_sum_over_all_pairs():
    first, second = torch.randn(2, 9, 4, generator=torch.Generator().manual_seed(1)).double()
    sigma = sorted(math.dist(first[i], first[j]) for i in range(9) for j in range(i))[(36 - 1) // 2]

    def mean(left, right):
        return sum(math.exp(-(math.dist(a, b) ** 2) / (2 * sigma**2)) for a in left for b in right) / (len(left) * len(right))

    wanted = mean(first, first) + mean(second, second) - 2 * mean(first, second)
    assert median_distance(first) == pytest.approx(sigma)
    assert rbf_mmd2(first, second) == pytest.approx(wanted, rel=1e-9)


def test_mmd2_is_zero_for_the_same_cloud_and_small_for_two_draws_from_one():
    rows = [GAUGE.embed(waves(seed=seed).values, "sines") for seed in (0, 1)]
    assert GAUGE.distance(rows[0], rows[0], 0) < 1e-12
    assert GAUGE.distance(*rows, 0) < 0.002 < 0.03 < GAUGE.distance(rows[0], GAUGE.embed(noise(), "sines"), 0)


def test_mmd2_refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="finite"):
        rbf_mmd2(torch.zeros(3, 2), torch.full((3, 2), float("nan")))


def test_autocorrelation_is_that_of_known_processes():
    random = torch.Generator().manual_seed(3)
    values, state = [], torch.randn(4000, 1, generator=random)
    for _ in range(20):
        values.append(state)
        state = 0.8 * state + 0.6 * torch.randn(4000, 1, generator=random)
    found = autocorrelation(torch.stack(values, 1), 5)
    wanted = 0.8 ** torch.arange(6, dtype=torch.float64)[:, None]
    torch.testing.assert_close(found, wanted, rtol=0, atol=0.03)
    assert autocorrelation(noise(4000), 3)[1:].abs().max() < 0.02


def test_the_classifier_knows_noise_and_is_lost_between_two_draws_from_one_distribution():
    assert discriminative_score(waves().values, noise()) > 0.48
    assert abs(discriminative_score(waves().values, waves(seed=1).values)) < 0.08
    assert discriminative_score(waves().values, noise(), seed=3) == discriminative_score(waves().values, noise(), seed=3)
    with pytest.raises(ValueError, match="at least 4"):
        discriminative_score(noise(3), noise(3))


def test_figures_of_real_series_are_near_zero_and_those_of_noise_are_not():
    training = waves(3000)
    real, bad = (GAUGE.figures(values, training, "sines") for values in (waves(seed=1).values, noise()))
    assert set(real) == {"autocorrelation difference", "discriminative score"}
    assert all(abs(real[name]) < 0.08 < 0.15 < bad[name] for name in real)


def test_broken_series_have_figures_too():
    for values in (torch.zeros(50, 30, 1), torch.ones(50, 30, 1)):
        assert all(math.isfinite(value) for value in GAUGE.figures(values, waves(100), "sines").values())


def test_a_thousand_series_a_side_are_measured_in_a_moment():
    training, made = waves(8000), noise()
    started = time.process_time()
    GAUGE.distance(GAUGE.embed(training.values[:1000], ""), GAUGE.embed(made, ""), 0)
    GAUGE.figures(made, training, "sines")
    assert time.process_time() - started < 1.5  # 0.15 s on one quiet core
