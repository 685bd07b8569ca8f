"""The Fréchet distance against cases whose answer is known by hand."""

import math

import pytest
import torch

from playground.evaluation import frechet_distance


def cloud(count: int = 2000, features: int = 4, seed: int = 0) -> torch.Tensor:
    """Draw a cloud and make its mean exactly 0 and its covariance exactly the identity."""
    values = torch.randn(count, features, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    values -= values.mean(0)
    root = torch.linalg.cholesky(torch.cov(values.mT))
    return torch.linalg.solve_triangular(root, values.mT, upper=False).mT


def test_equal_clouds_are_at_distance_zero():
    assert frechet_distance(cloud(), cloud()) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(cloud(), cloud(count=500, seed=5)) == pytest.approx(0, abs=1e-9)  # equal moments suffice


def test_a_shift_counts_with_its_square():
    shift = torch.tensor([3.0, 0.0, -4.0, 0.0])
    assert frechet_distance(cloud(), cloud(seed=1) + shift) == pytest.approx(25)


def test_along_axes_the_standard_deviations_are_compared():
    first, second = torch.tensor([1.0, 2.0, 3.0, 0.0]), torch.tensor([4.0, 2.0, 1.0, 0.5])
    wanted = ((first - second) ** 2).sum().item()  # (σ1 - σ2)² for each axis
    assert frechet_distance(cloud() * first, cloud(seed=1) * second) == pytest.approx(wanted)


def test_covariances_that_do_not_commute_match_the_closed_form_in_two_dimensions():
    first = torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    second = torch.tensor([[5.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    # for 2×2 matrices of positive determinant tr √M = √(tr M + 2 √det M)
    product = first @ second
    cross = math.sqrt(product.trace() + 2 * math.sqrt(torch.linalg.det(product)))
    wanted = (first.trace() + second.trace()).item() - 2 * cross
    made = [cloud(features=2, seed=seed) @ torch.linalg.cholesky(cov).mT for seed, cov in ((0, first), (1, second))]
    assert frechet_distance(*made) == pytest.approx(wanted)


def test_the_distance_is_symmetric_and_does_not_turn_with_the_axes():
    first, second = cloud() * torch.tensor([1.0, 2.0, 3.0, 4.0]), cloud(seed=1) + 1
    turn = torch.linalg.qr(cloud()[:4])[0]
    distance = frechet_distance(first, second)
    assert frechet_distance(second, first) == pytest.approx(distance)
    assert frechet_distance(first @ turn, second @ turn) == pytest.approx(distance)


def test_clouds_that_span_fewer_dimensions_have_a_distance_too():
    flat = cloud() * torch.tensor([1.0, 1.0, 0.0, 0.0])
    assert frechet_distance(flat, cloud(seed=1)) == pytest.approx(2)
    assert frechet_distance(torch.zeros(2, 3), torch.zeros(5, 3)) == 0
    assert frechet_distance(cloud()[:3], cloud()[:2]) > 0


def test_float32_features_are_computed_in_float64():
    shifted = (cloud() * 1e-3 + 1000).float()
    assert frechet_distance(shifted, shifted) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_features_that_are_not_finite_are_refused(value):
    spoilt = cloud()
    spoilt[3, 1] = value
    for pair in ((cloud(), spoilt), (spoilt, cloud())):
        with pytest.raises(ValueError, match="features must be finite"):
            frechet_distance(*pair)


@pytest.mark.parametrize("shape", [(1, 4), (0, 4), (4,), (2, 2, 2)])
def test_clouds_without_two_rows_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(N >= 2, F\)"):
        frechet_distance(cloud(), torch.zeros(shape))
