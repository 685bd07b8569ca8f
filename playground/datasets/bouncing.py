"""Short films of one thing that flies straight ahead and bounces off the walls: every law that it obeys is known.

In the spirit of the bouncing balls of Sutskever & Hinton (2008) and of Moving MNIST (Srivastava et al. 2015, 1502.04681),
one thing at a time and small enough for a laptop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from playground.config import check, field
from playground.datasets import shapes
from playground.datasets._dataset import Dataset
from playground.kinds.video import centroids, masses
from playground.samples import Samples, SampleSpec

SIDE, GLYPH = 16, 8  # pixels of a frame, and of the little picture that flies over it
RATE = 8.0  # frames a second
SHAPES = ("circle", "ring", "square", "triangle", "cross")
DIGITS = tuple("0123456789")
RADII = (0.7, 1.0)  # of shapes, in halves of the little picture
FAINT = 64  # what is darker counts as background where objects are told apart: half of a digit's thinnest strokes


@dataclass(frozen=True)
class Config:
    moving: str = field("shapes", help="What flies about.", choices=("shapes", "digits"), advanced=False)
    frames: int = field(8, help="Frames of a film.", choices=(8, 16), advanced=False)
    slowest: float = field(0.6, help="Lowest speed, in pixels a frame.", low=0.0, high=4.0)
    fastest: float = field(1.6, help="Highest speed, in pixels a frame.", low=0.0, high=4.0)
    count: int = field(4000, help="How many films to draw.", low=100, high=20_000)
    seed: int = field(0, help="Fixes which films are drawn.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)
        if self.slowest > self.fastest:
            raise ValueError(f"slowest must not be above fastest, {self.fastest:g}, and is {self.slowest:g}")


def spec(config: Config) -> SampleSpec:
    classes = SHAPES if config.moving == "shapes" else DIGITS
    return SampleSpec("video", (config.frames, 1, SIDE, SIDE), classes, rate=RATE)


def load(config: Config, root: Path) -> Samples:
    random = torch.Generator().manual_seed(config.seed)
    glyphs, labels = _shapes(config.count, random) if config.moving == "shapes" else _digits(config.count, random)
    return Samples(spec(config), render(glyphs, paths(config, random)), labels)


def paths(config: Config, random: torch.Generator) -> torch.Tensor:
    """Draw where the little picture's corner is in each frame, float32 (N, T, 2), x before y, in pixels from 0 to 8.

    It starts anywhere, flies in any direction at any speed of the range, and at a wall its way back mirrors its way there.
    """
    start, turn, pace = torch.rand(4, config.count, generator=random).split([2, 1, 1])
    speed = config.slowest + (config.fastest - config.slowest) * pace[0]
    angle = 2 * math.pi * turn[0]
    velocity = speed[:, None] * torch.stack([angle.cos(), angle.sin()], 1)  # (N, 2)
    return bounced((SIDE - GLYPH) * start.T[:, None] + torch.arange(config.frames)[:, None] * velocity[:, None], SIDE - GLYPH)


def bounced(position: torch.Tensor, room: float) -> torch.Tensor:
    """Fold positions on an endless line into 0..room, as mirrors at both ends do."""
    return room - (position % (2 * room) - room).abs()


def render(glyphs: torch.Tensor, corners: torch.Tensor) -> torch.Tensor:
    """Put each picture, float32 (N, 8, 8) in [0, 1], at its corners (N, T, 2): uint8 (N, T, 1, 16, 16).

    A place between pixels shares the brightness between them: none is lost, and the centre moves exactly as the corner.
    """
    places = torch.arange(SIDE)[:, None] - torch.arange(GLYPH)  # (16, 8)
    across, down = (
        (1 - (places - corners[..., axis, None, None]).abs()).clamp(min=0) for axis in (0, 1)
    )  # (N, T, 16, 8): share of each of the glyph's columns, or rows, in each of the frame's
    films = down @ glyphs[:, None] @ across.mT
    return films.mul_(255).round_().to(torch.uint8)[:, :, None]


def _shapes(count: int, random: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    labels = torch.randint(len(SHAPES), (count,), generator=random)
    kinds = torch.tensor([shapes.CLASSES.index(name) for name in SHAPES])[labels]
    still = torch.zeros(count)
    sizes = RADII[0] + (RADII[1] - RADII[0]) * torch.rand(count, generator=random)
    drawn = {"kind": kinds, "hue": still, "size": sizes, "x": still, "y": still, "shade": still}
    return shapes.render(drawn, GLYPH, colour=False)[:, 0] / 255, labels


def _digits(count: int, random: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    from sklearn.datasets import load_digits  # takes a second to import: only when these digits are used

    digits = load_digits()
    chosen = torch.randint(len(digits.images), (count,), generator=random)
    return torch.from_numpy(digits.images).float()[chosen] / 16, torch.from_numpy(digits.target).long()[chosen]


def figures(values: torch.Tensor, config: Config) -> dict[str, float]:
    """Judge films, uint8 (N, T, C, H, W), by the laws of what flies there: see the real ones' own figures beside them.

    `mass variation` is how much the brightness of a film goes up and down, as a share of its mean; `speed` and
    `acceleration` are pixels a frame, of the centre of brightness; `one object` is the share of frames with exactly one, no
    larger than what can fly there.
    """
    mass, centre = masses(values), centroids(values)
    speed = centre.diff(dim=1)
    return {
        "mass variation": float((mass.std(1) / mass.mean(1).clamp(min=1e-6)).mean()),
        "speed": float(speed.norm(dim=2).mean()),
        "acceleration": float(speed.diff(dim=1).norm(dim=2).mean()),
        "one object": float(((objects(values) == 1) & (_bright(values).sum((2, 3)) <= (GLYPH + 1) ** 2)).float().mean()),
    }


def objects(values: torch.Tensor) -> torch.Tensor:
    """Count the objects in each frame of uint8 (N, T, C, H, W), parts that hang together and are not faint: (N, T)."""
    from scipy.ndimage import label  # comes with scikit-learn

    bright = _bright(values).flatten(0, 1).numpy()  # (N·T, H, W)
    beside = np.zeros((3, 3, 3), int)
    beside[1] = 1  # the neighbours of a pixel are in its own frame
    numbered, _ = label(bright, beside)
    highest = numbered.reshape(len(bright), -1).max(1)  # numbers go up from frame to frame
    counts = np.diff(np.maximum.accumulate(highest), prepend=0)
    return torch.from_numpy(counts).reshape(values.shape[:2])


def _bright(values: torch.Tensor) -> torch.Tensor:
    return values.amax(2) >= FAINT  # (N, T, H, W)


DATASET = Dataset(
    name="bouncing",
    title="Bouncing shapes (video)",
    summary="Films of 8 frames: one shape flies straight on and bounces off the walls. Always works.",
    credits="Drawn by GAN Playground; the digits are scikit-learn's (E. Alpaydin, C. Kaynak, UCI 1998, CC BY 4.0)",
    licence="Public domain (CC0); the digits CC BY 4.0",
    config=Config,
    spec=spec,
    load=load,
    architecture="mocogan",
    figures=figures,
    order=40,
)
