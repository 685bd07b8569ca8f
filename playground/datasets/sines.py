"""Sine waves of random frequency, amplitude and phase: the toy data of RGAN (Esteban 2017, 1706.02633, section 4.1).

Whether a series is a sine can be measured exactly, so that nobody has to guess what a network learnt.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import torch

from playground.config import check, field
from playground.datasets._dataset import Dataset
from playground.samples import Samples, SampleSpec

FREQUENCIES, AMPLITUDES = (1.0, 5.0), (0.1, 0.9)  # cycles in a series; the largest value of one
TRIED = 161  # frequencies at which a sine is fitted: the best of them is off by at most 0.0125 cycles, R² by 0.0005
GOOD = 0.9  # from this R² on a series counts as a sine
BINS, FEW = 8, 0.25  # of the frequencies; a bin with less than this part of its fair share counts as missed


@dataclass(frozen=True)
class Config:
    length: int = field(30, help="Steps of each series.", low=16, high=128, advanced=False)
    count: int = field(8000, help="How many series to draw.", low=100, high=50_000)
    seed: int = field(0, help="Fixes which waves are drawn.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


def spec(config: Config) -> SampleSpec:
    return SampleSpec("series", (config.length, 1))


def load(config: Config, root: Path) -> Samples:
    random = torch.Generator().manual_seed(config.seed)
    frequency, amplitude, phase = torch.rand(3, config.count, 1, generator=random, dtype=torch.float64)
    frequency, amplitude = (
        low + (high - low) * drawn for (low, high), drawn in ((FREQUENCIES, frequency), (AMPLITUDES, amplitude))
    )
    time = torch.arange(config.length, dtype=torch.float64) / config.length
    waves = amplitude * torch.sin(2 * math.pi * (frequency * time + phase))  # (N, T)
    return Samples(spec(config), waves.float().unsqueeze(2).contiguous())


@functools.lru_cache(maxsize=8)
def _bases(length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the frequencies tried (F,), and for each two orthonormal series (F, length, 2) that span its sines."""
    frequencies = torch.linspace(*FREQUENCIES, TRIED, dtype=torch.float64)
    angle = 2 * math.pi * frequencies[:, None] * torch.arange(length, dtype=torch.float64) / length
    return frequencies, torch.linalg.qr(torch.stack([angle.sin(), angle.cos()], 2)).Q


def fit_sines(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Fit one sine to each series (N, T, 1) by least squares over frequency, amplitude and phase.

    Returns R² (N,) = 1 - Σ(x - fit)² / Σ(x - mean)², at most 1, far below 0 for what is nowhere near a sine around 0, and
    the frequency (N,) of the fit, in cycles a series and within the data's range. A series that never changes has R² 0.
    """
    series = values[:, :, 0].double()
    frequencies, bases = _bases(series.shape[1])
    explained = torch.einsum("nt,ftk->nfk", series, bases).square().sum(2)  # (N, F): how long the projection is
    best, chosen = explained.max(1)
    total = (series - series.mean(1, keepdim=True)).square().sum(1)
    residual = (series.square().sum(1) - best).clamp(min=0)
    r2 = torch.where(total > 1e-9, 1 - residual / total.clamp(min=1e-9), torch.zeros_like(total))
    return r2, frequencies[chosen]


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Say how well sines fit: the median R², the share of series with at least 0.9, and how many frequencies those have.

    The mean of R² says little: it has no lower end, and one flat series outweighs a thousand good ones.
    """
    r2, frequency = fit_sines(values)
    good = frequency[r2 >= GOOD]
    held = torch.histc(good, BINS, *FREQUENCIES) / max(1, len(good))
    return {
        "sine fit R², median": r2.median().item(),
        f"sines (R² at least {GOOD})": (r2 >= GOOD).double().mean().item(),
        "frequencies made": (held >= FEW / BINS).double().mean().item(),
    }


DATASET = Dataset(
    name="sines",
    title="Sine waves",
    summary="30 steps of a sine with random frequency, amplitude and phase. Simple to see, and to measure. Always works.",
    credits="After Esteban, Hyland and Rätsch 2017, arXiv:1706.02633; drawn by GAN Playground",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    architecture="rgan",
    figures=figures,
    order=14,
)
