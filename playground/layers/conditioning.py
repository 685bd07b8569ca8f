"""How a class reaches a network: as an embedding, as the scale and shift of a normalisation, as a projection."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import batch_norm, embedding, linear, normalize

from playground.layers.parts import Conditioned, Weighted
from playground.layers.spectral import normalised as spectrally_normalised


class ClassEmbedding(Weighted):
    """Look up a vector (N, size) for each class; between classes for weights (N, num_classes) that sum to 1.

    A label is either int64 (N,), or float (N, num_classes): a mixture of classes, for walks from one to another.
    """

    def __init__(self, num_classes: int, size: int, *, mean: float = 0.0, std: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_classes, size))
        self.mean, self.std = mean, std

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, self.mean, self.std, generator=source)

    def forward(self, label: torch.Tensor) -> torch.Tensor:
        if label.is_floating_point():
            return label.to(self.weight.dtype) @ self.weight
        return embedding(label, self.weight)  # (N, size)


def class_weights(label: torch.Tensor, num_classes: int) -> torch.Tensor:
    """Return a label as float weights (N, num_classes): one-hot where it is int64 (N,), else as it is."""
    if label.is_floating_point():
        return label
    return torch.eye(num_classes, device=label.device)[label]


class LabelPlanes(Conditioned):
    """Append the label to features: (N, F) -> (N, F + num_classes), (N, C, H, W) -> (N, C + num_classes, H, W).

    Each class is one number or one constant map, 1 for the sample's own class and 0 for the others (M. Mirza &
    S. Osindero 2014, 1411.1784).
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes

    def forward(self, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        weights = class_weights(condition, self.num_classes).to(features)
        sizes = features.shape[2:]
        planes = weights.reshape(*weights.shape, *[1] * len(sizes)).expand(-1, -1, *sizes)
        return torch.cat([features, planes], 1)


class ConditionalBatchNorm2d(Conditioned, Weighted):
    """Normalise (N, C, H, W) over the batch; scale and shift come from a condition (N, size) by a linear map.

    Given labels, int64 (N,) or mixtures (N, num_classes), that is a scale and a shift for each class (Dumoulin 2017,
    1610.07629; Miyato & Koyama 2018, 1802.05637); given a vector it is what BigGAN does (Brock 2019, section 3.1).
    Scales start at 1 and shifts at 0, give or take `std` for each number of the condition.
    """

    def __init__(self, channels: int, size: int, *, std: float = 0.0, momentum: float = 0.1) -> None:
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.empty(channels, size)), nn.Parameter(torch.empty(channels, size))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.std, self.momentum = std, momentum
        self.normalise = batch_norm  # a run on several processes puts in its own

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.scale, 0, self.std, generator=source)
        init.normal_(self.shift, 0, self.std, generator=source)
        self.running_mean.zero_()
        self.running_var.fill_(1)

    def takes(self) -> torch.Tensor:
        return torch.cat([self.scale, self.shift])

    def forward(self, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        condition = class_weights(condition, self.scale.shape[1])
        normalised = self.normalise(
            features, self.running_mean, self.running_var, training=self.training, momentum=self.momentum
        )
        scale = 1 + linear(condition, self.scale)  # (N, C)
        shift = linear(condition, self.shift)
        scale, shift = (value.to(normalised.dtype)[..., None, None] for value in (scale, shift))
        return torch.addcmul(shift, normalised, scale)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return self.scale.numel() + self.shift.numel()


class ProjectionScore(Conditioned, Weighted):
    """Score features (N, F) for a label: w·φ + b + ⟨E_y, φ⟩, (N,), with w and the classes' vectors E of spectral norm 1.

    T. Miyato & M. Koyama 2018, "cGANs with Projection Discriminator", 1802.05637, equation 8. Labels are int64 (N,) or
    mixtures (N, num_classes).
    """

    def __init__(self, size: int, num_classes: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(size)), nn.Parameter(torch.zeros(()))
        self.classes = nn.Parameter(torch.empty(num_classes, size))
        self.register_buffer("u", torch.ones(num_classes))

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, generator=source)  # only its direction counts
        init.zeros_(self.bias)
        init.normal_(self.classes, generator=source)

    def forward(self, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        classes = spectrally_normalised(self.classes, self.u, self.training)
        chosen = class_weights(condition, len(classes)) @ classes + normalize(self.weight, dim=0)  # (N, F)
        return (features * chosen).sum(1) + self.bias

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return 2 * self.weight.numel()
