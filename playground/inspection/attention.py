"""Where attention looks: the weights of every attention layer in a network, one query at a time or all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.layers import MapAttention, SelfAttention
from playground.layers.tracing import stages


@dataclass(frozen=True)
class AttentionMap:
    """One attention layer and one sample: `weights` float32 (heads, Q, K), each row of K sums to 1.

    `queries` and `keys` are the (height, width) that Q and K are laid out in; a series has height 1. Keys of a
    `MapAttention` are pooled 2×2. `gate` is what a `MapAttention` multiplies its answer by before it adds it, 1
    for others: while it is 0, the layer looks and says nothing.
    """

    name: str
    weights: np.ndarray
    queries: tuple[int, int]
    keys: tuple[int, int]
    gate: float = 1.0

    @property
    def heads(self) -> int:
        """How many heads look."""
        return self.weights.shape[0]

    def entropy(self) -> np.ndarray:
        """Return how widely each query looks, float64 (heads, Q): 0 at one place, 1 evenly over all."""
        weights = self.weights.astype(np.float64)
        spread = -(weights * np.log(np.where(weights > 0, weights, 1))).sum(-1)
        return spread / max(math.log(self.weights.shape[-1]), 1e-12)


@torch.no_grad()
def attentions(network: nn.Module, *batch: torch.Tensor | None, in_line: bool = False) -> list[AttentionMap]:
    """Run `network` on a batch and return where each attention layer looks in the first sample, in order of execution.

    Tokens as many as a square has places are taken for a picture's, unless they are known to be `in_line`, as steps are.
    """
    found: list[AttentionMap] = []
    homes = {module: name for name, stage in stages(network).items() for module in stage.modules()}
    layers = {
        module: homes.get(module, path)
        for path, module in network.named_modules()
        if isinstance(module, (MapAttention, SelfAttention))
    }
    handles = [
        # at once: a later layer may work in place
        layer.register_forward_pre_hook(lambda module, args, name=name: found.append(_look(module, args[0][:1], name, in_line)))
        for layer, name in layers.items()
    ]
    try:
        network(*batch)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _look(layer: MapAttention | SelfAttention, features: torch.Tensor, name: str, in_line: bool) -> AttentionMap:
    weights = layer.weights(features)
    if isinstance(layer, MapAttention):
        height, width = features.shape[2:]
        return AttentionMap(name, _array(weights), (height, width), (height // 2, width // 2), float(layer.gate))
    side = math.isqrt(features.shape[1])
    # tokens of a picture are a square; a series, or a square with a class token before it, is a line
    square = side**2 == features.shape[1] and not layer.causal and not in_line
    grid = (side, side) if square else (1, features.shape[1])
    return AttentionMap(name, _array(weights[0]), grid, grid)


def _array(values: torch.Tensor) -> np.ndarray:
    return values.detach().float().cpu().numpy()
