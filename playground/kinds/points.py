"""Points in the plane: float32 (N, 2) in [-1, 1], the same in a data set and in the networks; pictured as a dot on axes."""

from __future__ import annotations

import numpy as np
import torch

from playground.kinds._kind import Kind
from playground.samples import SampleSpec

SIDE = 48  # pixels of a picture
SPAN = 1.15  # what lies at its edge
RADIUS = 3.5  # of the dot, in pixels
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


def in_words(values: torch.Tensor, spec: SampleSpec) -> list[str]:
    return [f"({x:.2f}, {y:.2f})".replace("-", "−") for x, y in values.tolist()]


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
    name="points", title="Points", noun="point", to_network=to_network, to_values=to_values, draw=draw, in_words=in_words,
    order=2,
)  # fmt: skip
