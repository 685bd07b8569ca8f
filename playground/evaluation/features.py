"""A small frozen classifier of MNIST digits whose features measure digit pictures ("MNIST-FD cnn-v1").

Its weights are trained by `python -m playground.evaluation.classifier` and ship with the package; figures made with
them compare with each other only, never with an Inception FID.
"""

from __future__ import annotations

import functools
import pathlib

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from playground.datasets._dataset import resize
from playground.samples import to_unit

WEIGHTS = pathlib.Path(__file__).with_name("mnist-cnn-v1.safetensors")
RESOLUTION = 32


class FeatureNet(nn.Module):
    """Classify grey images (N, 1, 32, 32) in [-1, 1] into ten digits; the layer before last gives the features."""

    num_features = 64

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for in_channels, out_channels, stride in ((1, 16, 1), (16, 32, 2), (32, 64, 2), (64, 64, 2)):
            layers += [nn.Conv2d(in_channels, out_channels, 3, stride, 1), nn.ReLU()]
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 4 * 4, self.num_features), nn.ReLU())
        self.head = nn.Linear(self.num_features, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(images))  # logits (N, 10)


@functools.cache
def load_feature_net() -> FeatureNet:
    """Return the shipped classifier, in eval mode on the CPU."""
    network = FeatureNet()
    network.load_state_dict(load_file(WEIGHTS))
    return network.eval().requires_grad_(False)


@torch.no_grad()
def features(images: np.ndarray | torch.Tensor) -> torch.Tensor:
    """Return the features (N, 64) of uint8 images, numpy (N, H, W, C) or torch (N, C, H, W); colour is averaged away."""
    values = images if isinstance(images, torch.Tensor) else torch.from_numpy(images).permute(0, 3, 1, 2)
    network = load_feature_net()
    grey = resize(values, RESOLUTION).float().mean(1, keepdim=True).round().to(torch.uint8)
    return torch.cat([network.body(to_unit(piece)) for piece in grey.split(512)])
