"""Spectral normalisation: weights divided by their largest singular value (Miyato 2018, 1802.05957, section 2.1)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import conv2d, conv_transpose2d, linear

EPSILON = 1e-12


def normalised(weight: torch.Tensor, u: torch.Tensor, update: bool) -> torch.Tensor:
    """Normalise in float32, whatever the pass computes in: a norm of thousands of products needs the digits."""
    if weight.is_meta:  # shapes only, and it has no autocast
        return weight
    with torch.autocast(weight.device.type, enabled=False):
        return _divided(weight, u, update)


def _divided(weight: torch.Tensor, u: torch.Tensor, update: bool) -> torch.Tensor:
    """Divide `weight` (out, …) by its largest singular value, estimated from the left singular vector `u` (out,).

    With `update`, `u` moves on by one power iteration (Algorithm 1 of the paper).
    """
    matrix = weight.flatten(1)  # (out, in * kernel)
    with torch.no_grad():
        v = torch.mv(matrix.mT, u)
        v /= v.norm() + EPSILON
        left = torch.mv(matrix, v)
        left /= left.norm() + EPSILON
        if update:
            u.copy_(left)
    return weight / torch.dot(left, torch.mv(matrix, v))  # left and v count as constants: equation 10 follows


class SpectralConv2d(nn.Conv2d):
    """Convolve with a weight of spectral norm 1; same arguments and shapes as `nn.Conv2d`."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.register_buffer("u", torch.ones(self.out_channels))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        weight = normalised(self.weight, self.u, self.training)
        return conv2d(features, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class SpectralConvTranspose2d(nn.ConvTranspose2d):
    """Transposed convolution with a weight of spectral norm 1; same arguments and shapes as `nn.ConvTranspose2d`."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.register_buffer("u", torch.ones(self.out_channels))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        # the weight lies as (in, out, kernel): turned round, its matrix is (out, in * kernel) as everywhere else
        weight = normalised(self.weight.transpose(0, 1), self.u, self.training).transpose(0, 1)
        return conv_transpose2d(features, weight, self.bias, self.stride, self.padding, self.output_padding)


class SpectralLinear(nn.Linear):
    """Multiply by a weight of spectral norm 1; same arguments and shapes as `nn.Linear`."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.register_buffer("u", torch.ones(self.out_features))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return linear(features, normalised(self.weight, self.u, self.training), self.bias)
