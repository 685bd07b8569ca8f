"""Points in the plane: float32 (N, 2) in [-1, 1], the same in a data set and in the networks; pictured as a dot on axes."""

from __future__ import annotations

import numpy as np
import torch

from playground.kinds._kind import Kind
from playground.samples import SampleSpec

SIDE = 48  # pixels of a picture
SPAN = 1.15  # what lies at its edge
RADIUS = 3.5  # of the dot, in pixels
LONGEST, HEAD, STROKE = 0.7, 5.0, 0.8  # of an arrow, in units of the plane; its head and half its width, in pixels
PAPER, TICK, AXIS, DOT = (243, 245, 248), (226, 230, 236), (176, 184, 196), (123, 53, 184)


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return values.float()


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return made.float().nan_to_num(0, 1, -1).clamp(-1, 1)


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw each point as a dot on crossed axes, uint8 (N, 48, 48, 3); up is larger."""
    middles = np.arange(SIDE, dtype=np.float32) + 0.5
    x, y = to_pixels(values.float().cpu().numpy()).T  # (N,) each
    away = np.sqrt((middles - x[:, None, None]) ** 2 + (middles[:, None] - y[:, None, None]) ** 2)  # (N, H, W)
    cover = np.clip(RADIUS + 0.5 - away, 0, 1)[..., None]
    paper = _paper()
    return np.rint(paper + cover * (np.array(DOT, np.float32) - paper)).astype(np.uint8)


def moves(values: torch.Tensor, by: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw an arrow from each dot, float32 (N, 48, 48) in [0, 1]; the longest of them reaches over LONGEST of the plane."""
    points, by = values.float().cpu().numpy(), by.float().nan_to_num(0, 0, 0).cpu().numpy()
    longest = max(float(np.linalg.norm(by, axis=1).max()), np.finfo(np.float32).tiny)
    starts, ends = to_pixels(points), to_pixels(points + by * (LONGEST / longest))
    way = starts - ends  # (N, 2), back from the tip
    length = np.linalg.norm(way, axis=1, keepdims=True)
    back = way * (np.minimum(HEAD, length) / np.maximum(length, 1e-6))
    across = 0.6 * np.stack([-back[:, 1], back[:, 0]], 1)
    strokes = [_stroke(ends, to) for to in (starts, ends + back + across, ends + back - across)]
    return np.maximum.reduce(strokes) * np.minimum(length, 1)[..., None]


def _stroke(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Draw a line for each pair of places (N, 2) in pixels, float32 (N, 48, 48)."""
    middles = np.arange(SIDE, dtype=np.float32) + 0.5
    x, y = middles - starts[:, 0, None, None], middles[:, None] - starts[:, 1, None, None]
    step = (ends - starts)[:, :, None, None]
    share = (x * step[:, 0] + y * step[:, 1]) / np.maximum((step**2).sum(1), 1e-9)
    share = share.clip(0, 1)
    away = np.hypot(x - share * step[:, 0], y - share * step[:, 1])
    return np.clip(STROKE + 0.5 - away, 0, 1).astype(np.float32)


def to_pixels(points: np.ndarray) -> np.ndarray:
    """Return where points (N, 2) lie in a picture, in pixels from its upper left corner (N, 2)."""
    return (points * (1, -1) + SPAN) * (SIDE / (2 * SPAN))


def _paper() -> np.ndarray:
    """Draw the axes, and lines at ±1, float32 (H, W, 3)."""
    paper = np.full((SIDE, SIDE, 3), PAPER, np.float32)
    edges = to_pixels(np.array([[-1.0, 1.0], [1.0, -1.0]])).astype(int)
    for lines, colour in ((edges.flatten(), TICK), ((SIDE // 2,), AXIS)):
        for at in lines:
            paper[at], paper[:, at] = colour, colour
    return paper


KIND = Kind(
    name="points", title="Points", noun="point", to_network=to_network, to_values=to_values, draw=draw,
    moves=moves, order=2,
)  # fmt: skip
