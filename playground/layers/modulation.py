"""How a style steers a generator: modulated convolutions, noise inputs, mixed styles (Karras 2019, 2020)."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import conv2d, linear

from playground.layers.parts import Conditioned, Drawing, Weighted


class ModulatedConv2d(Weighted, Conditioned):
    """Convolve (N, in_channels, H, W), size kept, with weights that a style vector (N, style_dim) scales for each sample.

    Karras 2020 (1912.04958), section 2.2: an affine map of the style gives s, one factor an input channel (equation 1);
    `demodulate` divides each output channel by the length of its scaled weights (equation 3). `gain` multiplies the result
    before the bias, for an activation to come. Scaling the features before and after one shared convolution gives the
    same as a set of weights for each sample, and is faster.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        style_dim: int,
        *,
        demodulate: bool = True,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = (kernel_size,) * 2, (1, 1), (kernel_size // 2,) * 2
        self.demodulate, self.gain = demodulate, gain
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.empty(out_channels))
        self.affine_weight = nn.Parameter(torch.empty(in_channels, style_dim))
        self.affine_bias = nn.Parameter(torch.empty(in_channels))
        # learning rates are equalised, see `layers.equalised`
        self.scale, self.affine_scale = gain / math.sqrt(in_channels * kernel_size**2), 1 / math.sqrt(style_dim)

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, generator=source)
        init.normal_(self.affine_weight, generator=source)
        init.zeros_(self.bias)
        init.ones_(self.affine_bias)  # a style of 0 changes nothing

    def takes(self) -> torch.Tensor:
        return self.affine_weight * self.affine_scale

    def forward(self, features: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        factors = linear(style, self.takes(), self.affine_bias).to(features.dtype)  # (N, in)
        weight = self.weight * self.scale
        made = conv2d(features * factors[:, :, None, None], weight, padding=self.padding)
        if self.demodulate:
            made = made * self._demodulation(weight, factors).to(made.dtype)[:, :, None, None]
        return made + self.bias.to(made.dtype)[:, None, None]

    def _demodulation(self, weight: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        """Return gain / √(Σ (s·w)²) for each sample and output channel (N, out), by Σ (s·w)² = Σ s² Σ w²."""
        lengths = linear(factors.float().square(), weight.square().sum((2, 3)))
        return self.gain * (lengths.float() + 1e-8).rsqrt()

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return math.prod(output_shape[1:]) * self.weight.numel() + self.affine_weight.numel()

    def extra_repr(self) -> str:
        return f"{self.weight.shape[1]}, {self.weight.shape[0]}, kernel_size={self.kernel_size}, demodulate={self.demodulate}"


class LearntConstant(Weighted):
    """Start every sample from the same learnt map (channels, size, size); what goes in gives only the batch size N."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.empty(channels, size, size))

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.value, generator=source)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.value.expand(len(features), *self.value.shape)  # (N, channels, size, size)


class NoiseInput(Weighted, Drawing):
    """Add one map of Gaussian noise to all channels of (N, C, size, size), by a learnt strength that starts at 0.

    Training draws fresh noise for every sample; in eval mode it is one fixed map, so that a latent means one picture.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.empty(()))
        self.register_buffer("fixed", torch.empty(size, size))

    def draw(self, source: torch.Generator) -> None:
        init.zeros_(self.strength)
        init.normal_(self.fixed, generator=source)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        noise = self.normal(len(features), 1, *self.fixed.shape, like=features) if self.training else self.fixed
        return features + (self.strength * noise).to(features.dtype)


class StyleMixing(Drawing):
    """Give each of `num_layers` layers a style: (N, style_dim) -> (N, num_layers, style_dim).

    In training, with the given probability, a sample takes the style of its neighbour in the batch from a random layer
    on (Karras 2019, 1812.04948, section 3.1), so that no layer can count on the layers before it. Styles that already are
    one a layer pass unchanged.
    """

    def __init__(self, num_layers: int, probability: float) -> None:
        super().__init__()
        self.num_layers, self.probability = num_layers, probability

    def forward(self, styles: torch.Tensor) -> torch.Tensor:
        if styles.ndim == 3:
            return styles
        own = styles.unsqueeze(1).expand(-1, self.num_layers, -1)  # (N, L, style_dim)
        if not self.training or self.num_layers < 2:
            return own
        count = len(styles)
        crossover = 1 + (self.uniform(count, 1, like=styles.float()) * (self.num_layers - 1)).floor()  # 1 … L - 1
        mixed = self.uniform(count, 1, like=styles.float()) < self.probability
        later = torch.arange(self.num_layers, device=styles.device) >= crossover  # (N, L)
        return torch.where((mixed & later).unsqueeze(2), own.roll(1, 0), own)
