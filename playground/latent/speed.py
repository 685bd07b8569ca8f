"""How much the picture changes along a path, and the positions at which it changes by the same amount every frame.

Even steps in latent space are uneven ones in what a person sees: the picture hardly moves for a while and then turns
into another within two frames. The length of a path in pictures is a better clock (Karras 2020, 1912.04958, section 3.2,
trains for it; here the path is only walked at another speed).
"""

from __future__ import annotations

import math

import numpy as np
import torch

from playground.config import shorten
from playground.evaluation.features import feature_net, features
from playground.samples import to_pixels

SPEEDS = ("plain", "pixels", "features")
LEVELS = 127.5  # grey levels in a unit of a sample's values in [-1, 1]
ROUNDS = 4  # of evening out: with more, the steps of the shipped models stay as they are
LEAST = 1e-3  # of the mean change: counted for a step that changes nothing, so that no two positions fall together


def check_speed(speed: str) -> None:
    """Raise ValueError for an unknown speed."""
    if speed not in SPEEDS:
        raise ValueError(f"unknown speed {shorten(speed)}; choose from: {', '.join(SPEEDS)}")


def measure_of(speed: str, dataset: str) -> str:
    """Return in what change is measured: `features` where they are asked for and the data set has a net, else `pixels`."""
    return "features" if speed == "features" and feature_net(dataset) is not None else "pixels"


def measured(samples: torch.Tensor, measure: str, dataset: str) -> torch.Tensor:
    """Return rows (N, F) whose distances say how different images (N, C, H, W) in [-1, 1] are.

    In `pixels` a distance is the root mean square difference in grey levels, 0 to 255; in `features` it is that of
    what the data set's frozen classifier sees.
    """
    if measure == "features":
        return features(to_pixels(samples), dataset)
    rows = samples.detach().float().flatten(1).cpu().nan_to_num(0).clamp(-1, 1)
    return rows * (LEVELS / math.sqrt(rows.shape[1]))


def changes(rows: torch.Tensor) -> np.ndarray:
    """Return the distances (N - 1,) from row to row of (N, F)."""
    return torch.linalg.vector_norm(rows[1:] - rows[:-1], dim=1).double().numpy()


def even_change(places: np.ndarray, rows: torch.Tensor, frames: int, *, loop: bool = False) -> torch.Tensor:
    """Choose positions (frames,), float64, between which the rows (D, F) measured at `places` (D,) change evenly.

    `places` rise from 0 to 1, both included, also of a loop, which is to end one step before 1. First the way along the
    rows is cut into equal pieces; then the straight distances between the chosen rows are evened out, which is
    what is seen (C. de Boor 1973: equidistribution, again and again).
    """
    marks = np.linspace(0, 1, frames + 1 if loop else frames)
    chosen = _respaced(places, rows, marks)
    for _ in range(ROUNDS):
        chosen = _respaced(chosen, _between(places, rows, chosen), marks)
    return torch.from_numpy(chosen[:frames])


def _respaced(places: np.ndarray, rows: torch.Tensor, marks: np.ndarray) -> np.ndarray:
    """Return the places at which the shares `marks` of the whole change are reached; the ends stay exactly."""
    change = changes(rows)
    change = change + max(LEAST * change.mean(), 1e-12)
    reached = np.concatenate([[0.0], np.cumsum(change)])
    return np.interp(marks, reached / reached[-1], places)


def _between(places: np.ndarray, rows: torch.Tensor, wanted: np.ndarray) -> torch.Tensor:
    """Return the rows at places between those measured, on the straight line from one to the next."""
    after = np.searchsorted(places, wanted, side="right").clip(1, len(places) - 1)
    share = (wanted - places[after - 1]) / (places[after] - places[after - 1])
    return torch.lerp(rows[after - 1], rows[after], torch.from_numpy(share).to(rows)[:, None])
