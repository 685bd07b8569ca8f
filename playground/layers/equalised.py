"""Equalised learning rate and pixel normalisation (T. Karras 2018, 1710.10196, section 4)."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import conv2d, linear

from playground.layers.parts import Weighted

AFTER_LEAKY = math.sqrt(2)  # He's gain: makes up for what a (leaky) ReLU before or after the layer takes away


class EqualisedLinear(Weighted):
    """Map (N, in_features) to (N, out_features) by a weight kept as N(0, 1) and scaled by gain / √in_features at run time.

    Adam moves every stored number at the same speed; so scaled, that is the same relative speed for every layer.
    `rate` multiplies the layer's learning rate and leaves its start as it is (Karras 2019, 1812.04948, appendix C).
    """

    def __init__(
        self, in_features: int, out_features: int, *, gain: float = AFTER_LEAKY, rate: float = 1.0, bias: float = 0.0
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        self.bias = nn.Parameter(torch.empty(out_features))
        self.scale, self.rate, self.start = rate * gain / math.sqrt(in_features), rate, bias

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, 0, 1 / self.rate, generator=source)
        init.constant_(self.bias, self.start / self.rate)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return linear(features, self.weight * self.scale, self.bias * self.rate)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return self.weight.numel()

    def extra_repr(self) -> str:
        return f"{self.in_features}, {self.out_features}, rate={self.rate}"


class EqualisedConv2d(Weighted):
    """Convolve (N, in_channels, H, W), size kept, by a weight stored as N(0, 1) and scaled by gain / √fan_in at run time."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, *, gain: float = AFTER_LEAKY) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = (kernel_size,) * 2, (1, 1), (kernel_size // 2,) * 2
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.empty(out_channels))
        self.scale = gain / math.sqrt(in_channels * kernel_size**2)

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, generator=source)
        init.zeros_(self.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return conv2d(features, self.weight * self.scale, self.bias, padding=self.padding)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return math.prod(output_shape[1:]) * self.weight.numel()

    def extra_repr(self) -> str:
        return f"{self.weight.shape[1]}, {self.weight.shape[0]}, kernel_size={self.kernel_size}"


class PixelNorm(nn.Module):
    """Scale the features of each pixel (dimension 1) to a mean square of 1, so that no signal in G can run away."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features * (features.square().mean(1, keepdim=True) + 1e-8).rsqrt()
