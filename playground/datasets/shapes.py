"""Coloured shapes drawn by formula: every cause of variation is known, so what a network learnt can be checked.

In the spirit of dSprites (Matthey et al., 2017), with colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from playground.config import check, field
from playground.datasets._dataset import RESOLUTIONS, Dataset
from playground.samples import Samples, SampleSpec

CLASSES = ("circle", "ring", "square", "triangle", "star", "cross")
# Corners, radius of the inner corners as a part of the outer one's, and turn in radians from "a corner points up".
POLYGONS = {
    "square": (4, math.cos(math.pi / 4), math.pi / 4),
    "triangle": (3, math.cos(math.pi / 3), 0.0),
    "star": (5, 0.45, 0.0),
}
BATCH_PIXELS = 2**16  # pixels drawn at once: few enough that intermediate results stay in the processor's cache


@dataclass(frozen=True)
class Config:
    resolution: int = field(32, help="Height and width of the images, in pixels.", choices=RESOLUTIONS, advanced=False)
    colour: bool = field(True, help="Draw in colour; in grey, the hue becomes a brightness.", advanced=False)
    count: int = field(8000, help="How many images to draw.", low=100, high=50_000)
    seed: int = field(0, help="Fixes which shapes are drawn.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (3 if config.colour else 1, config.resolution, config.resolution), CLASSES)


def factors(config: Config) -> dict[str, torch.Tensor]:
    """Draw the independent factors behind each image; they do not depend on the resolution or the colour.

    `kind` is int64 (N,), an index into CLASSES; the others are float32 (N,): `hue` in [0, 1); `size`, the radius, and
    the centre `x` (to the right) and `y` (down), where the image spans [-1, 1]; `shade` of the background in [0, 1].
    """
    random = torch.Generator().manual_seed(config.seed)
    kind = torch.randint(len(CLASSES), (config.count,), generator=random)
    ranges = {"hue": (0, 1), "size": (0.32, 0.56), "x": (-0.37, 0.37), "y": (-0.37, 0.37), "shade": (0.05, 0.35)}
    uniform = torch.rand(len(ranges), config.count, generator=random)
    drawn = {name: low + (high - low) * row for (name, (low, high)), row in zip(ranges.items(), uniform, strict=True)}
    return {"kind": kind} | drawn


def render(factors: dict[str, torch.Tensor], resolution: int, *, colour: bool = True) -> torch.Tensor:
    """Draw one anti-aliased image for each row of `factors`: uint8 (N, 3, H, W), or (N, 1, H, W) without `colour`."""
    plain = {name: values.numpy() for name, values in factors.items()}
    images = np.empty((len(plain["kind"]), 3 if colour else 1, resolution, resolution), np.uint8)
    for index, name in enumerate(CLASSES):
        (members,) = np.nonzero(plain["kind"] == index)
        step = max(1, BATCH_PIXELS // resolution**2)
        for start in range(0, len(members), step):
            rows = members[start : start + step]
            images[rows] = _draw(name, {key: values[rows] for key, values in plain.items()}, resolution, colour)
    return torch.from_numpy(images)


def load(config: Config, root: Path) -> Samples:
    drawn = factors(config)
    return Samples(spec(config), render(drawn, config.resolution, colour=config.colour), drawn["kind"])


def _draw(name: str, factors: dict[str, np.ndarray], resolution: int, colour: bool) -> np.ndarray:
    """Draw shapes of one kind: uint8 (N, C, H, W)."""
    axis = (np.arange(resolution, dtype=np.float32) + 0.5) * (2 / resolution) - 1  # centres of the pixels
    size = factors["size"][:, None, None]
    x = (axis - factors["x"][:, None, None]) / size  # (N, 1, W)
    y = (axis[:, None] - factors["y"][:, None, None]) / size  # (N, H, 1)
    distance = _distance(name, x, y) * (size * (resolution / 2))  # in pixels
    inside = np.clip(0.5 - distance, 0, 1)
    cover = inside * inside * (3 - 2 * inside)  # smoothstep over one pixel
    shape = _rgb(factors["hue"]) if colour else 0.8 + 0.2 * np.cos(2 * math.pi * factors["hue"][:, None])  # (N, C)
    ground, contrast = 255 * factors["shade"][:, None], 255 * (shape - factors["shade"][:, None])
    mixed = contrast[:, :, None, None] * cover[:, None] + ground[:, :, None, None]
    return np.rint(mixed, out=mixed).astype(np.uint8)


def _distance(name: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the signed distance of each point to the edge of a shape of radius 1, negative inside: (N, H, W)."""
    if name == "cross":
        across, down = np.abs(x), np.abs(y)
        return np.maximum(np.maximum(across, down) - 0.9, np.minimum(across, down) - 0.3)
    radius = np.sqrt(x * x + y * y)
    if name == "circle":
        return radius - 1
    if name == "ring":
        return np.abs(radius - 0.75) - 0.25
    return _polygon(radius, np.arctan2(x, -y), *POLYGONS[name])


def _polygon(radius: np.ndarray, angle: np.ndarray, corners: int, inner: float, turn: float) -> np.ndarray:
    """Return the signed distance to a regular polygon or star, from polar coordinates, with its corners kept sharp.

    All its edges are mirror images of one, from an outer corner at angle 0 to an inner one at angle pi / corners.
    """
    half = math.pi / corners
    folded = np.abs((angle + (turn + half)) % (2 * half) - half)
    edge_x, edge_y = inner * math.cos(half) - 1, inner * math.sin(half)
    length = math.hypot(edge_x, edge_y)
    return ((radius * np.cos(folded) - 1) * edge_y - radius * np.sin(folded) * edge_x) / length


def _rgb(hue: np.ndarray) -> np.ndarray:
    """Return colours of full brightness and strong saturation: (N,) in [0, 1) -> (N, 3) in [0, 1]."""
    wheel = np.abs((hue[:, None] * 6 + np.array([0, 4, 2], np.float32)) % 6 - 3) - 1
    return 0.15 + 0.85 * np.clip(wheel, 0, 1)


DATASET = Dataset(
    name="shapes",
    title="Coloured shapes",
    summary="Circles, stars, crosses… drawn on the spot with known hue, size and position. Always works.",
    credits="Drawn by GAN Playground",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    order=3,
)
