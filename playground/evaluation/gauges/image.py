"""Images: by the features of their data set's frozen net, or as small pictures where there is no net."""

from __future__ import annotations

import torch

from playground.datasets._dataset import resize
from playground.evaluation.features import FeatureNet, feature_net, features
from playground.evaluation.frechet import frechet_distance
from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.wasserstein import sliced_wasserstein

WIDTH = 16  # at which whole pictures are compared: noise counts less than shape, and it takes a quarter of the time of 32
PIXEL_NAME = f"sliced Wasserstein, {WIDTH}×{WIDTH} pixels"


def small_pixels(images: torch.Tensor) -> torch.Tensor:
    """Return images as rows of pixels at which whole pictures are compared, uint8 (N, C, H, W) to (N, C * 256)."""
    return resize(images, WIDTH).flatten(1)  # uint8 (N, C * 256)


def frechet_name(network: FeatureNet) -> str:
    """Name the Fréchet distance on a net's features, `MNIST-FD cnn-v1`; the count of samples goes behind it."""
    return f"{network.title}-FD {network.version}"


def by_features(dataset: str) -> Gauge | None:
    """Return the gauge that looks through the net of a data set; None where there is no net."""
    network = feature_net(dataset)
    if network is None:
        return None
    return Gauge(
        name="image",
        embed=features,
        distance=lambda reference, rows, seed: frechet_distance(reference, rows),
        title=lambda dataset: frechet_name(network),
        near=lambda images, dataset: small_pixels(images),
    )


GAUGE = Gauge(
    name="image",
    embed=lambda images, dataset: small_pixels(images).float() / 255,
    distance=lambda reference, rows, seed: sliced_wasserstein(reference, rows, torch.Generator().manual_seed(seed)),
    title=lambda dataset: PIXEL_NAME,
    near=lambda images, dataset: small_pixels(images),
    order=1,
)
