"""BigGAN, small: class and latent reach every block (A. Brock, J. Donahue, K. Simonyan 2019, 1809.11096).

New in it: SAGAN made large, with one class embedding that all blocks share, pieces of z that go straight to every
resolution, and orthogonal starting weights. Latents cut off at a threshold trade variety for quality after training.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise

import torch
from torch import nn

from playground.architectures import projection, sngan
from playground.architectures._architecture import Architecture
from playground.architectures.dcgan import BASE_SIZE, num_doublings
from playground.config import check, field
from playground.layers import (
    ClassEmbedding,
    ConditionalBatchNorm2d,
    Entry,
    MapAttention,
    Residual,
    SpectralConv2d,
    SpectralLinear,
    Stage,
    residual_up,
)
from playground.recipe import Recipe
from playground.samples import SampleSpec


class Generator(nn.Module):
    """Map latents (N, latent_dim) and labels to images (N, C, H, W): each block is told the class and a piece of z."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(
            32, help="Numbers in the latent vector z, dealt out to the blocks.", low=2, high=512, advanced=False
        )
        width: int = field(
            16, help="Channels of the last block; each block before it has twice as many.", low=2, high=128, advanced=False
        )
        embedding_dim: int = field(16, help="Numbers that stand for a class, shared by all blocks.", low=1, high=256)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        blocks = num_doublings(spec)
        self.pieces = dealt(config.latent_dim, blocks + 1)
        self.embedding = Stage(ClassEmbedding(len(spec.classes), config.embedding_dim))
        channels = sngan.block_channels(config.width, spec)
        stages = OrderedDict(project=sngan.project(self.pieces[0], channels[0], SpectralLinear))
        for number, (before, after) in enumerate(pairwise(channels), 1):
            norm = partial(ConditionalBatchNorm2d, size=config.embedding_dim + self.pieces[number])
            stages[f"up{number}"] = Stage(residual_up(before, after, convolution=SpectralConv2d, norm=norm))
            if BASE_SIZE * 2**number == sngan.attention_size(spec):
                stages["attention"] = Stage(MapAttention(after))
        stages["image"] = sngan.to_image(config.width, spec, SpectralConv2d)
        self.stages = nn.Sequential(stages)
        names = [name for name, stage in stages.items() if name == "project" or isinstance(stage[0], Residual)]
        ends = accumulate(self.pieces, initial=0)
        self.entries = tuple(Entry(slice(*ends), (name,)) for ends, name in zip(pairwise(ends), names, strict=True))

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        embedded = self.embedding(label)  # (N, embedding_dim)
        first, *others = latent.split(self.pieces, 1)
        conditions = iter([torch.cat([embedded, piece], 1) for piece in others])
        features = first
        for stage in self.stages:
            features = stage(features, next(conditions) if isinstance(stage[0], Residual) else None)
        return features  # (N, C, H, W)


def dealt(count: int, hands: int) -> list[int]:
    """Deal `count` numbers out to `hands`, as evenly as it goes, the first ones getting what is left over."""
    return [count // hands + (hand < count % hands) for hand in range(hands)]


class Discriminator(nn.Module):
    """Map images (N, C, H, W) and labels to logits (N,): residual blocks, attention, features against the class's vector."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            16, help="Channels of the first block; each block after it has twice as many.", low=2, high=128, advanced=False
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages, channels = sngan.shrinking_stages(config.width, spec, attention=True)
        self.stages = nn.Sequential(stages | {"score": projection.score(channels, spec)})

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        features = sample
        for stage in self.stages:
            features = stage(features, label)
        return features  # (N,)


ARCHITECTURE = Architecture(
    name="biggan",
    title="BigGAN (small)",
    year=2019,
    summary="Class and latent reach every block; attention in both networks. Latents may be truncated.",
    paper="Brock, Donahue & Simonyan 2019, arXiv:1809.11096",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # the paper's 5e-5 and 2e-4 are for batches of 2,048 and 150,000 updates; at 1e-3 and 2e-3 it gets worse after a minute
    recipe=Recipe(
        loss="hinge", batch_size=32, learning_rate_generator=5e-4, learning_rate_discriminator=1e-3, beta1=0.0, beta2=0.9
    ),
    initialisation="orthogonal",
    conditional=True,
    order=33,
)
