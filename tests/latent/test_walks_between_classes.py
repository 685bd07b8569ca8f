"""From class to class: mixtures along the way, at the same latent or at others."""

import numpy as np
import pytest
import torch
from small_models import model_of
from torch.testing import assert_close

from playground.latent import interpolate
from playground.latent.interpolation import class_path, labels_on_path
from playground.samples import to_pixels


def test_a_path_from_class_to_class_mixes_them_evenly():
    mixtures = class_path([3, 8], 10, 5)
    expected = torch.zeros(5, 10)
    expected[:, 3], expected[:, 8] = torch.linspace(1, 0, 5), torch.linspace(0, 1, 5)
    assert_close(mixtures, expected)


def test_a_path_through_three_classes_and_back_sums_to_one_everywhere():
    mixtures = class_path([0, 4, 9], 10, 12, loop=True)
    assert_close(mixtures.sum(1), torch.ones(12))
    assert_close(mixtures[[0, 4, 8]], torch.eye(10)[[0, 4, 9]])


def test_one_class_serves_every_way_point_and_none_means_the_first():
    model = model_of("cgan")
    assert_close(labels_on_path(model, [7], 3, 6), torch.eye(10)[[7] * 6])
    assert_close(labels_on_path(model, None, 2, 4), torch.eye(10)[[0] * 4])


@pytest.mark.parametrize("name", ["cgan", "projection"])
def test_the_ends_of_a_walk_are_the_samples_of_their_classes(name):
    model = model_of(name)
    frames = interpolate(model, [1, 2], frames=4, classes=[3, 8])
    for frame, seed, label in ((frames[0], 1, 3), (frames[-1], 2, 8)):
        alone = to_pixels(model.generate(model.latents(1, seed), torch.tensor([label])))[0]
        assert np.abs(alone.astype(int) - frame).max() <= 1  # one grey level of rounding


def test_at_a_fixed_latent_only_the_class_changes():
    model = model_of("cgan")
    still, moving = interpolate(model, [1, 1], frames=4, classes=[3]), interpolate(model, [1, 1], frames=4, classes=[3, 8])
    np.testing.assert_array_equal(still[0], still[-1])
    assert (moving[0] != moving[-1]).any()


@pytest.mark.parametrize(("classes", "words"), [([10], "between 0 and 9, not 10"), ([True], "not True"), ([1, 2, 3], "not 3")])
def test_what_is_no_class_is_refused(classes, words):
    with pytest.raises(ValueError, match=words):
        interpolate(model_of("cgan"), [1, 2], frames=4, classes=classes)


def test_a_model_without_classes_refuses_them():
    with pytest.raises(ValueError, match="this model knows no classes"):
        interpolate(model_of("mlp"), [1, 2], frames=4, classes=[1])
