"""Each metric of features against cases whose answer is known by hand or by a plain loop."""

import math

import pytest
import torch
from torch.testing import assert_close

from playground.evaluation import (
    class_coverage,
    density_coverage,
    kernel_distance,
    nearest_neighbours,
    patches,
    precision_recall,
    right_class,
    sliced_wasserstein,
)
from playground.evaluation import neighbours as blocks


def cloud(count: int = 200, features: int = 4, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, features, generator=torch.Generator().manual_seed(seed))


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def points(*numbers: float) -> torch.Tensor:
    """Return points on a line (N, 1)."""
    return torch.tensor(numbers)[:, None]


# --- kernel distance


def test_the_kernel_distance_is_the_double_loop_over_pairs():
    first, second = cloud(7, 3).double(), cloud(5, 3, seed=1).double()

    def kernel(x, y):
        return (float(x @ y) / 3 + 1) ** 3

    within = sum(kernel(x, y) for i, x in enumerate(first) for j, y in enumerate(first) if i != j) / (7 * 6)
    within += sum(kernel(x, y) for i, x in enumerate(second) for j, y in enumerate(second) if i != j) / (5 * 4)
    between = sum(kernel(x, y) for x in first for y in second) / (7 * 5)
    assert kernel_distance(first, second) == pytest.approx(within - 2 * between)


def test_the_kernel_distance_of_two_points_each_by_hand():
    # k(0, 0) = 1, k(1, 1) = 8, k(0, 1) = 1: 1 + 8 - 2
    assert kernel_distance(points(0, 0), points(1, 1)) == pytest.approx(7)


def test_the_kernel_distance_of_one_distribution_is_zero_on_average():
    values = [kernel_distance(cloud(seed=2 * seed), cloud(seed=2 * seed + 1)) for seed in range(40)]
    error = torch.tensor(values).std().item() / math.sqrt(40)
    assert min(values) < 0 < max(values)
    assert abs(sum(values) / 40) < 4 * error < 0.1 * kernel_distance(cloud(), cloud(seed=1) + 1)


# --- precision and recall, density and coverage


def test_equal_sets_have_precision_recall_and_coverage_one():
    assert precision_recall(cloud(), cloud()) == (1, 1)
    density, coverage = density_coverage(cloud(), cloud())
    assert coverage == 1
    assert density == pytest.approx(1.2)  # a ball holds its centre, which is no neighbour, and k = 5 more: 6 / 5


def test_sets_far_apart_have_nothing_in_common():
    assert precision_recall(cloud(), cloud() + 100) == (0, 0)
    assert density_coverage(cloud(), cloud() + 100) == (0, 0)


def test_precision_and_recall_by_hand_on_a_line():
    real, made = points(0, 1, 2, 10), points(0.5, 4, 4.1)
    # k = 1: real balls reach 1, 1, 1, 8: over [-1, 3] and [2, 18], so that all made are inside;
    # made balls reach 3.5, 0.1, 0.1: over [-3, 4.2], which holds all real points but 10
    assert precision_recall(real, made, k=1) == (1, 0.75)


def test_density_and_coverage_by_hand_on_a_line():
    real, made = points(0, 1, 2, 10), points(0.5, 4, 50)
    # k = 1: 0.5 lies in the balls of 0 and 1, 4 in the ball of 10, 50 in none: 3 of 3 made and 3 of 4 balls
    assert density_coverage(real, made, k=1) == (1, 0.75)


def test_one_mode_of_two_is_precise_but_recalls_half():
    left, right = cloud() - 50, cloud(seed=1) + 50
    precision, recall = precision_recall(torch.cat([left, right]), cloud(400, seed=2) - 50)
    assert precision > 0.9 and 0.4 < recall <= 0.5
    density, coverage = density_coverage(torch.cat([left, right]), cloud(400, seed=2) - 50)
    assert density > 0.9 and 0.4 < coverage <= 0.5


def test_one_far_made_sample_spoils_recall_but_not_coverage():
    made = torch.cat([cloud(2) + 40, cloud(2, seed=1) - 40])  # few and far: their balls are huge
    assert precision_recall(cloud(), made)[1] == 1
    assert density_coverage(cloud(), torch.cat([made, made]))[1] == 0


def test_a_collapsed_generator_recalls_nothing():
    assert precision_recall(cloud(), torch.zeros(200, 4)) == (1, 0)


def test_the_blocks_of_the_manifold_do_not_show(monkeypatch):
    real, made = cloud(30), cloud(20, seed=1) + 0.5
    whole = precision_recall(real, made), density_coverage(real, made)
    monkeypatch.setattr("playground.evaluation.manifold.ROWS", 7)
    assert (precision_recall(real, made), density_coverage(real, made)) == whole


@pytest.mark.parametrize("metric", [kernel_distance, precision_recall, density_coverage])
def test_features_that_cannot_be_measured_are_refused(metric):
    with pytest.raises(ValueError, match="features must be finite"):
        metric(cloud(), cloud() * math.nan)
    with pytest.raises(ValueError, match=r"\(N >= \d, F\), not \(1, 4\)"):
        metric(cloud(), cloud(1))
    with pytest.raises(ValueError, match=r"as many features as each other, not \[4, 3\]"):
        metric(cloud(), cloud(features=3))


# --- classes


