"""R3GAN: a modern baseline without tricks (Y. Huang, A. Gokaslan, V. Kuleshov, J. Tompkin 2025, 2501.05441).

New in it: the relativistic pairing loss with both gradient penalties, R1 and R2, provably converges near its optimum, so
that the network needs none of the field's tricks: no normalisation, no minibatch statistics, no styles. What is left is
a plain residual network with grouped convolutions, inverted bottlenecks, bilinear resampling and a careful start.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import conv2d

from playground.architectures._architecture import Architecture
from playground.architectures.dcgan import BASE_SIZE, num_doublings
from playground.config import check, field
from playground.layers import Stage, Weighted
from playground.recipe import Recipe
from playground.samples import SampleSpec

SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # keeps the variance through a leaky ReLU (He 2015)
WIDTH, GROUP_WIDTH = 8, 8
WIDEST = 4  # times the width: the deepest stages of a large image have no more channels than this


class FixupConv2d(Weighted):
    """Convolve (N, in_channels, H, W) by plain weights of standard deviation gain / √fan_in; a gain of 0 starts at zero."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int = 1, *,
        gain: float = 1.0, groups: int = 1, padding: int = 0, bias: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.stride, self.padding = (kernel_size,) * 2, (1, 1), (padding,) * 2
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels // groups, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        self.groups, self.std = groups, gain / math.sqrt(in_channels // groups * kernel_size**2)

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, 0, self.std, generator=source)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return conv2d(features, self.weight, self.bias, padding=self.padding, groups=self.groups)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return math.prod(output_shape[1:]) * self.weight.numel()


class Basis(Weighted):
    """Weigh learnt maps (channels, size, size) by the numbers (N, channels, 1, 1) that come in."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.maps = nn.Parameter(torch.empty(channels, size, size))

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.maps, generator=source)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features * self.maps.to(features.dtype)  # (N, channels, size, size)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return self.maps.numel()


class Block(nn.Module):
    """Add to (N, channels, H, W) what an inverted bottleneck makes of it: wider, a grouped 3×3, back (section 3.3).

    At the start it adds nothing, for its last weights are zero; the others are scaled down by the number of blocks to the
    power of -1/4, so that all blocks together move the output no faster than one (fix-up, Zhang 2019, 1901.09321).
    """

    def __init__(self, channels: int, num_blocks: int, expansion: int, group_width: int) -> None:
        super().__init__()
        wide, gain = channels * expansion, GAIN * num_blocks**-0.25
        groups = wide // math.gcd(group_width, wide)
        self.branch = nn.Sequential(
            FixupConv2d(channels, wide, gain=gain, bias=True),
            nn.LeakyReLU(SLOPE),
            FixupConv2d(wide, wide, 3, gain=gain, groups=groups, padding=1, bias=True),
            nn.LeakyReLU(SLOPE),
            FixupConv2d(wide, channels, gain=0.0),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + self.branch(features)


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1] through residual blocks; tanh keeps the range."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            WIDTH, help="Channels of the last stage; each stage before it has twice as many.", low=2, high=256, advanced=False
        )
        blocks: int = field(1, help="Residual blocks in each stage.", low=1, high=4)
        expansion: int = field(2, help="How many times wider a block is inside.", low=1, high=4)
        group_width: int = field(GROUP_WIDTH, help="Channels that a 3×3 convolution looks at together.", low=1, high=256)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        widths = stage_widths(config, spec)[::-1]
        first = FixupConv2d(config.latent_dim, widths[0])
        start = [nn.Unflatten(1, (config.latent_dim, 1, 1)), first, Basis(widths[0], BASE_SIZE)]
        stages = OrderedDict(project=Stage(*start, *_blocks(config, widths[0], len(widths))))
        for number in range(1, len(widths)):
            # a 1×1 convolution and a resampling may change places: this way round is cheaper
            change = [FixupConv2d(widths[number - 1], widths[number]), nn.Upsample(scale_factor=2, mode="bilinear")]
            stages[f"up{number}"] = Stage(*change, *_blocks(config, widths[number], len(widths)))
        stages["image"] = Stage(FixupConv2d(widths[-1], spec.shape[0], bias=True), nn.Tanh())
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, C, H, W)


def stage_widths(config: Generator.Config | Discriminator.Config, spec: SampleSpec) -> list[int]:
    """Return the channels at each size, the full one first."""
    return [config.width * min(2**number, WIDEST) for number in range(num_doublings(spec) + 1)]


def _blocks(config: Generator.Config | Discriminator.Config, channels: int, num_stages: int) -> list[Block]:
    total = config.blocks * num_stages
    return [Block(channels, total, config.expansion, config.group_width) for _ in range(config.blocks)]


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): the generator upside down."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            WIDTH, help="Channels of the first stage; each stage after it has twice as many.", low=2, high=256, advanced=False
        )
        blocks: int = field(1, help="Residual blocks in each stage.", low=1, high=4)
        expansion: int = field(2, help="How many times wider a block is inside.", low=1, high=4)
        group_width: int = field(GROUP_WIDTH, help="Channels that a 3×3 convolution looks at together.", low=1, high=256)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        widths = stage_widths(config, spec)
        stages = OrderedDict(rgb=Stage(FixupConv2d(spec.shape[0], widths[0], bias=True)))
        for number in range(1, len(widths)):
            change = [nn.AvgPool2d(2), FixupConv2d(widths[number - 1], widths[number])]
            stages[f"down{number}"] = Stage(*_blocks(config, widths[number - 1], len(widths)), *change)
        # one learnt map a channel, the mirror of the generator's basis
        last = [FixupConv2d(widths[-1], widths[-1], BASE_SIZE, groups=widths[-1]), FixupConv2d(widths[-1], 1), nn.Flatten(0)]
        stages["score"] = Stage(*_blocks(config, widths[-1], len(widths)), *last)
        self.stages = nn.Sequential(stages)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


ARCHITECTURE = Architecture(
    name="r3gan",
    title="R3GAN",
    year=2024,
    summary="No normalisation and no tricks: residual blocks, a relativistic loss, and both gradient penalties.",
    paper="Huang, Gokaslan, Kuleshov & Tompkin 2024, arXiv:2501.05441",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # The paper's rates are 2e-4 falling to 5e-5, for batches of hundreds and days of training, and its penalties come at
    # every step; every fourth, four times as strong, takes half the time.
    recipe=Recipe(
        loss="relativistic-pairing",
        penalty="r1+r2",
        penalty_weight=0.3,
        penalty_every=4,
        batch_size=24,
        learning_rate_generator=0.004,
        learning_rate_discriminator=0.004,
        beta1=0.0,
        beta2=0.9,
    ),
    order=80,
)
