"""StyleGAN2: a generator steered by styles (T. Karras et al. 2020, 1912.04958).

New in it: the styles that StyleGAN (2018, 1812.04948) brought scale the weights of each convolution instead of the
features, which does away with its blob artefacts, and images are added up over all sizes from the start instead of being
grown into. The latent is first mapped to w, a space in which directions tend to mean one thing each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import interpolate

from playground.architectures._architecture import Architecture
from playground.architectures.dcgan import BASE_SIZE, num_doublings
from playground.config import check, field
from playground.layers import (
    Entry,
    EqualisedConv2d,
    EqualisedLinear,
    LearntConstant,
    MinibatchStd,
    ModulatedConv2d,
    NoiseInput,
    PixelNorm,
    Stage,
    StyleMixing,
)
from playground.recipe import Recipe
from playground.samples import SampleSpec

AFTER_LEAKY = math.sqrt(2)  # what a leaky ReLU takes away, given back before it: keeps the variance from size to size
SLOPE = 0.2  # of the leaky ReLU: Karras 2019, appendix C
WIDEST = 4  # times the width: the deepest stages of a large image have no more channels than this


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1]: latents to styles, styles to images.

    `mapping(latent)` gives the styles w (N, w_dim); `synthesis(w)` takes those, or one a size, (N, num_layers, w_dim),
    smallest size first. The paper's sum of images is unbounded; here a tanh keeps it in range. Both convolutions of a
    size share one style, and the path length regularisation is left out.
    """

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            8,
            help="Channels of the last stage; each stage before it has twice as many, up to four times.",
            low=2,
            high=256,
            advanced=False,
        )
        w_dim: int = field(64, help="Numbers in the style w.", low=2, high=512)
        num_mapping: int = field(2, help="Fully connected layers from z to w.", low=1, high=8)
        mapping_rate: float = field(0.1, help="Learning rate of the mapping, times that of the rest.", low=0.001, high=1.0)
        style_mixing: float = field(
            0.9, help="Share of training images that take the style of another from some size on.", low=0.0, high=1.0
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        self.num_layers = num_doublings(spec) + 1
        self.mixing = StyleMixing(self.num_layers, config.style_mixing)
        widths = stage_widths(config.width, self.num_layers)[::-1]
        stages = {"mapping": _mapping(config)}
        for number, width in enumerate(widths):
            size, before = BASE_SIZE * 2**number, widths[max(0, number - 1)]
            # enlarged after the first convolution, as the paper's strided one does: a quarter of its arithmetic
            start = [*_styled(before, width, size // 2, config), nn.Upsample(scale_factor=2, mode="bilinear")]
            layers = [*(start if number else [LearntConstant(width, size)]), *_styled(width, width, size, config)]
            stages[f"up{number}" if number else "constant"] = Stage(*layers)
            stages[f"rgb{number + 1}"] = Stage(ModulatedConv2d(width, spec.shape[0], 1, config.w_dim, demodulate=False))
        self.stages = nn.ModuleDict(stages | {"image": Stage(nn.Tanh())})
        names = ["constant", *(f"up{number}" for number in range(1, self.num_layers))]
        self.entries = tuple(Entry(slice(n, n + 1), (name, f"rgb{n + 1}")) for n, name in enumerate(names))

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.synthesis(self.mixing(self.mapping(latent)))  # (N, C, H, W)

    def mapping(self, latent: torch.Tensor) -> torch.Tensor:
        """Map latents (N, latent_dim) to styles w (N, w_dim)."""
        return self.stages["mapping"](latent)

    def synthesis(self, styles: torch.Tensor) -> torch.Tensor:
        """Map styles (N, w_dim), or one a size (N, num_layers, w_dim), to images (N, C, H, W) in [-1, 1]."""
        by_size = styles.unbind(1) if styles.ndim == 3 else [styles] * self.num_layers
        features, image = styles, 0.0
        for number, style in enumerate(by_size):
            features = self.stages[f"up{number}" if number else "constant"](features, style)
            picture = self.stages[f"rgb{number + 1}"](features, style)
            image = picture if number == 0 else picture + interpolate(image, scale_factor=2, mode="bilinear")
        return self.stages["image"](image)


def stage_widths(width: int, num_sizes: int) -> list[int]:
    """Return the channels at each size, the full one first."""
    return [width * min(2**number, WIDEST) for number in range(num_sizes)]


def _mapping(config: Generator.Config) -> Stage:
    """Map z, scaled to length √latent_dim, to w through a few fully connected layers."""
    layers: list[nn.Module] = [PixelNorm()]
    for number in range(config.num_mapping):
        in_features = config.w_dim if number else config.latent_dim
        layers += [EqualisedLinear(in_features, config.w_dim, rate=config.mapping_rate), nn.LeakyReLU(SLOPE)]
    return Stage(*layers)


def _styled(in_channels: int, out_channels: int, size: int, config: Generator.Config) -> list[nn.Module]:
    """Return a convolution under a style, the noise after it and the activation: figure 2c of the paper."""
    return [
        ModulatedConv2d(in_channels, out_channels, 3, config.w_dim, gain=AFTER_LEAKY),
        NoiseInput(size),
        nn.LeakyReLU(SLOPE),
    ]


class Residual(nn.Module):
    """Judge (N, in_channels, H, W) to (N, out_channels, H/2, W/2): two convolutions beside a plain one (figure 7c)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(*_judging(in_channels, in_channels), nn.AvgPool2d(2), *_judging(in_channels, out_channels))
        self.skip = nn.Sequential(nn.AvgPool2d(2), EqualisedConv2d(in_channels, out_channels, 1, gain=1.0))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return (self.main(features) + self.skip(features)) / math.sqrt(2)  # keeps the variance of one


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): residual stages that halve the map, no normalisation."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            8,
            help="Channels of the first stage; each stage after it has twice as many, up to four times.",
            low=2,
            high=256,
            advanced=False,
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        num_stages = num_doublings(spec)
        widths = stage_widths(config.width, num_stages + 1)
        stages = {"rgb1": Stage(EqualisedConv2d(spec.shape[0], widths[0], 1), nn.LeakyReLU(SLOPE))}
        for number in range(num_stages):
            stages[f"down{number + 1}"] = Stage(Residual(widths[number], widths[number + 1]))
        width = widths[-1]
        dense = [nn.Flatten(), EqualisedLinear(width * BASE_SIZE**2, width), nn.LeakyReLU(SLOPE)]
        last = [EqualisedLinear(width, 1, gain=1.0), nn.Flatten(0)]
        stages["score"] = Stage(MinibatchStd(), *_judging(width + 1, width), *dense, *last)
        self.stages = nn.Sequential()
        for name, stage in stages.items():
            self.stages.add_module(name, stage)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


def _judging(in_channels: int, out_channels: int) -> list[nn.Module]:
    return [EqualisedConv2d(in_channels, out_channels, 3), nn.LeakyReLU(SLOPE)]


ARCHITECTURE = Architecture(
    name="stylegan2",
    title="StyleGAN2",
    year=2020,
    summary="Latents become styles, which scale the weights of every convolution; noise adds what styles need not say.",
    paper="Karras, Laine, Aittala, Hellsten, Lehtinen & Aila 2020, arXiv:1912.04958",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # the paper's rate, 2e-3, is for millions of images: stored weights are N(0, 1), and each step moves them by about it
    recipe=Recipe(
        loss="non-saturating",
        penalty="r1",
        penalty_weight=0.3,
        penalty_every=16,
        batch_size=24,
        learning_rate_generator=0.01,
        learning_rate_discriminator=0.01,
        beta1=0.0,
        beta2=0.99,
    ),
    order=70,
)
