"""What a stage that shrinks its map costs: weights, multiplications and time, by stride and by pooling."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import nn

from playground.layers import POOLINGS, pool

HEADS = ("flat", "global-average", "global-max")
ROUNDS, BATCH = 15, 16


@dataclass(frozen=True)
class Cost:
    """One way of doing it: weights, multiply-accumulates for one sample, and the time of one forward pass of a batch.

    `ratio` is that time as a multiple of the first way's, measured in turns with it: the shortest of each.
    Sums of an average count as multiply-accumulates; comparisons of a maximum do not.
    """

    kind: str
    parameters: int
    macs: int
    milliseconds: float
    ratio: float


def stage_costs(channels: int = 16, side: int = 16, factor: int = 2, kernel_size: int = 3, rounds: int = ROUNDS) -> list[Cost]:
    """Compare stages that halve a map (channels, side, side) and double its channels: a strided convolution first.

    The others convolve at full size and pool; all have a kernel of `kernel_size` and make a map of the same size, for an
    odd `kernel_size` and a side that `factor` divides. Raises ValueError for others.
    """
    if kernel_size % 2 == 0 or side % factor:
        raise ValueError(f"the kernel must be odd and the side a multiple of {factor}, not {kernel_size} and {side}")
    made = {kind: _stage(kind, channels, factor, kernel_size) for kind in ("stride", *POOLINGS)}
    small = side // factor
    weights = channels * 2 * channels * kernel_size**2
    values = 2 * channels * small**2
    pooling = {"average": factor**2 * values, "blur": 16 * values}
    macs = {kind: weights * (small if kind == "stride" else side) ** 2 + pooling.get(kind, 0) for kind in made}
    return _costs(made, macs, (channels, side, side), rounds)


def head_costs(channels: int = 64, side: int = 4, rounds: int = ROUNDS) -> list[Cost]:
    """Compare what turns the last map (channels, side, side) into a score: all its values first, then a number a channel."""
    made = {
        "flat": nn.Sequential(nn.Flatten(), nn.Linear(channels * side**2, 1)),
        "global-average": nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1)),
        "global-max": nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(channels, 1)),
    }
    values = channels * side**2
    macs = {"flat": values, "global-average": values + channels, "global-max": channels}
    return _costs(made, macs, (channels, side, side), rounds)


def _stage(kind: str, channels: int, factor: int, kernel_size: int) -> nn.Module:
    step = factor if kind == "stride" else 1
    layer = nn.Conv2d(channels, 2 * channels, kernel_size, step, kernel_size // 2, bias=False)
    return nn.Sequential(layer, nn.LeakyReLU(0.2), *pool(kind, factor))


@torch.no_grad()
def _costs(made: dict[str, nn.Module], macs: dict[str, int], shape: tuple[int, ...], rounds: int) -> list[Cost]:
    batch = torch.rand(BATCH, *shape, generator=torch.Generator().manual_seed(0))
    taken: dict[str, list[float]] = {kind: [] for kind in made}
    for turn in range(rounds + 1):
        for kind, module in made.items():
            started = time.perf_counter()
            module(batch)
            if turn:  # the first time, memory is found and kernels are chosen
                taken[kind].append(time.perf_counter() - started)
    # the shortest of many: whatever else the machine does can only make a pass longer
    best = {kind: min(times) for kind, times in taken.items()}
    first = best[next(iter(made))]
    weights = {kind: sum(weight.numel() for weight in module.parameters()) for kind, module in made.items()}
    return [Cost(kind, weights[kind], macs[kind], 1000 * best[kind], best[kind] / first) for kind in made]
