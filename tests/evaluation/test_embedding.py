"""Samples as rows: the features of the shipped nets, or small pictures, smooth in every pixel."""

import pytest
import torch
from torch.nn.functional import interpolate
from torch.testing import assert_close

from playground.datasets._dataset import resize
from playground.evaluation.embedding import embed, embedding_name, shrink
from playground.evaluation.features import features
from playground.evaluation.scores import small_pixels
from playground.latent.derivative import derivative
from playground.samples import to_unit


def pictures(channels: int, side: int) -> torch.Tensor:
    return torch.randint(0, 256, (5, channels, side, side), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


@pytest.mark.parametrize("dataset", ["digits", "mnist", "cifar10"])
@pytest.mark.parametrize(("channels", "side"), [(1, 32), (3, 32), (1, 16), (3, 64)])
def test_rows_are_the_features_of_the_net_but_for_the_rounding_of_pixels(dataset, channels, side):
    images = pictures(channels, side)
    expected = features(images, dataset)
    assert_close(embed(to_unit(images), dataset), expected, rtol=0.02, atol=0.02 * expected.abs().max().item())


def test_without_a_net_they_are_small_pictures():
    images = pictures(3, 64)
    assert_close(embed(to_unit(images), "shapes"), small_pixels(images).float() / 255, rtol=0, atol=1 / 255)
    assert embedding_name("shapes") == "16×16 pixels" and embedding_name("mnist") == "MNIST features cnn-v1"


@pytest.mark.parametrize(("side", "resolution"), [(64, 16), (64, 32), (16, 32), (28, 16)])
def test_matrices_resize_as_pytorch_does(side, resolution):
    images = pictures(2, side)
    expected = interpolate(images.float(), (resolution, resolution), mode="bilinear", antialias=True)
    assert_close(shrink(images.float(), resolution), expected, rtol=1e-4, atol=1e-3)
    assert_close(shrink(images.float(), resolution), resize(images, resolution).float(), rtol=0, atol=2)  # whole levels


@pytest.mark.parametrize(("dataset", "channels"), [("mnist", 1), ("mnist", 3), ("cifar10", 3), ("shapes", 3)])
def test_it_has_an_exact_forward_derivative(dataset, channels):
    samples, change = torch.randn(2, 3, channels, 64, 64, generator=torch.Generator().manual_seed(1)).clamp(-1, 1)
    embed(samples, dataset)
    _, slope = derivative(lambda x: embed(x, dataset), samples, change)
    nudged = (embed(samples + 1e-3 * change, dataset) - embed(samples - 1e-3 * change, dataset)) / 2e-3
    assert (slope - nudged).norm() < 0.03 * slope.norm()  # a nudge crosses corners of ReLU
