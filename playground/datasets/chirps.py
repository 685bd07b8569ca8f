"""Calls of birds that there are not: pitch and loudness over time, drawn by formula, rising, falling and warbling.

A sound as a short series of (pitch, loudness) instead of a wave is the idea of C-RNN-GAN (Mogren 2016, 1611.09904).
"""

from __future__ import annotations

import functools
import math
import pathlib
from dataclasses import dataclass

import torch

from playground.config import check, field
from playground.datasets._dataset import Dataset
from playground.kinds.chirp import LOUDNESS, PITCH
from playground.samples import Samples, SampleSpec

CLASSES = ("rising", "falling", "warbling")
RATE = 32.0  # steps a second
WARBLES = (2.5, 5.0)  # cycles of a warble in a call
TRIED = 26  # numbers of cycles at which a warble is sought
# What counts as a call: how well its pitch is described, how far a glide goes at the least, how deep a warble is, and how
# quiet a call starts and ends and how loud it gets, all with room around what `load` draws.
GOOD, GLIDE, DEEP, QUIET, HEARD = 0.9, 0.3, 0.1, -0.5, -0.1


@dataclass(frozen=True)
class Config:
    steps: int = field(32, help="Steps of a call, 32 of them a second.", low=16, high=128, advanced=False)
    count: int = field(8000, help="How many calls to draw.", low=100, high=50_000)
    seed: int = field(0, help="Fixes which calls are drawn.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


def spec(config: Config) -> SampleSpec:
    return SampleSpec("chirp", (config.steps, 2), CLASSES, rate=RATE)


def load(config: Config, root: pathlib.Path) -> Samples:
    random = torch.Generator().manual_seed(config.seed)
    labels = torch.randint(len(CLASSES), (config.count,), generator=random)
    time = (torch.arange(config.steps, dtype=torch.float64) + 0.5) / config.steps  # (T,)
    glide, warble = _glides(config.count, time, random), _warbles(config.count, time, random)
    kind = labels[:, None]
    pitch = torch.where(kind == CLASSES.index("warbling"), warble, glide)
    pitch = torch.where(kind == CLASSES.index("falling"), -glide, pitch)
    values = torch.stack([pitch, _envelopes(config.count, time, random)], 2)
    return Samples(spec(config), values.float(), labels)


def _between(low: float, high: float, count: int, random: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(count, 1, generator=random, dtype=torch.float64)


def _glides(count: int, time: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Return pitches (N, T) that rise, sooner or later on their way."""
    start, span, bend = (_between(*ends, count, random) for ends in ((-0.9, -0.2), (0.5, 1.1), (0.6, 1.8)))
    return start + span * time**bend


def _warbles(count: int, time: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Return pitches (N, T) that go up and down around a line."""
    ends = ((-0.4, 0.4), (-0.3, 0.3), (0.15, 0.4), WARBLES, (0.0, 1.0))
    centre, drift, depth, cycles, phase = (_between(*pair, count, random) for pair in ends)
    return centre + drift * (time - 0.5) + depth * torch.sin(2 * math.pi * (cycles * time + phase))


def _envelopes(count: int, time: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Return loudness (N, T) that swells from silence and dies away."""
    swell, fade, peak = (_between(*ends, count, random) for ends in ((0.8, 2.0), (0.8, 2.5), (0.6, 1.0)))
    shape = time**swell * (1 - time) ** fade
    return 2 * peak * shape / shape.amax(1, keepdim=True) - 1


@functools.lru_cache(maxsize=8)
def _bases(steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what glides are made of, orthonormal (steps, 3), and warbles of each speed besides, (TRIED, steps, 2)."""
    time = (torch.arange(steps, dtype=torch.float64) + 0.5) / steps
    glide = torch.linalg.qr(torch.stack([time**0, time, time**2], 1)).Q
    angle = 2 * math.pi * torch.linspace(*WARBLES, TRIED, dtype=torch.float64)[:, None] * time
    waves = torch.stack([angle.sin(), angle.cos()], 2)
    return glide, torch.linalg.qr(waves - glide @ (glide.mT @ waves)).Q


def describe(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Take the pitch of calls (N, T, 2) apart by least squares: a bent line, and one warble on it.

    Returns R² (N,), at most 1; how far the line goes from start to end, (N,); and the depth of the warble, (N,). A pitch
    that never changes has R² 0.
    """
    pitch = values[:, :, PITCH].double()
    glide, waves = _bases(pitch.shape[1])
    line = pitch @ glide @ glide.mT  # (N, T)
    explained = torch.einsum("nt,ftk->nfk", pitch - line, waves).square().sum(2).amax(1)
    left = ((pitch - line).square().sum(1) - explained).clamp(min=0)
    total = (pitch - pitch.mean(1, keepdim=True)).square().sum(1)
    r2 = torch.where(total > 1e-9, 1 - left / total.clamp(min=1e-9), torch.zeros_like(total))
    return r2, line[:, -1] - line[:, 0], (2 * explained / pitch.shape[1]).sqrt()


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Say how many are calls as the data have them, and of which kind.

    A call swells from silence and dies away, and its pitch rises, falls or warbles along a smooth curve.
    """
    r2, way, depth = describe(values)
    loud = values[:, :, LOUDNESS]
    swells = (loud[:, 0] < QUIET) & (loud[:, -1] < QUIET) & (loud.amax(1) > HEARD)
    warbling = depth > DEEP
    kinds = {"rising": ~warbling & (way > GLIDE), "falling": ~warbling & (way < -GLIDE), "warbling": warbling}
    right = {name: (swells & (r2 >= GOOD) & kind).double().mean().item() for name, kind in kinds.items()}
    return {"calls": sum(right.values()), **right, "pitch fit R², median": r2.median().item()}


DATASET = Dataset(
    name="chirps",
    title="Chirps",
    summary="Birds' calls that rise, fall or warble: a second of pitch and loudness. Seen as a curve, and heard.",
    credits="After Mogren 2016, arXiv:1611.09904; drawn by GAN Playground",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    architecture="rgan",
    figures=figures,
    order=23,
)
