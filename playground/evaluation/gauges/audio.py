"""Sounds: how far apart they are by the energy in each band over time, and what their pitch, loudness and decay come to.

The distance is the Fréchet distance of band levels, after the Fréchet audio distance (Kilgour 2019, 1812.08466) without its
network: 12 bands equally wide on the mel scale at 16 times, in units of 10 dB, from 40 dB below a sine of full scale. Phases,
which an ear hardly hears in a short hit, do not count.
"""

from __future__ import annotations

import torch

from playground.evaluation.frechet import frechet_distance
from playground.evaluation.gauges._gauge import Gauge
from playground.evaluation.neighbours import nearest_neighbours
from playground.kinds._sound import band_levels, centroid, decay_time, loudness
from playground.samples import Samples

SOME = 1000  # training sounds at most that others are compared with
USUAL = 0.95  # share of training sounds that are as near to another one as counts for recognisable


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    """Return the levels (N, 192) of sounds (N, 1, L)."""
    return torch.cat([band_levels(piece.flatten(1)).flatten(1) for piece in values.cpu().split(256)])


def distance(reference: torch.Tensor, rows: torch.Tensor, seed: int) -> float:
    return frechet_distance(reference, rows) if rows.isfinite().all() else float("inf")


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    """Measure what can be heard of sounds (N, 1, L): medians in Hz, ms and dB below full scale, and the share `recognisable`.

    A sound is recognisable that is as near to a training sound, by its levels, as 95% of those are to another one.
    """
    sounds = values.cpu().flatten(1).float()
    known = embed(training.values[:SOME], dataset)
    own = torch.arange(len(known))
    usual = nearest_neighbours(known, known, own)[1].quantile(USUAL)
    near = nearest_neighbours(embed(values, dataset), known)[1]
    return {
        "recognisable": (near <= usual).double().mean().item(),
        "median brightness (Hz)": centroid(sounds).median().item(),
        "median decay (ms)": decay_time(sounds).median().item(),
        "median loudness (dB)": loudness(sounds).median().item(),
    }


GAUGE = Gauge(
    name="audio",
    embed=embed,
    distance=distance,
    title=lambda dataset: "spectral distance",
    figures=figures,
    order=6,
)
