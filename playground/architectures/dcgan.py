"""DCGAN: convolutions all the way (A. Radford, L. Metz, S. Chintala 2016, 1511.06434).

New in it: rules that made convolutional GANs train (strided and transposed convolutions instead of pooling, batch
normalisation in both networks but not at G's output nor D's input, ReLU in G, leaky ReLU in D, no fully connected
hidden layers), and the first smooth walks through latent space.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import (
    NORMALISATIONS,
    POOLINGS,
    UPSAMPLINGS,
    MinibatchStd,
    SpectralConv2d,
    SpectralLinear,
    Stage,
    normalisation,
    per_stage,
    pool,
    upsample,
)
from playground.recipe import Recipe
from playground.samples import SampleSpec

BASE_SIZE = 4  # the smallest feature map, in pixels: figure 1 of the paper


def num_doublings(spec: SampleSpec) -> int:
    """Return how often a map of 4 pixels doubles until it covers the image (at least once)."""
    return max(1, round(math.log2(max(spec.shape[1:]) / BASE_SIZE)))


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1]: a small map, enlarged stage by stage."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            16,
            help="Channels of the last hidden stage; each stage before it has twice as many.",
            low=2,
            high=256,
            advanced=False,
        )
        upsampling: tuple[str, ...] = field(("transposed",), help="How each stage enlarges its map.", choices=UPSAMPLINGS)
        kernel_size: tuple[int, ...] = field((4,), help="Kernel size of each stage.", low=1, high=11)
        stride: tuple[int, ...] = field((2,), help="Stride of each stage: how many times larger the map gets.", low=1, high=8)
        padding: tuple[int, ...] = field((1,), help="Pixels cut from each edge of a transposed convolution.", low=0, high=8)
        output_padding: tuple[int, ...] = field((0,), help="Pixels added at the bottom and right edge.", low=0, high=7)
        normalisation: str = field(
            "batch", help="What each hidden stage's numbers are normalised over.", choices=NORMALISATIONS
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        num_stages = num_doublings(spec)
        settings = zip(
            *(
                per_stage(name, getattr(config, name), num_stages)
                for name in ("upsampling", "kernel_size", "stride", "padding", "output_padding")
            ),
            strict=True,
        )
        channels = config.width * 2 ** (num_stages - 1)
        free = config.normalisation in ("none", "spectral")  # no normalisation after the layer that would bring a bias
        stages = OrderedDict(project=project(config.latent_dim, channels, config.normalisation))
        for number, (kind, kernel_size, stride, padding, output_padding) in enumerate(settings, 1):
            last = number == num_stages
            out_channels = spec.shape[0] if last else channels // 2
            layers = upsample(
                kind, channels, out_channels,
                kernel_size=kernel_size, stride=stride, padding=padding, output_padding=output_padding,
                bias=last or free, spectral=config.normalisation == "spectral",
            )  # fmt: skip
            # no normalisation at the output, where it would fix the image's brightness
            finish = [nn.Tanh()] if last else [*normalisation(config.normalisation, out_channels), nn.ReLU()]
            stages[f"up{number}"] = Stage(*layers, *finish)
            channels = out_channels
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, C, H, W)


def project(latent_dim: int, channels: int, kind: str) -> Stage:
    """Turn z, seen as a map of 1×1, into the first map of 4×4."""
    layers = upsample(
        "transposed", latent_dim, channels, kernel_size=BASE_SIZE, stride=1, padding=0, output_padding=0,
        bias=kind in ("none", "spectral"), spectral=kind == "spectral",
    )  # fmt: skip
    return Stage(nn.Unflatten(1, (latent_dim, 1, 1)), *layers, *normalisation(kind, channels), nn.ReLU())


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): the generator's ladder upside down, each stage halving the map."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            16, help="Channels of the first stage; each stage after it has twice as many.", low=2, high=256, advanced=False
        )
        pooling: tuple[str, ...] = field(
            ("stride",),
            help="How each stage shrinks its map: by the convolution's stride, or pooling after it.",
            choices=POOLINGS,
        )
        kernel_size: tuple[int, ...] = field((4,), help="Kernel size of each stage.", low=1, high=11)
        stride: tuple[int, ...] = field((2,), help="Stride of each stage: how many times smaller the map gets.", low=1, high=8)
        padding: tuple[int, ...] = field((1,), help="Zeros added at each edge.", low=0, high=8)
        normalisation: str = field(
            "batch", help="What each stage's numbers, or the weights, are normalised over.", choices=NORMALISATIONS
        )
        slope: float = field(0.2, help="Slope of the leaky ReLU for negative values.", low=0.0, high=1.0)
        minibatch_std: bool = field(
            False, help="Tell the last stage how much the samples of the batch differ, against collapse."
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        self.stages = mirrored_stages(config, spec, spec.shape[0])

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


def mirrored_stages(config: Discriminator.Config, spec: SampleSpec, channels: int) -> nn.Sequential:
    """Build stages that shrink a map of `channels` and of the data's size, doubling the channels, then one score."""
    num_stages = num_doublings(spec)
    names = ("pooling", "kernel_size", "stride", "padding")
    settings = (per_stage(name, getattr(config, name), num_stages) for name in names)
    stages, sizes = OrderedDict(), spec.shape[1:]
    for number, (pooling, kernel_size, stride, padding) in enumerate(zip(*settings, strict=True), 1):
        out_channels = config.width * 2 ** (number - 1)
        kind = config.normalisation if number > 1 or config.normalisation == "spectral" else "none"  # not what sees the image
        step = stride if pooling == "stride" else 1
        edge = padding if pooling == "stride" else "same"
        convolution = SpectralConv2d if kind == "spectral" else nn.Conv2d
        layer = convolution(channels, out_channels, kernel_size, step, edge, bias=kind in ("none", "spectral"))
        activation = nn.LeakyReLU(config.slope, inplace=True)
        stages[f"down{number}"] = Stage(layer, *normalisation(kind, out_channels), activation, *pool(pooling, stride))
        # a chain that shrinks to nothing still builds: the shape table says where it breaks
        sizes = [shrunk(size, pooling, kernel_size, stride, padding) for size in sizes]
        channels = out_channels
    linear = SpectralLinear if config.normalisation == "spectral" else nn.Linear
    spread = [MinibatchStd()] if config.minibatch_std else []  # one more map
    num_values = (channels + len(spread)) * math.prod(sizes)
    stages["score"] = Stage(*spread, nn.Flatten(), linear(num_values, 1), nn.Flatten(0))
    return nn.Sequential(stages)


def shrunk(size: int, pooling: str, kernel_size: int, stride: int, padding: int) -> int:
    """Return the side of a map after one stage of the discriminator, at least 1."""
    if pooling == "blur":  # its own kernel of 4 with a padding of 1
        kernel_size, padding = 4, 1
    elif pooling != "stride":
        kernel_size, padding = stride, 0
    return max(1, (size + 2 * padding - kernel_size) // stride + 1)


ARCHITECTURE = Architecture(
    name="dcgan",
    title="DCGAN",
    year=2016,
    summary="Transposed convolutions grow a 4×4 map into an image; batch normalisation in both networks.",
    paper="Radford, Metz & Chintala 2016, arXiv:1511.06434",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # the paper's 2e-4 is for 128-wide networks and days of training; narrow ones learn faster
    recipe=Recipe(loss="non-saturating", learning_rate_generator=1e-3, learning_rate_discriminator=1e-3, batch_size=64),
    initialisation="normal",
    order=2,
)
