"""Random chains, and what PyTorch itself makes of a chain. On the CPU: the meta device does not look at output paddings."""

from __future__ import annotations

import random

import torch
from torch import nn

from playground.inspection import Chain, Layer, sizes

LARGEST = 120  # pixels: what PyTorch is asked to make of a test's chain


def layer_of(pick: random.Random, kind: str, channels: int, wild: bool) -> Layer:
    """Draw a layer; a `wild` one has what no one would write, groups that do not divide and other numbers for the width."""

    def pair(low: int, high: int) -> tuple[int, int]:
        first = pick.randint(low, high)
        return first, pick.randint(low, high) if wild and pick.random() < 0.4 else first

    extra = pair(0, 3 if wild else 1) if kind == "transposed" or (wild and pick.random() < 0.1) else (0, 0)
    dilation = pair(1, 3) if wild else (1, 1)
    groups = pick.choice([1, 1, 2, 3]) if wild else 1
    return Layer(kind, channels, pair(1, 6), pair(1, 3), pair(0, 3), extra, dilation, groups)


def chain_of(seed: int, wild: bool = True) -> Chain:
    """Draw a chain of one to four layers; half of them aim where they arrive, if they arrive."""
    pick = random.Random(seed)
    start = (pick.choice([2, 4, 6]), side := pick.randint(1, 9), pick.randint(1, 9) if wild and pick.random() < 0.4 else side)
    kinds = pick.choice([["transposed"], ["convolution"], ["transposed", "convolution"]])
    layers = [layer_of(pick, pick.choice(kinds), pick.choice([2, 4, 6]), wild) for _ in range(pick.randint(1, 4))]
    chain = Chain(start, tuple(layers), (28, 28))
    reached = sizes(chain)[-1][1:]
    near = pick.random() < 0.5 and max(reached) <= LARGEST
    return Chain(start, chain.layers, reached if near else (pick.randint(1, 64),) * 2)


def module_of(layer: Layer, channels: int, device: str = "cpu") -> nn.Module:
    """Build a layer as PyTorch has it. Raises ValueError where PyTorch does."""
    settings = (layer.kernel, layer.stride, layer.padding)
    if layer.kind == "transposed":
        return nn.ConvTranspose2d(
            channels, layer.channels, *settings, layer.output_padding, layer.groups, dilation=layer.dilation, device=device
        )
    if layer.output_padding != (0, 0):
        raise ValueError("nn.Conv2d takes no output padding")
    return nn.Conv2d(channels, layer.channels, *settings, layer.dilation, layer.groups, device=device)


def run(chain: Chain, device: str = "cpu") -> list[tuple[int, ...]]:
    """Return the sizes that PyTorch makes, as far as it does not refuse; it lets a map of 0×8 pass, which is no map."""
    maps, found = torch.empty(1, *chain.start, device=device), [chain.start]
    for layer in chain.layers:
        try:
            with torch.no_grad():
                maps = module_of(layer, maps.shape[1], device)(maps)
        except (RuntimeError, ValueError):
            break
        if not maps.numel():
            break
        found.append(tuple(maps.shape[1:]))
    return found


def reaches(chain: Chain) -> bool:
    """Say whether PyTorch takes the whole chain and ends at its target."""
    found = run(chain)
    return len(found) == len(chain.layers) + 1 and found[-1][1:] == chain.target
