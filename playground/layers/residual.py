"""Residual blocks: what a block learns is added to what it was given (He 2016, 1603.05027; Miyato 2018, 1802.05957)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from playground.layers.parts import Conditioned


class Residual(Conditioned):
    """Add what `main` makes of the features to what `shortcut` makes of them; an empty shortcut hands them on as they are.

    A condition goes to those modules of `main` that are `Conditioned`.
    """

    def __init__(self, main: list[nn.Module], shortcut: list[nn.Module]) -> None:
        super().__init__()
        self.main, self.shortcut = nn.Sequential(*main), nn.Sequential(*shortcut)

    def forward(self, features: torch.Tensor, condition: torch.Tensor | None = None) -> torch.Tensor:
        learnt = features
        for module in self.main:
            learnt = module(learnt, condition) if isinstance(module, Conditioned) else module(learnt)
        return learnt + self.shortcut(features)


class SumPool(nn.Module):
    """Add up each feature map: (N, C, H, W) -> (N, C)."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.sum((2, 3))


def residual_up(
    in_channels: int,
    out_channels: int,
    *,
    convolution: type[nn.Conv2d] = nn.Conv2d,
    norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
) -> Residual:
    """Make the generator's block that doubles a map: normalise before each convolution, enlarge by repeating pixels.

    Miyato 2018, appendix B.4. The shortcut's 1×1 convolution comes before the enlarging, where it gives the same for
    a quarter of the work.
    """
    main = [
        norm(in_channels),
        nn.ReLU(),
        nn.Upsample(scale_factor=2, mode="nearest"),
        convolution(in_channels, out_channels, 3, padding=1, bias=False),  # the normalisation after it has a shift
        norm(out_channels),
        nn.ReLU(),
        convolution(out_channels, out_channels, 3, padding=1),
    ]
    return Residual(main, [convolution(in_channels, out_channels, 1), nn.Upsample(scale_factor=2, mode="nearest")])


def residual_down(
    in_channels: int, out_channels: int, *, convolution: type[nn.Conv2d] = nn.Conv2d, first: bool = False, halve: bool = True
) -> Residual:
    """Make the discriminator's block, which halves a map by averaging unless `halve` is off.

    The `first` block sees the picture itself and does not begin with a ReLU. Miyato 2018, appendix B.4; the shortcut
    averages before its 1×1 convolution rather than after it, which gives the same for a quarter of the work.
    """
    main = [
        *([] if first else [nn.ReLU()]),
        convolution(in_channels, out_channels, 3, padding=1),
        nn.ReLU(),
        convolution(out_channels, out_channels, 3, padding=1),
    ]
    shortcut = [convolution(in_channels, out_channels, 1)] if in_channels != out_channels or halve else []
    if halve:
        main, shortcut = [*main, nn.AvgPool2d(2)], [nn.AvgPool2d(2), *shortcut]
    return Residual(main, shortcut)
