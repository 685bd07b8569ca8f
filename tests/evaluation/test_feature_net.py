"""The shipped classifiers behind the feature metrics, one a data set."""

import os
import pathlib
import zipfile

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.datasets import DATASETS, data_root
from playground.evaluation import feature_net, features, frechet_distance, predicted_classes, sample_features
from playground.evaluation.classifier import accuracy, read_class_folders, read_splits
from playground.evaluation.features import PLANS, weights_file
from playground.experiment import Experiment
from playground.model import Model
from playground.samples import Samples

BESIDE = pathlib.Path(__file__).parents[3] / "shared" / "datasets"  # where this project's machines keep MNIST and CIFAR-10
ACCURACIES = {"digits": 0.98, "mnist": 0.98, "cifar10": 0.8}  # just under the measured


def mnist_test_set() -> Samples:
    """Return the first 2,000 of MNIST's test digits, or skip where MNIST is not on disk."""
    dataset = DATASETS["mnist"]
    root = data_root() if "PLAYGROUND_DATA" in os.environ or not BESIDE.is_dir() else BESIDE
    if not dataset.available(root):
        pytest.skip(f"MNIST is not in {root}")
    samples = dataset.load_test(dataset.config(), root)
    return Samples(samples.spec, samples.values[:2000], samples.labels[:2000])


def cifar10_held_out(folder: pathlib.Path) -> Samples:
    """Return 1,000 of the images that the shipped net was not trained on, or skip where there is no zip of CIFAR-10."""
    file = BESIDE / "cifar10-train.zip"
    if not file.is_file():
        pytest.skip(f"there is no {file.name} in {BESIDE}")
    with zipfile.ZipFile(file) as archive:  # every tenth of each class is held out: take every fiftieth
        for name in sorted(archive.namelist()):
            if name.endswith(("00.jpg", "50.jpg")):
                archive.extract(name, folder)
    return read_class_folders(folder, "cifar10")


@pytest.fixture(scope="module")
def held_out(tmp_path_factory):
    """Return a function from a data set's name to labelled images that its net was not trained on."""
    kept: dict[str, Samples] = {}

    def load(name: str) -> Samples:
        if name not in kept:
            sources = {
                "digits": lambda: read_splits("digits")[1],
                "mnist": mnist_test_set,
                "cifar10": lambda: cifar10_held_out(tmp_path_factory.mktemp("cifar10")),
            }
            kept[name] = sources[name]()
        return kept[name]

    return load


def random_images(count: int = 5, channels: int = 1, side: int = 32) -> torch.Tensor:
    return torch.randint(256, (count, channels, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", PLANS)
def test_the_shipped_net_names_images_that_it_never_saw(held_out, name):
    assert accuracy(feature_net(name), held_out(name)) > ACCURACIES[name]


@pytest.mark.parametrize("name", PLANS)
def test_classes_come_from_features(held_out, name):
    samples = held_out(name)
    found = predicted_classes(features(samples.values, name), name)
    assert (found == samples.labels).float().mean() > ACCURACIES[name]


@pytest.mark.parametrize("name", PLANS)
def test_an_untrained_generator_is_far_from_real_images(held_out, name):
    images = held_out(name).values
    images = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))]
    half = len(images) // 2
    first, second = features(images[:half], name), features(images[half:], name)
    untrained = sample_features(Model.untrained(Experiment(dataset=name)), half)
    assert frechet_distance(first, untrained) > 20 * frechet_distance(first, second)


