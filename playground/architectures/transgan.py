"""TransGAN: two transformers and no convolution in the generator (Y. Jiang, S. Chang, Z. Wang 2021, 2102.07074).

New in it: a GAN whose networks are made of attention. The generator turns z into a small grid of tokens and doubles the grid
with pixel shuffle, which pays for each doubling with three quarters of the channels; on larger grids tokens see only
their own window ("grid self-attention"), which keeps attention affordable.

Small here, and simpler than the paper: learnt positions without relative ones, layer normalisation, MLPs that widen twice
rather than four times, and a discriminator with patches of one size (the paper's mixes larger ones in after each pooling).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import (
    ClassToken,
    FirstToken,
    Positions,
    Stage,
    ToMap,
    ToTokens,
    TransformerBlock,
    per_stage,
)
from playground.recipe import Recipe
from playground.samples import SampleSpec

NUM_DOUBLINGS = 2  # the first grid has a quarter of the image's side: 8×8 for 32 pixels, as in the paper's table 1
WINDOWS = (2, 4, 8, 16)  # what divides every grid
SMALLEST_HEAD = 8  # channels; narrow stages have fewer heads rather than narrower ones


def num_heads(width: int, wanted: int) -> int:
    """Return the largest number of heads up to `wanted` that divides `width` into heads that are not too narrow."""
    return next(
        heads for heads in range(wanted, 0, -1) if heads == 1 or (width % heads == 0 and width // heads >= SMALLEST_HEAD)
    )


def transform(num_tokens: int, width: int, depth: int, heads: int, window: int | None) -> list[nn.Module]:
    """Make the modules that tell the places of a map (N, width, H, W) apart and send it through `depth` blocks."""
    heads = num_heads(width, heads)
    blocks = [TransformerBlock(width, heads, window) for _ in range(depth)]
    return [ToTokens(), Positions(num_tokens, width), *blocks, ToMap()]


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1]: a grid of tokens, doubled twice."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            8,
            help="Channels of a token in the last stage; each stage before it has four times as many.",
            low=2,
            high=64,
            advanced=False,
        )
        depth: tuple[int, ...] = field((1, 1, 1), help="Transformer blocks of each stage.", low=0, high=8)
        heads: int = field(4, help="Attention heads of each block; fewer in narrow stages.", low=1, high=16)
        window: int = field(4, help="After the first stage a token sees a square of so many by so many.", choices=WINDOWS)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        channels, size, _ = spec.shape
        side = size >> NUM_DOUBLINGS
        width = config.width << (2 * NUM_DOUBLINGS)
        depths = per_stage("depth", config.depth, NUM_DOUBLINGS + 1)
        stages = OrderedDict()
        grow = [nn.Linear(config.latent_dim, width * side**2), nn.Unflatten(1, (width, side, side))]
        for number, depth in enumerate(depths):
            name = f"up{number}" if number else "project"
            window = config.window if number else None  # the first grid is small enough for all to see all
            stages[name] = Stage(*grow, *transform(side**2, width, depth, config.heads, window))
            grow, width, side = [nn.PixelShuffle(2)], width // 4, side * 2
        stages["image"] = Stage(ToTokens(), nn.LayerNorm(config.width), nn.Linear(config.width, channels), ToMap(), nn.Tanh())
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): patches become tokens, pooled once, and a class token collects the verdict."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(64, help="Channels of a token.", low=8, high=512, advanced=False)
        patch: int = field(4, help="Side of the squares that the image is cut into, in pixels.", choices=(2, 4, 8))
        depth: tuple[int, ...] = field((1, 1), help="Transformer blocks before and after the pooling.", low=0, high=8)
        heads: int = field(4, help="Attention heads of each block.", low=1, high=16)
        window: int = field(8, help="On larger grids tokens see a square of so many by so many.", choices=WINDOWS)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        width, side = config.width, spec.shape[1] // config.patch
        first, second = per_stage("depth", config.depth, 2)
        self.stages = nn.Sequential(
            OrderedDict(
                patches=Stage(
                    nn.Conv2d(spec.shape[0], width, 2 * config.patch, config.patch, config.patch // 2),
                    *transform(side**2, width, first, config.heads, config.window),
                ),
                down1=Stage(nn.AvgPool2d(2), *transform((side // 2) ** 2, width, second, config.heads, config.window)),
                score=Stage(
                    ToTokens(),
                    ClassToken(width),
                    TransformerBlock(width, num_heads(width, config.heads)),
                    FirstToken(),
                    nn.LayerNorm(width),
                    nn.Linear(width, 1),
                    nn.Flatten(0),
                ),
            )
        )

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


ARCHITECTURE = Architecture(
    name="transgan",
    title="TransGAN",
    year=2021,
    summary="Two transformers: every token of a small grid looks at every other, and pixel shuffle makes the grid larger.",
    paper="Jiang, Chang & Wang 2021, arXiv:2102.07074",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # The paper trains with WGAN-GP, several critic steps for one of G, Adam at 1e-4 and DiffAugment, for days. For a budget
    # of minutes: paired scores, R1 now and then (one critic step is enough), small batches and ten times the rates.
    recipe=Recipe(
        loss="relativistic-pairing",
        batch_size=16,
        learning_rate_generator=2e-3,
        learning_rate_discriminator=1e-3,
        penalty="r1",
        penalty_weight=0.2,
        penalty_every=8,
        beta1=0.5,
        beta2=0.99,
    ),
    order=90,
)
