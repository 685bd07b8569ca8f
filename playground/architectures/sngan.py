"""SNGAN: residual networks under spectral normalisation (T. Miyato et al. 2018, 1802.05957, appendix B.4).

New in it: every weight of the discriminator is divided by its largest singular value, and that alone is enough to
train deep residual networks against each other. Blocks add to what they are given, so that a signal, and a gradient,
passes through many layers unharmed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.architectures.dcgan import BASE_SIZE, num_doublings
from playground.config import check, field
from playground.layers import MapAttention, SpectralConv2d, SpectralLinear, Stage, SumPool, residual_down, residual_up
from playground.recipe import Recipe
from playground.samples import SampleSpec

ATTENTION_SIZE = 16  # the side of the map that attention works on, in pixels; half of the picture's where that is less


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1]: residual blocks that double a map of 4×4."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            16, help="Channels of the last block; each block before it has twice as many.", low=2, high=128, advanced=False
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        self.stages = growing_stages(config.latent_dim, config.width, spec)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): spectrally normalised residual blocks that halve the map, then one sum."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            16, help="Channels of the first block; each block after it has twice as many.", low=2, high=128, advanced=False
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages, channels = shrinking_stages(config.width, spec)
        self.stages = nn.Sequential(stages | {"score": score(channels)})

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


def growing_stages(
    latent_dim: int,
    width: int,
    spec: SampleSpec,
    *,
    convolution: type[nn.Conv2d] = nn.Conv2d,
    linear: type[nn.Linear] = nn.Linear,
    norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
    attention: bool = False,
) -> nn.Sequential:
    """Build the stages from z to the image; `norm(channels)` makes the normalisations inside the residual blocks."""
    channels = block_channels(width, spec)
    stages = OrderedDict(project=project(latent_dim, channels[0], linear))
    size = BASE_SIZE
    for number, (before, after) in enumerate(pairwise(channels), 1):
        stages[f"up{number}"] = Stage(residual_up(before, after, convolution=convolution, norm=norm))
        size *= 2
        if attention and size == attention_size(spec):
            stages["attention"] = Stage(MapAttention(after))
    stages["image"] = to_image(width, spec, convolution)
    return nn.Sequential(stages)


def block_channels(width: int, spec: SampleSpec) -> list[int]:
    """Return the channels that go into the generator's first block and come out of each: 64, 64, 32, 16 for a `width` of 16."""
    made = [width * 2**number for number in reversed(range(num_doublings(spec)))]
    return [made[0], *made]


def project(latent_dim: int, channels: int, linear: type[nn.Linear] = nn.Linear) -> Stage:
    """Turn z into the first map of 4×4."""
    return Stage(linear(latent_dim, channels * BASE_SIZE**2), nn.Unflatten(1, (channels, BASE_SIZE, BASE_SIZE)))


def to_image(channels: int, spec: SampleSpec, convolution: type[nn.Conv2d] = nn.Conv2d) -> Stage:
    """Turn the last map into pixels."""
    return Stage(nn.BatchNorm2d(channels), nn.ReLU(), convolution(channels, spec.shape[0], 3, padding=1), nn.Tanh())


def shrinking_stages(width: int, spec: SampleSpec, *, attention: bool = False) -> tuple[OrderedDict[str, Stage], int]:
    """Build the stages from the image to its last map of 4×4, all but the score; returns that map's channels too."""
    stages: OrderedDict[str, Stage] = OrderedDict()
    channels, size = spec.shape[0], spec.shape[1]
    for number in range(1, num_doublings(spec) + 1):
        out_channels = width * 2 ** (number - 1)
        stages[f"down{number}"] = Stage(residual_down(channels, out_channels, convolution=SpectralConv2d, first=number == 1))
        channels, size = out_channels, size // 2
        if attention and size == attention_size(spec):
            stages["attention"] = Stage(MapAttention(channels))
    return stages, channels


def attention_size(spec: SampleSpec) -> int:
    """Return the side of the map that attention works on: large enough to hold parts, small enough to compare them all."""
    return min(ATTENTION_SIZE, spec.shape[1] // 2)


def score(channels: int) -> Stage:
    """Turn the last map into logits (N,): what matters is how much of each feature there is, not where."""
    return Stage(nn.ReLU(), SumPool(), SpectralLinear(channels, 1), nn.Flatten(0))


ARCHITECTURE = Architecture(
    name="sngan",
    title="SNGAN (residual)",
    year=2018,
    summary="Residual blocks in both networks; spectral normalisation alone keeps the discriminator in check.",
    paper="Miyato, Kataoka, Koyama & Yoshida 2018, arXiv:1802.05957",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # the paper's 2e-4 with five discriminator steps is for 50,000 updates; narrow networks bear more
    recipe=Recipe(
        loss="hinge", batch_size=32, learning_rate_generator=1e-3, learning_rate_discriminator=2e-3, beta1=0.0, beta2=0.9
    ),
    initialisation="xavier",
    order=24,
)
