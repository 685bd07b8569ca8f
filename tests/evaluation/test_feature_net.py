"""The shipped classifier behind "MNIST-FD cnn-v1"."""

import os
import pathlib

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from playground.datasets import DATASETS, data_root
from playground.evaluation import features, frechet_distance, load_feature_net
from playground.evaluation.classifier import accuracy, train_classifier
from playground.samples import Samples
from playground.training.devices import threads

BESIDE = pathlib.Path(__file__).parents[3] / "shared" / "datasets"  # where this project's machines keep MNIST


def test_set() -> Samples:
    """Return the first 2,000 of MNIST's test digits, or skip where MNIST is not on disk."""
    dataset = DATASETS["mnist"]
    root = data_root() if "PLAYGROUND_DATA" in os.environ or not BESIDE.is_dir() else BESIDE
    if not dataset.available(root):
        pytest.skip(f"MNIST is not in {root}")
    samples = dataset.load_test(dataset.config(), root)
    return Samples(samples.spec, samples.values[:2000], samples.labels[:2000])


test_set.__test__ = False


@pytest.fixture(scope="module")
def mnist() -> Samples:
    return test_set()


def test_the_shipped_net_names_real_digits(mnist):
    assert accuracy(load_feature_net(), mnist) > 0.98


def test_noise_is_further_from_digits_than_digits_from_digits(mnist):
    noise = torch.randint(256, (500, 1, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    first, second, other = (features(images) for images in (mnist.values[:500], mnist.values[500:1000], noise))
    assert frechet_distance(first, other) > 10 * frechet_distance(first, second)


def test_features_are_one_row_an_image_from_numpy_or_torch():
    images = torch.randint(256, (5, 1, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    rows = features(images)
    assert rows.shape == (5, 64) and rows.isfinite().all()
    assert_close(features(images.permute(0, 2, 3, 1).numpy()), rows)


def test_images_of_any_size_and_colour_have_features():
    for shape in ((2, 16, 16, 1), (2, 64, 64, 3)):
        assert features(np.zeros(shape, np.uint8)).shape == (2, 64)


def test_colour_is_averaged_away():
    grey = np.full((1, 32, 32, 1), 100, np.uint8)
    tinted = np.concatenate([grey - 50, grey, grey + 50], axis=-1)
    assert_close(features(tinted), features(grey))


def test_features_do_not_depend_on_how_many_images_there_are():
    images = np.random.default_rng(0).integers(0, 256, (600, 32, 32, 1), np.uint8)
    assert_close(features(images)[510:514], features(images[510:514]))


def test_the_net_is_frozen_in_eval_mode():
    network = load_feature_net()
    assert not network.training and not any(parameter.requires_grad for parameter in network.parameters())


def test_the_training_of_the_classifier_learns():
    digits = DATASETS["digits"]
    samples = digits.load(digits.config(), data_root())
    first = Samples(samples.spec, samples.values[:600], samples.labels[:600])
    rest = Samples(samples.spec, samples.values[1500:], samples.labels[1500:])
    with threads(1):
        assert accuracy(train_classifier(first), rest) > 0.3  # guessing names 10% right; in fact about 55%
