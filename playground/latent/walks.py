"""Walks: the codes and pictures along a curve through latent space, and how much the picture changes from one to the next."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from playground.config import check_whole
from playground.experiment import MAX_SEED
from playground.latent.curves import Curve, at_random, through
from playground.latent.interpolation import MAX_FRAMES, check_path, classes_on_path, even_positions
from playground.latent.points import Point, read_point
from playground.latent.spaces import check_space, check_truncation, decode, truncate
from playground.latent.speed import changes, check_speed, even_change, measure_of, measured
from playground.model import Model
from playground.samples import to_pixels

PIECE = 32  # pictures at a time, at most: between them the work can be stopped
WORK = 8e10  # parameters × pixels of a piece: at 5 ps each, StyleGAN2's and the most of all, 0.4 s of one core
DENSE, LEAST_DENSE = 4, 128  # places measured for a frame, and in all, before an even speed is chosen


@dataclass(frozen=True)
class Route:
    """Say how to walk. Raises ValueError for a bad number of frames, method or speed; `walk` says what each one means."""

    frames: int = 64
    method: str = "slerp"
    space: str | None = None
    loop: bool = False
    speed: str = "plain"
    truncation: float = 1.0

    def __post_init__(self) -> None:
        check_path(2, self.frames, self.method)
        check_speed(self.speed)
        check_truncation(self.truncation)


@dataclass(frozen=True, eq=False)
class Walked:
    """Hold what a walk went through, frame by frame.

    `codes` are what the generator was given, after truncation (which makes styles of latents where there are any):
    latents (frames, latent_dim), or styles (frames,
    num_layers, w_dim); `labels` mixtures of classes (frames, num_classes) or None; `positions` float64 (frames,) from 0
    to 1 along the curve; `images` uint8 (frames, H, W, C); `change` float64 (frames - 1,), from each frame to the next, by
    `measure`: `pixels`, the root mean square in grey levels of 255, or `features`, the distance of what the data set's
    frozen classifier sees.
    """

    route: Route
    codes: torch.Tensor
    labels: torch.Tensor | None
    positions: np.ndarray
    images: np.ndarray
    change: np.ndarray
    measure: str

    @property
    def unevenness(self) -> float:
        """Return the coefficient of variation of `change`: 0 when every frame changes the picture as much as the next."""
        return float(self.change.std() / mean) if (mean := self.change.mean()) else 0.0


def walk(
    model: Model,
    points: Sequence[Point],
    *,
    frames: int = 64,
    method: str = "slerp",
    space: str | None = None,
    loop: bool = False,
    speed: str = "plain",
    truncation: float = 1.0,
) -> Walked:
    """Walk through points in `frames` pictures (2 to 512).

    `method` leads on the sphere (slerp) or straight (lerp); in w always straight. `space` is z or w, by default z unless
    a point has only styles. A `loop` goes back to the first point and stops one frame before it. `speed` is plain, which
    spreads the frames evenly over the segments and passes way points exactly, or even in pixels or features: the path is
    first made in four times as many pictures, and then walked so that every frame changes the picture about as much; of
    the way points only the ends are exact then. Data sets without a net for features count pixels. Truncation 1 is none.
    Raises ValueError for a bad value, and for fewer than 2 points or more than frames.
    """
    route = Route(frames, method, space, loop, speed, truncation)
    return finish(walking(model, curve_through(model, points, route), route))


def random_walk(
    model: Model,
    seed: int,
    *,
    frames: int = 64,
    space: str | None = None,
    speed: str = "plain",
    truncation: float = 1.0,
    label: int | Sequence[float] | None = None,
) -> Walked:
    """Wander smoothly through latent space and back to the start; `seed` fixes where.

    At a plain speed the latent of every frame is N(0, 1) exactly (`random_latents`). A conditional model stays in class
    `label`, or the mixture of classes with these weights, by default 0. The rest is as for `walk`.
    """
    route = Route(frames, "slerp", space, True, speed, truncation)
    return finish(walking(model, at_random(model, seed, space=space, label=_mixture(model, label)), route))


def _mixture(model: Model, label: int | Sequence[float] | None) -> torch.Tensor | None:
    if isinstance(label, (list, tuple)):
        return read_point({"seed": 0, "label": label}, model).label
    classes = classes_on_path(model, None if label is None else [label], 1)
    return None if classes is None else torch.eye(model.experiment.num_classes)[classes[0]]


def interpolate(
    model: Model,
    seeds: Sequence[int],
    *,
    frames: int = 64,
    method: str = "slerp",
    loop: bool = False,
    classes: Sequence[int] | None = None,
    space: str | None = None,
    speed: str = "plain",
    truncation: float = 1.0,
) -> np.ndarray:
    """Make the pictures along the path through the latents of `seeds`: uint8 (frames, H, W, C).

    Each seed gives the latent that `model.latents(1, seed)` gives. A conditional model also goes through `classes`, one
    a seed, or stays in the one given (by default class 0). The rest is as for `walk`, which also gives codes and more.
    Raises ValueError as `walk`, and for a bad seed or class.
    """
    check_path(len(seeds), frames, method)
    points = seed_points(model, seeds, classes)
    options = {"frames": frames, "method": method, "loop": loop, "space": space, "speed": speed, "truncation": truncation}
    return walk(model, points, **options).images


def seed_points(model: Model, seeds: Sequence[int], classes: Sequence[int] | None = None) -> list[Point]:
    """Return the points of `seeds`, of `classes`: one a seed, or one for all. Raises ValueError for a bad seed or class."""
    for seed in seeds:
        check_whole("a seed", seed, 0, MAX_SEED)
    chosen = classes_on_path(model, classes, len(seeds)) or [None] * len(seeds)
    labels = torch.eye(model.experiment.num_classes)
    pairs = zip(seeds, chosen, strict=True)
    return [Point(model.latents(1, seed)[0], None if label is None else labels[label]) for seed, label in pairs]


def curve_through(model: Model, points: Sequence[Point], route: Route) -> Curve:
    """Return the curve that a route takes through points. Raises ValueError for too few or many, and a bad space."""
    check_path(len(points), route.frames, route.method)
    if route.space is not None:
        check_space(model, route.space)
    return through(model, points, method=route.method, space=route.space, loop=route.loop)


def walking(model: Model, curve: Curve, route: Route) -> Generator[float, None, Walked]:
    """Walk along a curve, yielding the share of the work that is done, from 0 to 1, before every few pictures."""
    measure = measure_of(route.speed, model.experiment.dataset)
    positions, dense = even_positions(route.frames, loop=route.loop), 0
    if route.speed != "plain":
        dense = min(max(DENSE * route.frames, LEAST_DENSE), 2 * MAX_FRAMES)
        places = even_positions(dense)  # with its end, also of a loop
        *_, rows = yield from _made(model, curve, route, places, measure, 0, dense + route.frames)
        positions = even_change(places.numpy(), rows, route.frames, loop=route.loop)
    made = yield from _made(model, curve, route, positions, measure, dense, dense + route.frames)
    codes, labels, images, rows = made
    return Walked(route, codes, labels, positions.numpy(), images, changes(rows), measure)


def finish(work: Generator[float, None, Walked]) -> Walked:
    """Do all the work of `walking`."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


Made = tuple[torch.Tensor, torch.Tensor | None, np.ndarray, torch.Tensor]


def _made(
    model: Model, curve: Curve, route: Route, positions: torch.Tensor, measure: str, before: int, total: int
) -> Generator[float, None, Made]:
    """Make codes, mixtures of classes, pictures and measured rows at positions, a few at a time."""
    codes, labels = curve(positions)
    codes = truncate(model, codes.to(model.device), route.truncation)
    images, rows, size = [], [], _piece(model)
    for start in range(0, len(positions), size):
        yield (before + start) / total
        piece = slice(start, start + size)
        samples = decode(model, codes[piece], None if labels is None else labels[piece])
        images.append(to_pixels(samples))
        rows.append(measured(samples, measure, model.experiment.dataset))
    return codes, labels, np.concatenate(images), torch.cat(rows)


def _piece(model: Model) -> int:
    """Return how many pictures can be made in less than half a second, at most 32."""
    work = sum(weights.numel() for weights in model.generator.parameters()) * model.experiment.spec.shape[-1] ** 2
    return max(1, min(PIECE, int(WORK / work)))
