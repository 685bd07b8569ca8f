"""Shapes in the plane, by formula: centres of Gaussians, paths made of straight pieces, letters as inked squares."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

RADIUS = 0.75  # of the ring and of the circle that the eight Gaussians stand on
PIECES = 192  # straight pieces of a curve: a ring's lie within 0.0001 of the circle
LETTER_PIXELS = 32  # height of the letters before they become points
REACH = 0.85  # how far a row of letters reaches to either side
MAX_DRAWN = 600  # characters of a drawing, so that a link can carry it
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # nothing that a link would have to escape
DRAWING = re.compile(r"([A-Za-z0-9_-]{2})+(\.([A-Za-z0-9_-]{2})+)*")
SKETCH = "gqgrhvlyq0wy0u2p0jwdqYlThPgMgLfMePaTVYPdLjJpLuPyV0ayevfrgq"  # a heart
PART = 512  # points measured at once
DOT = 0.03  # the length that a stroke of one place counts for


def gaussians() -> np.ndarray:
    """Return the centres of eight Gaussians on a circle, float64 (8, 2), the first one to the right."""
    angles = np.arange(8) * (2 * math.pi / 8)
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], 1)


def grid() -> np.ndarray:
    """Return the centres of 5×5 Gaussians, float64 (25, 2), row by row from below."""
    axis = np.linspace(-0.8, 0.8, 5)
    return np.stack([np.tile(axis, 5), np.repeat(axis, 5)], 1)


def line() -> list[np.ndarray]:
    return [np.array([[-0.7, -0.4], [0.7, 0.4]])]


def ring() -> list[np.ndarray]:
    angles = np.linspace(0, 2 * math.pi, PIECES + 1)
    return [RADIUS * np.stack([np.cos(angles), np.sin(angles)], 1)]


def moons() -> list[np.ndarray]:
    """Return two half circles, one open below and one above, each reaching into the other."""
    angles = np.linspace(0, math.pi, PIECES // 2 + 1)
    x, y = np.cos(angles), np.sin(angles)
    return [0.55 * np.stack([x - 0.5, y - 0.25], 1), 0.55 * np.stack([0.5 - x, 0.25 - y], 1)]


def spiral() -> list[np.ndarray]:
    """Return two turns of Archimedes' spiral: the radius grows with the angle."""
    turn = np.linspace(0.08, 1, PIECES + 1)
    return [0.85 * turn[:, None] * np.stack([np.cos(4 * math.pi * turn), np.sin(4 * math.pi * turn)], 1)]


def drawing(drawn: str) -> list[np.ndarray]:
    """Read a drawing, float64 paths (places, 2) in [-1, 1]: strokes parted by dots, two characters a place, across and up.

    Raises ValueError for what is none.
    """
    if len(drawn) > MAX_DRAWN:
        raise ValueError(f"a drawing has at most {MAX_DRAWN} characters, not {len(drawn):,}")
    if not DRAWING.fullmatch(drawn):
        raise ValueError("a drawing is written in pairs of letters, digits, - and _, with a dot between two strokes")
    codes = [np.array([ALPHABET.index(letter) for letter in stroke]) for stroke in drawn.split(".")]
    return [2 * stroke.reshape(-1, 2) / (len(ALPHABET) - 1) - 1 for stroke in codes]


def along(paths: list[np.ndarray], places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points (N, 2) at `places` (N,) in [0, 1) of the paths' whole length, and the number of each one's path (N,)."""
    starts, ends, owner = pieces(paths)
    lengths = np.linalg.norm(ends - starts, axis=1)
    lengths[lengths == 0] = DOT
    reached = np.cumsum(lengths)
    at = places * reached[-1]
    piece = np.minimum(np.searchsorted(reached, at, side="right"), len(reached) - 1)
    share = 1 - (reached[piece] - at) / lengths[piece]
    return starts[piece] + share[:, None] * (ends - starts)[piece], owner[piece]


def from_paths(points: np.ndarray, paths: list[np.ndarray]) -> np.ndarray:
    """Return how far each of `points` (N, 2) lies from the nearest of the paths (N,)."""
    starts, ends, _ = pieces(paths)
    lengths = np.linalg.norm(ends - starts, axis=1)
    along = ((ends - starts) / np.maximum(lengths, 1e-12)[:, None]).T  # (2, S) of length 1

    def nearest(few: np.ndarray) -> np.ndarray:
        reach = few @ along - (starts * along.T).sum(1)  # how far along each piece, (N, S)
        squares = (few**2).sum(1)[:, None] - 2 * few @ starts.T + (starts**2).sum(1)  # to where it starts
        at = reach.clip(0, lengths)
        return np.sqrt((squares + at * (at - 2 * reach)).min(1).clip(0))

    return in_parts(points, nearest)


def in_parts(points: np.ndarray, measure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Measure `points` (N, 2) some at a time: tables of all of them would take hundreds of megabytes."""
    return np.concatenate([measure(points[start : start + PART]) for start in range(0, len(points), PART)])


def pieces(paths: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut paths into straight pieces: their starts (S, 2), their ends (S, 2), and which path each is of (S,)."""
    closed = [path if len(path) > 1 else np.repeat(path, 2, 0) for path in paths]
    owner = np.repeat(np.arange(len(closed)), [len(path) - 1 for path in closed])
    return np.concatenate([path[:-1] for path in closed]), np.concatenate([path[1:] for path in closed]), owner


@dataclass(frozen=True, eq=False)
class Ink:
    """Squares of side `side` that letters are made of: their centres (S, 2), and which letter each is of (S,)."""

    centres: np.ndarray
    owner: np.ndarray
    side: float

    def distances(self, points: np.ndarray) -> np.ndarray:
        """Return how far each of `points` (N, 2) lies from the nearest square (N,), 0 inside."""

        def nearest(few: np.ndarray) -> np.ndarray:
            over = [np.abs(few[:, None, axis] - self.centres[:, axis]) - self.side / 2 for axis in (0, 1)]  # (N, S) each
            across, up = (np.maximum(gap, 0, out=gap) for gap in over)
            return np.sqrt((across * across + up * up).min(1))

        return in_parts(points, nearest)


@functools.lru_cache(maxsize=16)
def letters(text: str) -> Ink:
    """Draw `text` with Pillow's own font, as large as fits."""
    font = ImageFont.load_default(LETTER_PIXELS)
    width = math.ceil(font.getlength(text)) + LETTER_PIXELS
    rows, columns, owner = [], [], []
    for number, letter in enumerate(text):
        canvas = Image.new("L", (width, 2 * LETTER_PIXELS))
        ImageDraw.Draw(canvas).text((font.getlength(text[:number]), 0), letter, fill=255, font=font)
        found = np.nonzero(np.asarray(canvas) > 127)
        rows.append(found[0])
        columns.append(found[1])
        owner.append(np.full(len(found[0]), number))
    places = np.stack([np.concatenate(columns), -np.concatenate(rows)], 1).astype(np.float64)
    low, high = places.min(0), places.max(0)
    side = 2 * REACH / (max(high - low) + 1)
    return Ink((places - (low + high) / 2) * side, np.concatenate(owner), side)
