"""Untrained models to look into, and whether looking left anything behind."""

from __future__ import annotations

import torch

from playground.experiment import Experiment
from playground.layers import grow
from playground.model import Model


def model_of(name: str, **settings) -> Model:
    flat = {"architecture": name, "dataset": "digits", "data.resolution": 16}
    model = Model.untrained(Experiment.from_settings(flat | settings))
    for network in (model.generator, model.discriminator):
        grow(network, 10**9)
    return model


def latent_of(model: Model) -> torch.Tensor:
    return model.latents(1, seed=4)[0]


def hooks(model: Model) -> int:
    modules = [*model.generator.modules(), *model.discriminator.modules()]
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in modules)
