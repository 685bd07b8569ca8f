"""Moving pictures by whole pixels: by hand where that can be, and for every discriminator."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from small_models import IMAGE_MAKERS

from playground.experiment import Experiment
from playground.inspection import layer_changes, shift_test, shifted
from playground.inspection.wants import logits
from playground.layers import Stage
from playground.model import Model


def small(name: str) -> Model:
    start = Experiment(architecture=name)
    widths = {"generator.width": 8, "discriminator.width": 8, "data.resolution": 16}
    known = {key: value for key, value in widths.items() if hasattr(getattr(start, key.split(".")[0]), key.split(".")[1])}
    return Model.untrained(start.with_settings(known))


def pictures(model: Model, count: int = 3) -> torch.Tensor:
    return torch.rand(count, *model.experiment.spec.shape, generator=torch.Generator().manual_seed(3)) * 2 - 1


def test_a_picture_moves_right_and_down_and_leaves_its_fill_behind():
    image = torch.arange(1.0, 10).reshape(1, 3, 3)
    assert shifted(image, 1)[0].tolist() == [[0, 1, 2], [0, 4, 5], [0, 7, 8]]
    assert shifted(image, -1, 1, fill=-1)[0].tolist() == [[-1, -1, -1], [2, 3, -1], [5, 6, -1]]
    assert shifted(image, 3)[0].tolist() == [[0] * 3] * 3 and shifted(image, 0).equal(image)


def test_stripes_of_two_pixels_vanish_from_a_stride_and_the_blur_keeps_half():
    stripes = np.tile(np.array([1, 0], np.float32), (1, 8, 4))
    changes = layer_changes(stripes)
    assert changes["stride"][5] == 1  # moved by one pixel every output is 0: all of it has changed
    assert changes["blur"][5] < changes["average"][5] < changes["stride"][5]


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_move_by_a_multiple_of_the_size_changes_nothing(size):
    image = np.random.default_rng(0).random((1, 9, 11), np.float32)
    for values in layer_changes(image, size, axis="down").values():
        still = [n for n in range(9) if (n - 4) % size == 0]
        np.testing.assert_allclose(values[still], 0, atol=1e-6)
        assert values[[n for n in range(9) if n not in still]].min() > 0


def test_an_empty_picture_changes_in_nothing():
    assert all((values == 0).all() for values in layer_changes(np.zeros((1, 4, 4), np.float32)).values())


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_discriminator_is_asked_for_every_move(name):
    model = small(name)
    images = pictures(model)
    found = shift_test(model, images)
    assert found.scores.shape == (3, 9) and found.offsets == tuple(range(-4, 5))
    np.testing.assert_allclose(found.scores[:, 6], logits(model, shifted(images, 2, fill=-1)), rtol=1e-4, atol=1e-5)
    assert found.changes and all(values.shape == (9,) and values[4] == 0 for values in found.changes.values())
    assert all(0 <= values.max() <= 2 for values in found.changes.values())
    again = shift_test(model, images)
    np.testing.assert_array_equal(found.scores, again.scores)
    (last,) = shift_test(model, images, last_only=True).changes.items()
    assert last[0] == list(found.changes)[-1] and np.array_equal(last[1], found.changes[last[0]])


def test_a_discriminator_that_adds_up_all_pixels_does_not_see_a_move_within_the_frame():
    model = small("dcgan")
    model.discriminator = Stage(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(0))
    images = torch.full((1, 1, 16, 16), -1.0)
    images[..., 6:10, 6:10] = 1
    found = shift_test(model, images, axis="down")
    assert found.score_change.max() < 1e-6 and math.isnan(found.wobble)


def test_the_wobble_is_in_standard_deviations_of_the_scores():
    found = shift_test(small("dcgan"), pictures(small("dcgan"), 4))
    scores = found.scores.astype(np.float64)
    moved = np.abs(scores - scores[:, 4:5])[:, [0, 1, 2, 3, 5, 6, 7, 8]]
    assert found.wobble == pytest.approx(moved.mean() / scores[:, 4].std())
    assert dataclasses.replace(found, scores=found.scores * 10).wobble == pytest.approx(found.wobble)


def test_what_cannot_be_is_named():
    model = small("dcgan")
    with pytest.raises(ValueError, match="unknown axis"):
        shift_test(model, pictures(model), axis="z")
    with pytest.raises(ValueError, match="pictures must be"):
        shift_test(model, torch.zeros(1, 1, 8, 8))
