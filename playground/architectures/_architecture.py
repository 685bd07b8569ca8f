"""What the file of an architecture has to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import nn

from playground.engine import Engine
from playground.recipe import Recipe


@dataclass(frozen=True)
class Architecture:
    """Pair a generator with a discriminator and the recipe that suits them.

    `generator(config, spec)` and `discriminator(config, spec)` build plain modules with random weights:
    generator `forward(latent (N, latent_dim), label=None) -> sample`, images (N, C, H, W) in [-1, 1];
    discriminator `forward(sample, label=None) -> raw logits (N,)`. The configs given here are the defaults.
    `initialisation` names a scheme of `layers.initialise`. A `conditional` one needs data with classes: both its
    networks are called with a label, int64 (N,) or float mixtures (N, num_classes). A discriminator with an auxiliary
    classifier returns (logits (N,), class logits (N, num_classes)), which the recipe's `class_weight` puts to use.
    `engine` says how it computes best, where that is not for the machine to say.
    """

    name: str
    title: str
    year: int
    summary: str
    paper: str
    generator: type[nn.Module]
    discriminator: type[nn.Module]
    generator_config: Any
    discriminator_config: Any
    recipe: Recipe
    initialisation: str = "default"
    conditional: bool = False
    kinds: tuple[str, ...] = ("image",)
    order: int = 100
    engine: Engine = field(default_factory=Engine)
