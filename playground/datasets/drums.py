"""Drum hits made by formula: six kinds, each with a pitch, a decay and a brightness of its own.

The usual recipes of drum synthesis: a sine whose pitch falls (kick, tom), filtered noise (hi-hat), noise in bursts (clap), a
tone under noise (snare), two tones with overtones (cowbell).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from playground.config import check, field
from playground.datasets._dataset import Dataset
from playground.kinds import SOUND_RATE
from playground.kinds._sound import band_levels, centroid, decay_time
from playground.samples import Samples, SampleSpec

LENGTHS = (1024, 2048, 4096)
FADE = 1 / 16  # of the length, at the end
PEAKS = (0.6, 0.95)  # of the largest value


@dataclass(frozen=True)
class Config:
    length: int = field(1024, help="Values of a sound, 8,000 a second.", choices=LENGTHS, advanced=False)
    count: int = field(3000, help="How many sounds to make.", low=100, high=20_000)
    seed: int = field(0, help="Fixes which sounds are made.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


class Drawn:
    """What a kind of drum draws: `count` numbers at a time, one a sound, and noise. Columns (N, 1) beside times (L,)."""

    def __init__(self, count: int, length: int, source: torch.Generator) -> None:
        self.count, self.length, self.source = count, length, source
        self.time = torch.arange(length) / SOUND_RATE  # seconds

    def between(self, low: float, high: float) -> torch.Tensor:
        """Draw evenly between two bounds on a log scale, (N, 1)."""
        return low * (high / low) ** torch.rand(self.count, 1, generator=self.source)

    def fall(self, low: float, high: float) -> torch.Tensor:
        """Return exp(−t/τ), (N, L), with τ drawn between two bounds in seconds."""
        return (-self.time / self.between(low, high)).exp()

    def noise(self, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
        """Return noise (N, L) of variance 1 between two frequencies (N, 1) in Hz, with slopes of 12 dB an octave."""
        heard = torch.fft.rfft(torch.randn(self.count, self.length, generator=self.source))
        at = torch.linspace(0, SOUND_RATE / 2, heard.shape[1])
        gain = 1 / ((1 + (low / at.clamp(min=1)) ** 4) * (1 + (at / high) ** 4)).sqrt()
        made = torch.fft.irfft(heard * gain, self.length)
        return made / made.std(1, keepdim=True)


def _turns(frequency: torch.Tensor) -> torch.Tensor:
    """Return the phase (N, L) of a tone whose frequency (N, L) in Hz may change."""
    return 2 * math.pi * frequency.cumsum(1) / SOUND_RATE


def _kick(drawn: Drawn) -> torch.Tensor:
    pitch = drawn.between(42, 62) + drawn.between(80, 220) * drawn.fall(0.008, 0.025)
    return _turns(pitch).sin() * drawn.fall(0.03, 0.09)


def _snare(drawn: Drawn) -> torch.Tensor:
    tone = _turns(drawn.between(160, 240) * (1 + 0.3 * drawn.fall(0.01, 0.02))).sin() * drawn.fall(0.015, 0.04)
    hiss = drawn.noise(drawn.between(500, 900), drawn.between(2200, 3600)) * drawn.fall(0.02, 0.06)
    return tone + drawn.between(0.25, 0.5) * hiss


def _hi_hat(drawn: Drawn) -> torch.Tensor:
    return drawn.noise(drawn.between(2600, 3300), drawn.between(3900, 4000)) * drawn.fall(0.006, 0.04)


def _tom(drawn: Drawn) -> torch.Tensor:
    pitch = drawn.between(110, 260) * (1 + 0.25 * drawn.fall(0.015, 0.04))
    return (_turns(pitch).sin() + 0.2 * _turns(1.6 * pitch).sin()) * drawn.fall(0.04, 0.09)


def _clap(drawn: Drawn) -> torch.Tensor:
    gap = drawn.between(0.008, 0.013)
    since = torch.where(drawn.time < 3 * gap, drawn.time % gap, drawn.time - 3 * gap)  # three bursts, then the tail
    tail = torch.where(drawn.time < 3 * gap, 0.004, drawn.between(0.02, 0.045))
    return drawn.noise(drawn.between(700, 1000), drawn.between(1300, 1900)) * (-since / tail).exp()


def _cowbell(drawn: Drawn) -> torch.Tensor:
    pitch = drawn.between(480, 620).expand(-1, drawn.length)
    bright = drawn.between(0.1, 0.4)
    tones = (_turns(part * pitch) for part in (1.0, 1.48))  # the two tones of the best-known electronic cowbell
    return sum(tone.sin() + bright * (3 * tone).sin() for tone in tones) * drawn.fall(0.03, 0.09)


MAKERS: dict[str, Callable[[Drawn], torch.Tensor]] = {
    "kick": _kick,
    "tom": _tom,
    "snare": _snare,
    "cowbell": _cowbell,
    "clap": _clap,
    "hi-hat": _hi_hat,
}


def spec(config: Config) -> SampleSpec:
    return SampleSpec("audio", (1, config.length), tuple(MAKERS), rate=SOUND_RATE)


def hits(kind: str, count: int, length: int, source: torch.Generator) -> torch.Tensor:
    """Make `count` hits of one kind of drum, float32 (count, 1, length) in [-1, 1]. Raises ValueError for another kind."""
    if kind not in MAKERS:
        raise ValueError(f"unknown drum {kind[:60]!r}; choose from: {', '.join(MAKERS)}")
    drawn = Drawn(count, length, source)
    made = MAKERS[kind](drawn)
    made = made * ((1 - torch.arange(length) / length) / FADE).clamp(max=1)
    return (made * (drawn.between(*PEAKS) / made.abs().amax(1, keepdim=True)))[:, None]


def load(config: Config, root: Path) -> Samples:
    source = torch.Generator().manual_seed(config.seed)
    labels = torch.randint(len(MAKERS), (config.count,), generator=source)
    values = torch.empty(config.count, 1, config.length)
    for number, kind in enumerate(MAKERS):
        own = labels == number
        values[own] = hits(kind, int(own.sum()), config.length, source)
    return Samples(spec(config), values, labels)


JUDGED = 200  # hits of each kind that others are compared with
LEAST_SHARE = 0.05
INSIDE = (0.01, 0.99)  # shares of a kind's own hits between which its pitch and decay lie


@dataclass(frozen=True)
class _Known:
    """What hits of each kind are like: mean levels (kinds, levels), and the ranges of centroid and decay (2, kinds, 2)."""

    levels: torch.Tensor
    ranges: torch.Tensor


@functools.lru_cache(len(LENGTHS))
def _known(length: int) -> _Known:
    source = torch.Generator().manual_seed(1)
    made = [hits(kind, JUDGED, length, source)[:, 0] for kind in MAKERS]
    levels = torch.stack([band_levels(own).flatten(1).mean(0) for own in made])
    bounds = [[measure(own).quantile(torch.tensor(INSIDE)) for own in made] for measure in (centroid, decay_time)]
    return _Known(levels, torch.stack([torch.stack(one) for one in bounds]))


def kinds_of(values: torch.Tensor) -> torch.Tensor:
    """Say which kind of drum each sound (N, 1, L) is most like, int64 (N,): the nearest of the kinds' mean band levels.

    Of hits it never heard it names 98 in 100 right.
    """
    levels = torch.cat([band_levels(piece).flatten(1) for piece in values.flatten(1).split(256)])
    return torch.cdist(levels, _known(values.shape[-1]).levels).argmin(1)


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Judge sounds (N, 1, L): `drums made`, and `like a drum`, the share that is like one in pitch and decay.

    A kind is made when at least a twentieth of the sounds are most like it and like a drum: their spectral centroid and decay
    time both lie where those of 98% of the kind's own hits do.
    """
    sounds, kinds = values.flatten(1).float(), kinds_of(values)
    known = _known(values.shape[-1]).ranges[:, kinds]  # (2, N, 2)
    heard = torch.stack([centroid(sounds), decay_time(sounds)])
    like = ((heard >= known[..., 0]) & (heard <= known[..., 1])).all(0)
    shares = torch.bincount(kinds[like], minlength=len(MAKERS)) / len(values)
    return {"drums made (of 6)": float((shares >= LEAST_SHARE).sum()), "like a drum": like.double().mean().item()}


DATASET = Dataset(
    name="drums",
    title="Drum hits",
    summary="Kicks, snares, hi-hats… an eighth of a second of sound each, made on the spot by formula.",
    credits="Made by GAN Playground",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    architecture="wavegan",
    figures=figures,
    order=60,
)
