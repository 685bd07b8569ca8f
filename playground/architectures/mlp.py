"""The first GAN: fully connected layers (I. Goodfellow et al. 2014, "Generative Adversarial Nets", 1406.2661).

New in it: the game itself, a generator trained only through the judgement of a discriminator that is trained
against it. As in the paper the generator uses rectified linear units and the discriminator maxout; its dropout
is left out, and the output is tanh rather than sigmoid because images here lie in [-1, 1].
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import Maxout, Stage
from playground.recipe import Recipe
from playground.samples import SampleSpec


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1] through fully connected layers."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(256, help="Units in each hidden layer.", low=8, high=2048, advanced=False)
        num_hidden: int = field(2, help="Hidden layers.", low=1, high=6)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages = OrderedDict()
        width = config.latent_dim
        for number in range(1, config.num_hidden + 1):
            stages[f"hidden{number}"] = Stage(nn.Linear(width, config.width), nn.ReLU())
            width = config.width
        stages["image"] = Stage(nn.Linear(width, math.prod(spec.shape)), nn.Tanh(), nn.Unflatten(1, spec.shape))
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,) through fully connected maxout layers."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(128, help="Units in each hidden layer.", low=8, high=2048, advanced=False)
        num_hidden: int = field(2, help="Hidden layers.", low=1, high=6)
        pieces: int = field(2, help="Linear pieces that each maxout unit takes the largest of.", low=2, high=8)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages = OrderedDict()
        width = math.prod(spec.shape)
        for number in range(1, config.num_hidden + 1):
            first = [nn.Flatten()] if number == 1 else []
            linear = nn.Linear(width, config.width * config.pieces)
            stages[f"hidden{number}"] = Stage(*first, linear, Maxout(config.pieces))
            width = config.width
        stages["score"] = Stage(nn.Linear(width, 1), nn.Flatten(0))
        self.stages = nn.Sequential(stages)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


ARCHITECTURE = Architecture(
    name="mlp",
    title="MLP (the first GAN)",
    year=2014,
    summary="Fully connected layers only: it knows nothing of neighbouring pixels.",
    paper="Goodfellow et al. 2014, arXiv:1406.2661",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    recipe=Recipe(loss="non-saturating", learning_rate_generator=2e-3, learning_rate_discriminator=2e-3),
    order=1,
)
