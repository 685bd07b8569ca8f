"""A plane through three or four points of latent space, and the pictures on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from playground.config import check_whole
from playground.latent.points import Point, codes_of, labels_of
from playground.latent.spaces import check_truncation, decode
from playground.model import Model
from playground.samples import to_pixels

MAX_SIDE = 32


@dataclass(frozen=True, eq=False)
class Plane:
    """Hold a plane's pictures row by row, from the first corner rightwards: uint8 (rows * columns, H, W, C).

    `codes` are what the generator was given before truncation, `labels` the mixtures of classes or None.
    """

    rows: int
    columns: int
    codes: torch.Tensor
    labels: torch.Tensor | None
    images: np.ndarray


def plane(
    model: Model,
    points: Sequence[Point],
    *,
    rows: int = 9,
    columns: int = 9,
    space: str | None = None,
    truncation: float = 1.0,
) -> Plane:
    """Make the pictures of the plane whose corners are `points`: top left, top right, bottom left, and bottom right.

    `rows` and `columns` are 2 to 32. Everything else as for `on_plane`, which gives the codes of any places. Raises
    ValueError for a bad number, and for other than three or four points.
    """
    check_whole("rows", rows, 2, MAX_SIDE)
    check_whole("columns", columns, 2, MAX_SIDE)
    check_truncation(truncation)
    v, u = torch.meshgrid(torch.linspace(0, 1, rows), torch.linspace(0, 1, columns), indexing="ij")
    codes, labels = on_plane(model, points, u.flatten(), v.flatten(), space)
    return Plane(rows, columns, codes, labels, to_pixels(decode(model, codes, labels, truncation)))


def on_plane(
    model: Model, points: Sequence[Point], u: torch.Tensor, v: torch.Tensor, space: str | None = None
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the codes (N, …) and mixtures of classes (N, num_classes) at places `u` to the right and `v` down, in [0, 1].

    A place mixes the corners by bilinear weights, so that corners are met exactly. Latents then get the length that the
    same weights give of the corners' lengths: a plain mixture would be too short, and its pictures flat and unlike any
    sample. Of three points the fourth corner is the one that completes the parallelogram, brought to their mean length;
    its classes are found alike, without what would be less than none of one.
    Raises ValueError for other than three or four points, and as `codes_of`.
    """
    if not 3 <= len(points) <= 4:
        raise ValueError(f"a plane has three or four corners, not {len(points)}")
    codes, labels = codes_of(points, model, space), labels_of(points)
    if len(points) == 3:
        codes = torch.cat([codes, _opposite(codes)])
        labels = None if labels is None else torch.cat([labels, _opposite_class(labels)])
    weights = torch.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], 1).to(codes)  # (N, 4)
    mixed = torch.einsum("nk,k...->n...", weights, codes)
    if codes.ndim == 2:
        mixed = _with_length(mixed, weights @ _length(codes))
    share, corner = weights.max(1)
    mixed[share == 1] = codes[corner[share == 1]]  # to the bit: bringing to length rounds
    return mixed, None if labels is None else weights.to(labels) @ labels


def _opposite(codes: torch.Tensor) -> torch.Tensor:
    """Return the corner opposite the first of three codes (3, …), as (1, …)."""
    fourth = codes[1:2] + codes[2:3] - codes[:1]
    return _with_length(fourth, _length(codes).mean(0, keepdim=True)) if codes.ndim == 2 else fourth


def _opposite_class(labels: torch.Tensor) -> torch.Tensor:
    """Return the mixture of classes (1, num_classes) opposite the first of three (3, num_classes)."""
    fourth = (labels[1:2] + labels[2:3] - labels[:1]).clamp(min=0)
    return fourth / fourth.sum()  # at least 1: the three sums are


def _length(codes: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(codes, dim=-1, keepdim=True)


def _with_length(codes: torch.Tensor, length: torch.Tensor) -> torch.Tensor:
    """Scale codes (N, D) to lengths (N, 1); zero, which has no direction, stays zero."""
    own = _length(codes)
    return codes * torch.where(own > 0, length / torch.where(own > 0, own, 1), 1)