def slow_features(network: nn.Module, image: torch.Tensor) -> torch.Tensor:
    """Follow one image (C, H, W) through the body pixel by pixel, in float64."""
    values = image.double()
    for layer in network.body:
        weights = [tensor.double() for tensor in layer.parameters()]
        if isinstance(layer, nn.Conv2d):
            (step, _), side = layer.stride, values.shape[-1] // layer.stride[0]
            framed = torch.zeros(values.shape[0], values.shape[1] + 2, values.shape[2] + 2, dtype=torch.float64)
            framed[:, 1:-1, 1:-1] = values
            values = torch.empty(layer.out_channels, side, side, dtype=torch.float64)
            for row in range(side):
                for column in range(side):
                    patch = framed[:, step * row : step * row + 3, step * column : step * column + 3]
                    values[:, row, column] = (weights[0] * patch).sum((1, 2, 3)) + weights[1]
        elif isinstance(layer, nn.Linear):
            values = (weights[0] * values).sum(1) + weights[1]
        elif isinstance(layer, nn.AvgPool2d):
            values = values.mean((1, 2))
        elif isinstance(layer, nn.ReLU):
            values = values.clamp(min=0)
        else:
            values = values.flatten()
    return values


@pytest.mark.parametrize("name", PLANS)
def test_features_equal_a_slow_loop(name):
    network = feature_net(name)
    images = random_images(2, network.channels)
    slow = torch.stack([slow_features(network, image.double() * 2 / 255 - 1) for image in images])
    assert_close(features(images, name).double(), slow, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", PLANS)
def test_features_are_one_row_an_image_from_numpy_or_torch(name):
    images = random_images(channels=feature_net(name).channels)
    rows = features(images, name)
    assert rows.shape == (5, feature_net(name).num_features) and rows.isfinite().all()
    assert_close(features(images.permute(0, 2, 3, 1).numpy(), name), rows)


@pytest.mark.parametrize("name", PLANS)
def test_images_of_any_size_and_colour_have_features(name):
    for shape in ((2, 16, 16, 1), (2, 64, 64, 3)):
        assert features(np.zeros(shape, np.uint8), name).shape == (2, feature_net(name).num_features)


def test_a_net_of_grey_images_averages_colour_away():
    grey = np.full((1, 32, 32, 1), 100, np.uint8)
    tinted = np.concatenate([grey - 50, grey, grey + 50], axis=-1)
    assert_close(features(tinted), features(grey))


def test_a_net_of_colour_images_sees_grey_as_equal_channels():
    grey = random_images()
    assert_close(features(grey, "cifar10"), features(grey.repeat(1, 3, 1, 1), "cifar10"))


@pytest.mark.parametrize("name", PLANS)
def test_features_do_not_depend_on_how_many_images_there_are(name):
    images = random_images(300)
    rows = features(images, name)
    assert_close(rows[126:131], features(images[126:131], name))
    assert_close(rows[7], features(images[7:8], name)[0])
    assert torch.equal(rows, features(images, name))


@pytest.mark.parametrize("name", PLANS)
def test_a_net_is_loaded_once_and_frozen_in_eval_mode(name):
    network = feature_net(name)
    assert network is feature_net(name)
    assert not network.training and not any(parameter.requires_grad for parameter in network.parameters())
    assert not any("Norm" in type(module).__name__ for module in network.modules())


def test_a_net_says_what_metric_names_need():
    nets = [feature_net(name) for name in ("mnist", "digits", "cifar10")]
    assert [(net.title, net.version, net.channels) for net in nets] == [
        ("MNIST", "cnn-v1", 1),
        ("digits", "cnn-v1", 1),
        ("CIFAR-10", "cnn-v1", 3),
    ]


@pytest.mark.parametrize("name", PLANS)
def test_the_file_of_a_net_is_smaller_than_a_megabyte(name):
    assert weights_file(name).stat().st_size < 1_000_000


def test_a_data_set_without_a_net_is_named():
    assert feature_net("shapes") is None
    for ask in (lambda: features(random_images(), "shapes"), lambda: predicted_classes(torch.zeros(1, 64), "shapes")):
        with pytest.raises(ValueError, match="no feature net for 'shapes'; choose from: digits, mnist, cifar10"):
            ask()


def test_noise_is_further_from_digits_than_digits_from_digits(held_out):
    values = held_out("mnist").values
    first, second, other = (features(images) for images in (values[:500], values[500:1000], random_images(500)))
    assert frechet_distance(first, other) > 10 * frechet_distance(first, second)