def test_a_generator_of_one_class_of_ten_covers_a_tenth():
    coverage, divergence = class_coverage(torch.arange(100) % 10, torch.full((50,), 3))
    assert coverage == pytest.approx(0.1) and divergence == pytest.approx(math.log(10))


def test_equal_shares_cover_everything_whatever_the_counts():
    coverage, divergence = class_coverage(torch.arange(100) % 10, torch.arange(30) % 10)
    assert coverage == 1 and divergence == pytest.approx(0, abs=1e-12)


def test_a_class_counts_from_a_tenth_of_its_share():
    real = torch.tensor([0] * 50 + [1] * 50)
    assert class_coverage(real, torch.tensor([0] * 95 + [1] * 5))[0] == 1
    assert class_coverage(real, torch.tensor([0] * 96 + [1] * 4))[0] == 0.5


def test_a_class_that_the_data_do_not_have_makes_the_divergence_infinite():
    assert class_coverage(torch.tensor([0, 1]), torch.tensor([0, 1, 5])) == (1, math.inf)


def test_no_samples_have_no_classes():
    with pytest.raises(ValueError, match="at least one sample on either side, not 2 and 0"):
        class_coverage(torch.tensor([0, 1]), torch.tensor([], dtype=torch.int64))


def test_the_right_class_is_a_share():
    assert right_class(torch.tensor([3, 1, 4, 1]), torch.tensor([3, 1, 4, 0])) == 0.75


# --- sliced Wasserstein


def test_on_a_line_it_is_the_mean_difference_of_the_sorted_points():
    first, second = cloud(50, 1), cloud(50, 1, seed=1) * 2 + 1
    wanted = (first.flatten().sort().values - second.flatten().sort().values).abs().mean()
    assert sliced_wasserstein(first, second, source()) == pytest.approx(wanted.item())


def test_a_shift_counts_by_how_much_of_it_lies_along_a_direction():
    # in the plane a direction sees |cos| of a shift, 2 / π on average
    far = sliced_wasserstein(cloud(features=2), cloud(features=2) + torch.tensor([3.0, 4.0]), source(), projections=4000)
    assert far == pytest.approx(5 * 2 / math.pi, rel=0.02)


def test_the_order_of_the_rows_does_not_count():
    assert sliced_wasserstein(cloud(), cloud().flip(0), source()) == 0


def test_the_generator_fixes_the_directions():
    first, second, other = (sliced_wasserstein(cloud(), cloud(seed=1), source(seed)) for seed in (0, 0, 1))
    assert first == second != other


def test_unequal_counts_are_refused():
    with pytest.raises(ValueError, match="as many rows, not 200 and 100"):
        sliced_wasserstein(cloud(), cloud(100), source())


def test_patches_are_squares_of_their_images():
    rows = torch.arange(12 * 10, dtype=torch.uint8).reshape(1, 1, 12, 10)
    images = torch.cat([rows, rows + 100], dim=1)  # (1, 2, 12, 10)
    cut = patches(images, source(), size=3, per_image=20)
    assert cut.shape == (20, 2 * 9)
    squares = (cut * 255).round().reshape(20, 3, 3, 2)
    assert_close(squares[..., 1] - squares[..., 0], torch.full((20, 3, 3), 100.0))
    assert_close(squares[:, 1:] - squares[:, :-1], torch.full((20, 2, 3, 2), 10.0))
    assert_close(squares[:, :, 1:] - squares[:, :, :-1], torch.full((20, 3, 2, 2), 1.0))
    assert len(squares[:, 0, 0, 0].unique()) > 10


def test_images_smaller_than_a_patch_are_refused():
    with pytest.raises(ValueError, match="images of 4×4 are smaller than patches of 7×7"):
        patches(torch.zeros(1, 1, 4, 4, dtype=torch.uint8), source())


# --- nearest neighbours


def test_nearest_neighbours_equal_brute_force_in_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "QUERIES", 7)
    monkeypatch.setattr(blocks, "ROWS", 13)
    queries, training = cloud(30), cloud(100, seed=1)
    wanted = torch.cdist(queries.double(), training.double()).min(1)
    rows, gaps = nearest_neighbours(queries, training)
    assert_close(rows, wanted.indices)
    assert_close(gaps, wanted.values)


def test_a_copied_picture_is_found_at_distance_zero():
    training = torch.randint(256, (50, 64), dtype=torch.uint8, generator=source())
    rows, gaps = nearest_neighbours(training[[3, 47]], training)
    assert rows.tolist() == [3, 47] and gaps.tolist() == [0, 0]


def test_a_training_sample_is_not_its_own_neighbour(monkeypatch):
    monkeypatch.setattr(blocks, "ROWS", 2)
    training = points(0, 1, 5, 7)
    rows, gaps = nearest_neighbours(training[[0, 2, 3]], training, own=torch.tensor([0, 2, 3]))
    assert rows.tolist() == [1, 3, 2] and gaps.tolist() == [1, 2, 2]


def test_neighbours_need_somewhere_to_be():
    with pytest.raises(ValueError, match="neighbours are sought among"):
        nearest_neighbours(cloud(), cloud(0))
    with pytest.raises(ValueError, match="neighbours are sought among"):
        nearest_neighbours(cloud(1), cloud(1), own=torch.tensor([0]))
