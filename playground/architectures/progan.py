"""Progressive GAN: networks that grow while they train (T. Karras, T. Aila, S. Laine, J. Lehtinen 2018, 1710.10196).

New in it: training starts with images of 4×4, and a stage at a time is faded into both networks until the full size is
reached, so that each step has little left to learn and most of them are cheap. With it came equalised learning rates,
pixel normalisation and the minibatch standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from playground.architectures._architecture import Architecture
from playground.architectures.dcgan import BASE_SIZE, num_doublings
from playground.config import check, field
from playground.layers import EqualisedConv2d, EqualisedLinear, Growing, MinibatchStd, PixelNorm, Stage
from playground.recipe import Recipe
from playground.samples import SampleSpec

SLOPE = 0.2  # of the leaky ReLU: appendix A, tables 2 and 3
WIDEST = 4  # times the width: the deepest stages of a large image have no more channels than this
IMAGES_PER_PHASE = "Images seen while one size is trained, and again while the next is faded in."


def phase(images: float, images_per_phase: int, num_sizes: int) -> tuple[int, float]:
    """Return the number of the largest active size, from 0, and how far it is faded in, above 0 to 1.

    The first size is trained for `images_per_phase`; each after it takes as many to fade in and as many to settle.
    """
    fading, position = divmod(images / images_per_phase - 1, 2)
    level = int(fading) + 1
    if level < 1:
        return 0, 1.0
    if level >= num_sizes:
        return num_sizes - 1, 1.0
    # a share of exactly 0 would leave the newest stage without a gradient
    return level, min(1.0, max(position, 1e-3))


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1], enlarged from the size that training has come to."""

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
        images_per_phase: int = field(1_000, help=IMAGES_PER_PHASE, low=1, high=10_000_000, advanced=False)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        self.clock, self.images_per_phase = Growing(), config.images_per_phase
        self.num_sizes = num_doublings(spec) + 1
        widths = stage_widths(config.width, self.num_sizes)[::-1]
        # the latent is normalised too: "we normalise the latent to unit length", appendix A.1
        start = EqualisedLinear(config.latent_dim, widths[0] * BASE_SIZE**2, gain=2**0.5 / BASE_SIZE)
        project = [PixelNorm(), start, nn.Unflatten(1, (widths[0], BASE_SIZE, BASE_SIZE)), *_activation()]
        stages = {"project": Stage(*project, *_convolution(widths[0], widths[0])), "rgb1": _to_rgb(widths[0], spec)}
        for number in range(1, self.num_sizes):
            before, width = widths[number - 1 : number + 1]
            # enlarged between the two convolutions, not before both: a third of the arithmetic
            grown = [*_convolution(before, width), nn.Upsample(scale_factor=2), *_convolution(width, width)]
            stages |= {f"up{number}": Stage(*grown), f"rgb{number + 1}": _to_rgb(width, spec)}
        self.stages = nn.ModuleDict(stages | {"image": Stage(nn.Tanh())})

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        level, share = phase_of(self)
        features, image = self.stages["project"](latent), None
        for number in range(level + 1):
            if number > 0:
                features = self.stages[f"up{number}"](features)
            if number == level or (number == level - 1 and share < 1) or features.is_meta:
                picture = self.stages[f"rgb{number + 1}"](features)
                image = picture if image is None else enlarged(image, 2).lerp(picture, share)
        return self.stages["image"](enlarged(image, 2 ** (self.num_sizes - 1 - level)))  # (N, C, H, W)


def stage_widths(width: int, num_sizes: int) -> list[int]:
    """Return the channels at each size, the full one first."""
    return [width * min(2**number, WIDEST) for number in range(num_sizes)]


def phase_of(network: Generator | Discriminator) -> tuple[int, float]:
    """Return the phase that the network's clock says; on the meta device all has grown, so that all shapes are seen."""
    if network.clock.images.is_meta:
        return network.num_sizes - 1, 1.0
    return phase(network.clock.count(), network.images_per_phase, network.num_sizes)


