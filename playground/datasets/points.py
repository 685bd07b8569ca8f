"""Points in the plane, where all of a distribution can be seen at once: the ground of GAN Lab (Kahng et al. 2018, 1809.01587).

Eight Gaussians on a ring and 5×5 on a grid are the usual test of dropped modes (Metz et al. 2017, 1611.02163; Srivastava et
al. 2017, 1705.07761); the others are curves, letters, and what a person draws.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from playground.config import check, field, shorten
from playground.datasets import _plane_shapes as shapes
from playground.datasets._dataset import Dataset
from playground.samples import Samples, SampleSpec

MODES: dict[str, Callable[[], np.ndarray]] = {"gaussians": shapes.gaussians, "grid": shapes.grid}
PATHS: dict[str, Callable[[], list[np.ndarray]]] = {
    "line": shapes.line,
    "ring": shapes.ring,
    "moons": shapes.moons,
    "spiral": shapes.spiral,
}
LETTERS, DRAWN = "letters", "drawn"
SHAPES = (*MODES, *PATHS, LETTERS, DRAWN)
NEAR = 3  # standard deviations within which a point belongs to a mode, as usual
LEAST_NOISE = 0.01  # where there is less, points are judged as if there were so much
FAIR = 0.1  # of its fair share of the points that a mode needs near it to count as found


@dataclass(frozen=True)
class Config:
    shape: str = field("gaussians", help="Where the points lie.", choices=SHAPES, advanced=False)
    noise: float = field(
        0.02, help="How far points scatter about the shape: a standard deviation.", low=0, high=0.2, advanced=False
    )
    text: str = field("GAN", help="One to six letters or digits, for the shape “letters”.", advanced=False)
    count: int = field(10_000, help="How many points there are.", low=100, high=50_000)
    seed: int = field(0, help="Fixes which points are drawn.", low=0, high=2**31 - 1)
    drawn: str = field(
        shapes.SKETCH,
        help="Your drawing, for the shape “drawn”. The pencil beside the plane writes it.",
        longest=shapes.MAX_DRAWN,
    )

    def __post_init__(self) -> None:
        check(self)
        if not re.fullmatch(r"[A-Za-z0-9]{1,6}", self.text):
            raise ValueError(f"text must be one to six letters or digits, not {shorten(self.text)}")
        shapes.drawing(self.drawn)


def spec(config: Config) -> SampleSpec:
    if config.shape in MODES:
        names = tuple(str(number + 1) for number in range(len(MODES[config.shape]())))
    else:
        names = {"moons": ("upper", "lower"), LETTERS: tuple(dict.fromkeys(config.text))}.get(config.shape, ())
    return SampleSpec("points", (2,), names)


def load(config: Config, root: Path) -> Samples:
    """Draw points, float32 (count, 2) in [-1, 1]; labels are modes, moons or letters, where the shape has such."""
    random = np.random.default_rng(config.seed)
    places, owner = _places(config, random)
    scattered = places + config.noise * random.standard_normal(places.shape)
    values = torch.from_numpy(scattered.clip(-1, 1)).float()
    sample = spec(config)
    return Samples(sample, values, torch.from_numpy(owner) if sample.classes else None)


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Judge points (N, 2): modes found and the share near one, where there are modes; else how far they lie from the shape.

    A point is near within 3 standard deviations. A mode is found when a tenth of its fair share of all points is near it.
    """
    points, sigma = values.double().numpy(), max(config.noise, LEAST_NOISE)
    if config.shape in MODES:
        centres = MODES[config.shape]()
        apart = np.hypot(*(points[:, None] - centres).transpose(2, 0, 1))  # (N, modes)
        near = np.bincount(apart.argmin(1)[apart.min(1) <= NEAR * sigma], minlength=len(centres))
        found = near >= max(1.0, FAIR * len(points) / len(centres))
        return {f"modes found (of {len(centres)})": float(found.sum()), "near a mode": float(near.sum() / len(points))}
    apart = _distances(points, config)
    return {"distance to the shape": float(apart.mean()), "near the shape": float((apart <= NEAR * sigma).mean())}


def _places(config: Config, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw where points would lie without noise, float64 (N, 2), and the number of each one's mode, path or letter (N,)."""
    if config.shape in MODES:
        centres = MODES[config.shape]()
        owner = random.integers(len(centres), size=config.count)
        return centres[owner], owner
    if config.shape == LETTERS:
        ink = shapes.letters(config.text)
        chosen = random.integers(len(ink.centres), size=config.count)
        letters = tuple(dict.fromkeys(config.text))
        classes = np.array([letters.index(letter) for letter in config.text])
        inside = ink.side * (random.random((config.count, 2)) - 0.5)
        return ink.centres[chosen] + inside, classes[ink.owner[chosen]]
    return shapes.along(_paths(config), random.random(config.count))


def _paths(config: Config) -> list[np.ndarray]:
    return shapes.drawing(config.drawn) if config.shape == DRAWN else PATHS[config.shape]()


def _distances(points: np.ndarray, config: Config) -> np.ndarray:
    if config.shape == LETTERS:
        return shapes.letters(config.text).distances(points)
    return shapes.from_paths(points, _paths(config))


DATASET = Dataset(
    name="points",
    title="Points in the plane",
    summary="Gaussians, curves, letters or your own drawing, as points: all of what both networks do can be seen.",
    credits="Drawn by GAN Playground, after GAN Lab (Kahng et al. 2018)",
    licence="Public domain (CC0)",
    config=Config,
    spec=spec,
    load=load,
    architecture="points-gan",
    figures=figures,
    order=20,
)
