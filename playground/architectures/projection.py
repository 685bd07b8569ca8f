"""Projection discriminator: the class is asked for by an inner product (T. Miyato & M. Koyama 2018, 1802.05637).

New in it: the discriminator adds to its score how far the picture's features point along a learnt vector of the class,
which is the form that the best discriminator would have, instead of taking the label in as one more input. The
generator gives each class its own scale and shift in every batch normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures import sngan
from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import ConditionalBatchNorm2d, ProjectionScore, Stage, SumPool, class_weights
from playground.recipe import Recipe
from playground.samples import SampleSpec


class Generator(nn.Module):
    """Map latents (N, latent_dim) and labels to images (N, C, H, W): residual blocks under conditional normalisation."""

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
        self.num_classes = len(spec.classes)
        self.stages = sngan.growing_stages(
            config.latent_dim,
            config.width,
            spec,
            norm=lambda channels: ConditionalBatchNorm2d(channels, self.num_classes),
        )

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        weights = class_weights(label, self.num_classes)
        features = latent
        for stage in self.stages:
            features = stage(features, weights)
        return features  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) and labels to logits (N,): residual blocks, then features against the class's vector."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            16, help="Channels of the first block; each block after it has twice as many.", low=2, high=128, advanced=False
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages, channels = sngan.shrinking_stages(config.width, spec)
        self.stages = nn.Sequential(stages | {"score": score(channels, spec)})

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        features = sample
        for stage in self.stages:
            features = stage(features, label)
        return features  # (N,)


def score(channels: int, spec: SampleSpec) -> Stage:
    """Turn the last map into logits (N,) for a label."""
    return Stage(nn.ReLU(), SumPool(), ProjectionScore(channels, len(spec.classes)))


ARCHITECTURE = Architecture(
    name="projection",
    title="Projection cGAN",
    year=2018,
    summary="Class-conditional SNGAN: the label enters as an inner product in D, as scale and shift in G.",
    paper="Miyato & Koyama 2018, arXiv:1802.05637",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # the paper's 2e-4 with five discriminator steps is for 450,000 updates
    recipe=Recipe(
        loss="hinge", batch_size=32, learning_rate_generator=1e-3, learning_rate_discriminator=2e-3, beta1=0.0, beta2=0.9
    ),
    initialisation="xavier",
    conditional=True,
    order=32,
)
