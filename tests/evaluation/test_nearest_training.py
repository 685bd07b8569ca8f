"""The training images nearest to a sample, with what is usual among training images themselves."""

from __future__ import annotations

import pytest
import torch

from playground.datasets import DATASETS, data_root
from playground.evaluation import TrainingIndex, index_training, nearest_training
from playground.samples import Samples, SampleSpec


def index_of(samples: Samples, dataset: str, **options: int) -> TrainingIndex:
    *shares, index = index_training(samples, dataset, **options)
    assert all(0 < share < 1 for share in shares) and shares == sorted(shares)
    return index


def flat_images(*levels: int) -> Samples:
    values = torch.tensor(levels, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 16, 16).contiguous()
    return Samples(SampleSpec("image", (1, 16, 16)), values)


def test_without_a_net_pixels_decide_by_hand():
    index = index_of(flat_images(0, 51, 255), "shapes")
    query = torch.full((1, 16, 16, 1), 61, dtype=torch.uint8).numpy()
    found = nearest_training(query, index, k=2)
    assert index.values[found.rows[0], 0, 0, 0].tolist() == [51, 0] and found.features is None
    torch.testing.assert_close(found.pixels[0], torch.tensor([10, 61]) * 2 / 255)
    assert index.usual_pixels == pytest.approx(51 * 2 / 255) and index.usual_features is None


def test_a_copy_is_nothing_apart_and_other_digits_are_as_far_as_usual():
    samples = DATASETS["digits"].load(DATASETS["digits"].config(), data_root())
    index = index_of(samples, "digits", limit=300)
    assert len(index.values) == 300 and index.of == len(samples)
    found = nearest_training(index.values[[7]].permute(0, 2, 3, 1).numpy(), index, k=3)
    assert found.rows[0, 0] == 7
    assert found.features[0, 0] < 1e-3 and found.pixels[0, 0] == 0
    assert 0.2 < found.features[0, 1] / index.usual_features < 5
    assert found.features[0].tolist() == sorted(found.features[0].tolist())


def test_other_shapes_and_lone_images_are_refused():
    with pytest.raises(ValueError, match="shape"):
        nearest_training(torch.zeros(1, 8, 8, 1, dtype=torch.uint8).numpy(), index_of(flat_images(0, 9), "shapes"))
    with pytest.raises(ValueError, match="at least 2"):
        list(index_training(flat_images(0), "shapes"))
