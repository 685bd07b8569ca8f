"""Starting weights from an explicit random generator, so that one seed gives one network."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import normalize

INITIALISATIONS = ("default", "normal")


def initialise(network: nn.Module, generator: torch.Generator, scheme: str) -> None:
    """Fill every parameter and buffer of `network` in place, drawing on the CPU from `generator`.

    `default` is what PyTorch's layers do by themselves; `normal` is N(0, 0.02) for weights and N(1, 0.02) for
    normalisation scales (Radford 2016, section 4). Raises TypeError for a layer it does not know.
    """
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            _initialise_weights(module, generator, scheme)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            init.ones_(module.weight) if scheme == "default" else init.normal_(module.weight, 1, 0.02, generator=generator)
            init.zeros_(module.bias)
        elif list(module.parameters(recurse=False)) or list(module.buffers(recurse=False)):
            raise TypeError(f"no initialisation is written for {type(module).__name__}")
        if "u" in module._buffers:  # the power iteration's vector of a spectrally normalised layer
            module.u.copy_(normalize(torch.randn(module.u.shape, generator=generator), dim=0))


def _initialise_weights(module: nn.Module, generator: torch.Generator, scheme: str) -> None:
    if scheme == "normal":
        init.normal_(module.weight, 0, 0.02, generator=generator)
    else:
        init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=generator)
    if module.bias is not None:
        if scheme == "normal":
            init.zeros_(module.bias)
        else:
            fan_in, _ = init._calculate_fan_in_and_fan_out(module.weight)
            init.uniform_(module.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=generator)
