"""Series: float32 (N, T, C) in [-1, 1], C values at each of T steps; drawn as lines over an axis."""

from __future__ import annotations

import numpy as np
import torch

from playground.kinds._kind import Kind
from playground.samples import SampleSpec

WIDTH, HEIGHT, MARGIN = 96, 64, 5  # of a picture, in pixels
FINE = 4  # points at which the line is followed, a pixel
HALF = 0.7  # half the line's thickness, in pixels
GROUND, AXIS = (248, 247, 243), (205, 203, 196)  # a card of its own, which reads well on a light page and on a dark one
# one colour a value, none of them an actor's: Tol's "muted" scheme, safe for the colour-blind
INKS = np.array([(51, 34, 136), (136, 34, 85), (17, 119, 51), (153, 153, 51), (170, 68, 153), (102, 102, 102)], np.float32)


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return values.float()


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return made.float().nan_to_num(0).clamp(-1, 1)


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw each series as one line a value, time to the right, from -1 at the bottom to 1 at the top: (N, 64, 96, 3)."""
    series = values.float().cpu().numpy()
    pictures = np.empty((len(series), HEIGHT, WIDTH, 3), np.float32)
    pictures[:] = GROUND
    pictures[:, HEIGHT // 2, MARGIN - 2 : WIDTH - MARGIN + 2] = AXIS
    for number in reversed(range(series.shape[2])):  # the first value on top
        ink = INKS[number % len(INKS)]
        cover = _cover(series[:, :, number])[..., None]
        pictures += cover * (ink - pictures)
    return np.rint(pictures).astype(np.uint8)


def _cover(lines: np.ndarray) -> np.ndarray:
    """Return how much of each pixel the lines (N, T) cover, (N, HEIGHT, WIDTH) in [0, 1].

    In each column of pixels a line fills what it passes through, from its lowest to its highest point there.
    """
    steps = lines.shape[1]
    fine = np.linspace(-0.5, WIDTH - 0.5, FINE * WIDTH + 1)
    places = ((fine - MARGIN) / (WIDTH - 1 - 2 * MARGIN) * (steps - 1)).clip(0, steps - 1)
    left = np.minimum(places.astype(int), max(steps - 2, 0))
    part = (places - left).astype(np.float32)
    values = lines[:, left] * (1 - part) + lines[:, np.minimum(left + 1, steps - 1)] * part  # (N, fine)
    rows = HEIGHT / 2 - values * (HEIGHT / 2 - MARGIN)
    cells = np.stack([rows[:, shift : shift + FINE * WIDTH : FINE] for shift in range(FINE + 1)])  # (FINE + 1, N, WIDTH)
    top, bottom = cells.min(0)[:, None], cells.max(0)[:, None]
    down = np.arange(HEIGHT, dtype=np.float32)[:, None]
    beyond = np.maximum(top - down, down - bottom)
    cover = (HALF + 0.5 - beyond).clip(0, 1)
    cover[:, :, :MARGIN] = cover[:, :, WIDTH - MARGIN :] = 0
    return cover


KIND = Kind(name="series", title="Time series", noun="series", to_network=to_network, to_values=to_values, draw=draw, order=5)
