"""Stages: the named groups of modules that the ladder, the shape table and the feature maps are built from."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from playground.layers.parts import Conditioned


class Stage(nn.Sequential):
    """Group the modules between two sizes of feature map. Input and output are what its modules take and give.

    A condition (a label, a style) given to the stage goes to those of its modules that are `Conditioned`.
    """

    def forward(self, features: torch.Tensor, condition: torch.Tensor | None = None) -> torch.Tensor:
        for module in self:
            features = module(features, condition) if isinstance(module, Conditioned) else module(features)
        return features


def per_stage(name: str, values: tuple, num_stages: int) -> list[Any]:
    """Spread a setting over `num_stages` stages: one value serves all, otherwise there must be one for each.

    Raises ValueError naming the setting when the count is neither.
    """
    if len(values) == 1:
        return list(values) * num_stages
    if len(values) != num_stages:
        raise ValueError(f"{name} has {len(values)} values for {num_stages} stages; give one for all or one for each")
    return list(values)
