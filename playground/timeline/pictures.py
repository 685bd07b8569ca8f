"""Pictures of a run's past: training time down the page or along an animation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from playground.config import shorten
from playground.experiment import MAX_SEED
from playground.latent import interpolate
from playground.model import Model
from playground.samples import to_pixels
from playground.timeline.moments import MAX_MOMENTS
from playground.timeline.run import Run

MAX_PICTURES = 1024  # in one frame


def grid(
    run: Run,
    seeds: Sequence[int],
    rows: int = 8,
    frames: int = 8,
    method: str = "slerp",
    classes: Sequence[int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Make pictures with training time down and a walk through latent space across.

    Returns uint8 (rows, frames, H, W, C), and the step of each row (rows,); the first row is the first moment and the
    last the newest, and there are no more rows than moments. `seeds`, `frames`, `method` and `classes` are those of
    `interpolate`. Raises ValueError for a bad value and for a run without moments.
    """
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= MAX_MOMENTS:
        raise ValueError(f"rows must be a whole number between 1 and {MAX_MOMENTS}, not {shorten(rows)}")
    pictures, steps = [], []
    for model in _models(run, rows):
        pictures.append(interpolate(model, seeds, frames=frames, method=method, classes=classes))
        steps.append(model.step)
    return np.stack(pictures), np.array(steps)


def film(run: Run, seeds: Sequence[int] = range(16), label: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Watch a run learn: at every moment the pictures from the same latents, one for each of `seeds`.

    Returns uint8 (moments, N, H, W, C), and the step of each moment (moments,). A conditional model draws class
    `label`, or the classes in turn. Raises ValueError for a bad seed or label and for a run without moments.
    """
    if not 1 <= len(seeds) <= MAX_PICTURES:
        raise ValueError(f"give 1 to {MAX_PICTURES} seeds, not {len(seeds)}")
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
            raise ValueError(f"a seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    pictures, steps = [], []
    for model in _models(run, len(run.timeline)):
        latents = torch.cat([model.latents(1, seed) for seed in seeds])  # (N, latent_dim)
        pictures.append(to_pixels(model.generate(latents, model.labels(len(seeds), label))))
        steps.append(model.step)
    return np.stack(pictures), np.array(steps)


def _models(run: Run, count: int) -> Iterator[Model]:
    """Yield one model at `count` moments in turn, evenly spread over those kept; the last one is the newest."""
    model, moments = run.model(), run.timeline.moments
    places = np.linspace(0, len(moments) - 1, count) if count > 1 else [len(moments) - 1]
    for place in dict.fromkeys(round(place) for place in places):
        model.update(moments[place].state)
        yield model
