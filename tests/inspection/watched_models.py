"""Untrained models to look into, and whether looking left anything behind."""

from __future__ import annotations

import small_models
import torch

from playground.layers import grow
from playground.model import Model


def model_of(name: str, **settings) -> Model:
    """Make an untrained model whose growing networks have grown up."""
    model = small_models.model_of(name, **settings)
    for network in (model.generator, model.discriminator):
        grow(network, 10**9)
    return model


def latent_of(model: Model) -> torch.Tensor:
    return model.latents(1, seed=4)[0]


def hooks(model: Model) -> int:
    modules = [*model.generator.modules(), *model.discriminator.modules()]
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in modules)
