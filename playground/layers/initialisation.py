"""Starting weights from an explicit random generator, so that one seed gives one network."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import normalize

from playground.layers.parts import Weighted

INITIALISATIONS = ("default", "normal", "xavier", "orthogonal")
NORMS = (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)


def initialise(network: nn.Module, generator: torch.Generator, scheme: str) -> None:
    """Fill every parameter and buffer of `network` in place, drawing on the CPU from `generator`.

    `default` is what PyTorch's layers do by themselves; `normal` is N(0, 0.02) for weights and N(1, 0.02) for
    normalisation scales (Radford 2016, section 4); `xavier` is uniform by fan-in and fan-out (Glorot 2010) and
    `orthogonal` keeps lengths (Saxe 2014), both with biases of 0. A `Weighted` layer starts as it says itself.
    Raises TypeError for a layer it does not know.
    """
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            _initialise_weights(module, generator, scheme)
        elif isinstance(module, NORMS):
            _initialise_norm(module, generator, scheme)
        elif isinstance(module, Weighted):
            module.draw(generator)
        elif list(module.parameters(recurse=False)) or list(module.buffers(recurse=False)):
            raise TypeError(f"no initialisation is written for {type(module).__name__}")
        if "u" in module._buffers:  # the power iteration's vector of a spectrally normalised layer
            module.u.copy_(normalize(torch.randn(module.u.shape, generator=generator), dim=0))


def _initialise_norm(module: nn.Module, generator: torch.Generator, scheme: str) -> None:
    if isinstance(module, nn.BatchNorm2d):
        module.reset_running_stats()
    if module.weight is not None:
        init.normal_(module.weight, 1, 0.02, generator=generator) if scheme == "normal" else init.ones_(module.weight)
        init.zeros_(module.bias)


def _initialise_weights(module: nn.Module, generator: torch.Generator, scheme: str) -> None:
    if scheme == "default":
        init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=generator)
    elif scheme == "normal":
        init.normal_(module.weight, 0, 0.02, generator=generator)
    elif scheme == "xavier":
        init.xavier_uniform_(module.weight, generator=generator)
    else:
        init.orthogonal_(module.weight, generator=generator)
    if module.bias is None:
        return
    if scheme == "default":
        fan_in, _ = init._calculate_fan_in_and_fan_out(module.weight)
        init.uniform_(module.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=generator)
    else:
        init.zeros_(module.bias)
