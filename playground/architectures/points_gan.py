"""Two small networks of fully connected layers for points in the plane, as in GAN Lab (Kahng et al. 2018, 1809.01587).

New there: nothing in the networks, but that all they do can be drawn: what the discriminator says of every place in the
plane, where each made point is pulled, and how the generator bends the plane of its latents. z may have one number: then
all that can be made lies on one line.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.engine import Engine
from playground.layers import Stage
from playground.recipe import Recipe
from playground.samples import SampleSpec

SLOPE = 0.2  # of leaky ReLU
ACTIVATIONS = {"leaky-relu": lambda: nn.LeakyReLU(SLOPE), "relu": nn.ReLU, "tanh": nn.Tanh}
LATENTS = ("normal", "uniform")


class Uniform(nn.Module):
    """Turn numbers from N(0, 1) into numbers spread evenly over [-1, 1]: 2 Φ(z) - 1."""

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        return torch.erf(latent / math.sqrt(2))


def hidden(width: int, config, first: list[nn.Module]) -> OrderedDict[str, Stage]:
    """Make the stages `hidden1`, `hidden2` …, the first of which takes `width` numbers."""
    made = OrderedDict()
    for number in range(1, config.num_hidden + 1):
        made[f"hidden{number}"] = Stage(*first, nn.Linear(width, config.width), ACTIVATIONS[config.activation]())
        width, first = config.width, []
    return made


class Generator(nn.Module):
    """Map latents (N, latent_dim) to points (N, 2) in [-1, 1]."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(
            2, help="Numbers in the latent vector z; of one, all points lie on a line.", low=1, high=64, advanced=False
        )
        width: int = field(64, help="Units in each hidden layer.", low=2, high=512, advanced=False)
        num_hidden: int = field(3, help="Hidden layers.", low=1, high=6, advanced=False)
        activation: str = field("relu", help="What bends the plane.", choices=tuple(ACTIVATIONS))
        latent: str = field("normal", help="How z is spread: as a bell, or evenly over a square.", choices=LATENTS)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages = hidden(config.latent_dim, config, [Uniform()] if config.latent == "uniform" else [])
        stages["point"] = Stage(nn.Linear(config.width, *spec.shape), nn.Tanh())
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, 2)


class Discriminator(nn.Module):
    """Map points (N, 2) to logits (N,)."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(64, help="Units in each hidden layer.", low=2, high=512, advanced=False)
        num_hidden: int = field(3, help="Hidden layers.", low=1, high=6, advanced=False)
        activation: str = field(
            "leaky-relu", help="What the border between real and fake is made of.", choices=tuple(ACTIVATIONS)
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages = hidden(*spec.shape, config, [])
        stages["score"] = Stage(nn.Linear(config.width, 1), nn.Flatten(0))
        self.stages = nn.Sequential(stages)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


ARCHITECTURE = Architecture(
    name="points-gan",
    title="Points (GAN Lab)",
    year=2018,
    summary="Small networks for points in the plane: everything that they do can be seen at once.",
    paper="after Kahng et al. 2018, arXiv:1809.01587",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    recipe=Recipe(
        loss="non-saturating",
        batch_size=256,
        learning_rate_generator=2e-3,
        learning_rate_discriminator=2e-3,
        penalty="r1",
        penalty_weight=0.02,
        penalty_every=4,
        beta1=0.0,
        beta2=0.99,
    ),
    engine=Engine(precision="float32"),  # so small that converting would cost more than it saves
    initialisation="xavier",
    kinds=("points",),
    order=92,
)