def enlarged(image: torch.Tensor, factor: int) -> torch.Tensor:
    """Repeat each pixel `factor` times in both directions."""
    return image if factor == 1 else interpolate(image, scale_factor=factor)


def reduced(image: torch.Tensor, factor: int) -> torch.Tensor:
    """Average the pixels of each square of `factor` by `factor`."""
    return image if factor == 1 else avg_pool2d(image, factor)


def _activation() -> list[nn.Module]:
    return [nn.LeakyReLU(SLOPE), PixelNorm()]


def _convolution(in_channels: int, out_channels: int) -> list[nn.Module]:
    return [EqualisedConv2d(in_channels, out_channels, 3), *_activation()]


def _to_rgb(channels: int, spec: SampleSpec) -> Stage:
    return Stage(EqualisedConv2d(channels, spec.shape[0], 1, gain=1.0))


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): the generator's ladder upside down, entered at the size it has grown to.

    The image is averaged down to that size. While a size is faded in, its features are blended with those of the next
    smaller one; the paper blends the real images' pixels as well, which a network cannot that must treat both alike.
    """

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            8,
            help="Channels of the first stage; each stage after it has twice as many, up to four times.",
            low=2,
            high=256,
            advanced=False,
        )
        images_per_phase: int = field(1_000, help=IMAGES_PER_PHASE, low=1, high=10_000_000, advanced=False)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        self.clock, self.images_per_phase = Growing(), config.images_per_phase
        self.num_sizes = num_doublings(spec) + 1
        widths = stage_widths(config.width, self.num_sizes)
        stages = {"rgb1": _from_rgb(spec, widths[0])}
        for number in range(1, self.num_sizes):
            before, width = widths[number - 1 : number + 1]
            layers = [*_judging(before, before), nn.AvgPool2d(2), *_judging(before, width)]
            stages |= {f"down{number}": Stage(*layers), f"rgb{number + 1}": _from_rgb(spec, width)}
        dense = [nn.Flatten(), EqualisedLinear(width * BASE_SIZE**2, width), nn.LeakyReLU(SLOPE)]
        last = [EqualisedLinear(width, 1, gain=1.0), nn.Flatten(0)]
        stages["score"] = Stage(MinibatchStd(), *_judging(width + 1, width), *dense, *last)
        self.stages = nn.ModuleDict(stages)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        level, share = phase_of(self)
        first = self.num_sizes - level  # the largest active size, counted from the full one, which is 1
        features = self.stages[f"rgb{first}"](reduced(sample, 2 ** (first - 1)))
        for number in range(first, self.num_sizes):
            features = self.stages[f"down{number}"](features)
            if (number == first and share < 1) or features.is_meta:
                smaller = self.stages[f"rgb{number + 1}"](reduced(sample, 2**number))
                features = smaller.lerp(features, share)
        return self.stages["score"](features)  # (N,)


def _judging(in_channels: int, out_channels: int) -> list[nn.Module]:
    return [EqualisedConv2d(in_channels, out_channels, 3), nn.LeakyReLU(SLOPE)]


def _from_rgb(spec: SampleSpec, channels: int) -> Stage:
    return Stage(EqualisedConv2d(spec.shape[0], channels, 1), nn.LeakyReLU(SLOPE))


ARCHITECTURE = Architecture(
    name="progan",
    title="Progressive GAN",
    year=2018,
    summary="Both networks start at 4×4 pixels and grow, stage by stage, to the full size.",
    paper="Karras, Aila, Laine & Lehtinen 2018, arXiv:1710.10196",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # The paper's rate, 1e-3, is for millions of images. Its loss is Wasserstein with a gradient penalty at every step;
    # R1 at every fourth costs less. The two were not compared at this rate.
    recipe=Recipe(
        loss="non-saturating",
        penalty="r1",
        penalty_weight=0.3,
        penalty_every=4,
        batch_size=16,
        learning_rate_generator=0.01,
        learning_rate_discriminator=0.01,
        beta1=0.0,
        beta2=0.99,
    ),
    order=60,
)
