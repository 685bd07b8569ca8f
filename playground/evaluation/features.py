"""Small frozen classifiers, one a data set, whose features measure how near made images are to real ones ("cnn-v1").

Their weights are trained by `python -m playground.evaluation.classifier`, which names their accuracy, and ship with the
package. Figures made with one net compare with each other only, never with those of another net or an Inception FID.
Fashion-MNIST, KMNIST, SVHN, drawn shapes and a person's own images have no net: they are compared by pixels alone.
"""

from __future__ import annotations

import functools
import pathlib
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from playground.config import shorten
from playground.datasets._dataset import resize
from playground.model import Model
from playground.samples import to_unit

VERSION = "cnn-v1"
PIECE = 128  # images at a time: their feature maps stay in the processor's cache


@dataclass(frozen=True)
class Plan:
    """What a net looks like. `stages` are 3×3 convolutions, (width, stride) each, from 32×32 pixels down.

    A `pooled` net averages the last feature maps into the features; otherwise a linear layer makes 64 of them.
    """

    title: str
    channels: int
    stages: tuple[tuple[int, int], ...]
    pooled: bool = False


DIGIT_STAGES = ((16, 1), (32, 2), (64, 2), (64, 2))
PHOTOGRAPH_STAGES = ((24, 1), (48, 2), (96, 2), (96, 1), (128, 2))
PLANS = {
    "digits": Plan("digits", 1, DIGIT_STAGES),
    "mnist": Plan("MNIST", 1, DIGIT_STAGES),
    "cifar10": Plan("CIFAR-10", 3, PHOTOGRAPH_STAGES, pooled=True),
}


class FeatureNet(nn.Module):
    """Classify images (N, channels, 32, 32) in [-1, 1] into ten classes; the layer before last gives the features.

    `title` and `version` are what a metric's name says of its net.
    """

    version, resolution, num_classes = VERSION, 32, 10

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.title, self.channels = plan.title, plan.channels
        layers: list[nn.Module] = []
        channels, side = plan.channels, self.resolution
        for width, stride in plan.stages:
            layers += [nn.Conv2d(channels, width, 3, stride, 1), nn.ReLU()]
            channels, side = width, side // stride
        self.num_features = channels if plan.pooled else 64
        last = [nn.AvgPool2d(side), nn.Flatten()] if plan.pooled else _summary(channels * side * side, self.num_features)
        self.body = nn.Sequential(*layers, *last)
        self.head = nn.Linear(self.num_features, self.num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(images))  # logits (N, 10)

    def prepare(self, values: torch.Tensor) -> torch.Tensor:
        """Turn uint8 images (N, C, H, W) of any size into what `forward` takes; a grey net averages colours away."""
        values = resize(values, self.resolution)
        if values.shape[1] != self.channels:
            values = values.float().mean(1, keepdim=True).round().to(torch.uint8).expand(-1, self.channels, -1, -1)
        return to_unit(values)


def _summary(size: int, num_features: int) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(size, num_features), nn.ReLU()]


def weights_file(dataset: str) -> pathlib.Path:
    """Return where the weights of a data set's net lie."""
    return pathlib.Path(__file__).with_name(f"{dataset}-{VERSION}.safetensors")


@functools.cache
def feature_net(dataset: str) -> FeatureNet | None:
    """Return the shipped classifier of a data set, in eval mode on the CPU; None where there is none."""
    if dataset not in PLANS:
        return None
    network = FeatureNet(PLANS[dataset])
    network.load_state_dict(load_file(weights_file(dataset)))
    # colour images are a fifth faster with the channels innermost, grey ones are as fast
    return network.to(memory_format=torch.channels_last).eval().requires_grad_(False)


@torch.no_grad()
def features(images: np.ndarray | torch.Tensor, dataset: str = "mnist") -> torch.Tensor:
    """Return the features (N, F) of uint8 images of any size, numpy (N, H, W, C) or torch (N, C, H, W).

    Raises ValueError for a data set without a net.
    """
    values = images if isinstance(images, torch.Tensor) else torch.from_numpy(images).permute(0, 3, 1, 2)
    network = _known_net(dataset)
    return torch.cat([network.body(network.prepare(piece)) for piece in values.split(PIECE)])


@torch.no_grad()
def predicted_classes(rows: torch.Tensor, dataset: str = "mnist") -> torch.Tensor:
    """Return the classes, int64 (N,), that the data set's net sees in images with these features (N, F)."""
    return _known_net(dataset).head(rows).argmax(1)


def sample_features(model: Model, count: int, seed: int = 0) -> torch.Tensor:
    """Return the features (count, F) of `model.sample(count, seed)`, by the net of the model's own data set."""
    return features(model.sample(count, seed), model.experiment.dataset)


def _known_net(dataset: str) -> FeatureNet:
    network = feature_net(dataset)
    if network is None:
        raise ValueError(f"there is no feature net for {shorten(dataset)}; choose from: {', '.join(PLANS)}")
    return network
