"""Points are compared by sliced distance and, in squares, by KL and JS divergence."""

import math

import pytest
import torch

from playground.datasets.points import Config, load
from playground.evaluation.divergences import grid_divergences
from playground.evaluation.gauges import GAUGES


def test_equal_points_have_no_divergence_and_separate_ones_one_bit():
    left, right = torch.full((100, 2), -0.5), torch.full((100, 2), 0.5)
    assert grid_divergences(left, left) == (0, 0)
    kl, js = grid_divergences(left, right)
    assert js == pytest.approx(1) and kl == pytest.approx(math.log2(100.5 / 0.5))


def test_divergences_are_those_of_the_definition():
    real = torch.tensor([[-0.5, -0.5]] * 3 + [[0.5, 0.5]])
    fake = torch.tensor([[-0.5, -0.5]] * 2 + [[0.5, 0.5]] * 2)
    kl, js = grid_divergences(real, fake, cells=2)
    p, q = torch.tensor([0.75, 0.25]), torch.tensor([0.5, 0.5])
    m = (p + q) / 2
    assert kl == pytest.approx((p * (p / q).log2()).sum().item())
    assert js == pytest.approx(((p * (p / m).log2()).sum() + (q * (q / m).log2()).sum()).item() / 2)


@pytest.mark.parametrize("points", [torch.zeros(0, 2), torch.zeros(3, 3), torch.full((2, 2), math.nan)])
def test_what_is_no_cloud_of_points_is_refused(points):
    with pytest.raises(ValueError, match="points must be finite"):
        grid_divergences(torch.zeros(2, 2), points)


def test_the_distance_falls_as_modes_are_found(tmp_path):
    gauge, samples = GAUGES["points"], load(Config(), tmp_path)
    reference, other = samples.values[:1000], samples.values[1000:2000]
    one = samples.values[samples.labels == 0][:1000]
    half = samples.values[samples.labels < 4][:1000]
    distances = [gauge.distance(reference, gauge.embed(values, "points"), 0) for values in (one, half, other)]
    assert distances[0] > 1.2 * distances[1] > 5 * distances[2]
    assert list(gauge.figures(one, samples, "points").values())[1] > 0.7
