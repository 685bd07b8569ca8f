"""A map of samples as a picture: thumbnails where there is room for them, dots elsewhere, circles around holes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from playground.exporting.pictures import to_pillow
from playground.latent.mapping import SampleMap

SIDE, MARGIN = 1200, 40  # pixels
THUMBNAIL, OUTLINE, DOT = 40, 2, 3
REAL, FAKE, MISSING = (0, 158, 115), (230, 159, 0), (179, 38, 30)  # as on the page
PAPER = (255, 255, 255)


def map_picture(found: SampleMap, side: int = SIDE) -> np.ndarray:
    """Draw a map, uint8 (side, side, 3): real samples outlined in green, made ones in orange, holes circled in red."""
    sheet = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(sheet)
    unit = side / 2 - MARGIN
    spots = np.stack([side / 2 + found.positions[:, 0] * unit, side / 2 - found.positions[:, 1] * unit], 1)
    order = _in_turn(found.real)
    pictures = with_room(spots, order, THUMBNAIL + 2 * OUTLINE)
    for row in sorted(set(order.tolist()) - set(pictures)):
        x, y = spots[row]
        pen.ellipse((x - DOT, y - DOT, x + DOT, y + DOT), fill=_hue(found, row))
    for row in pictures:
        _paste(sheet, found.pictures[row], spots[row], _hue(found, row))
    for hole in found.coverage.holes if found.coverage else ():
        x, y, radius = found.circle(hole.rows)
        x, y, radius = side / 2 + x * unit, side / 2 - y * unit, radius * unit + THUMBNAIL / 2
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=MISSING, width=3)
    return np.asarray(sheet)


def with_room(spots: np.ndarray, order: np.ndarray, side: float) -> list[int]:
    """Choose rows, in `order`, whose squares of `side` around their spots (N, 2) do not cover one another."""
    taken: list[int] = []
    for row in order.tolist():
        if not taken or (np.abs(spots[taken] - spots[row]).max(1) >= side).all():
            taken.append(row)
    return taken


def _in_turn(real: np.ndarray) -> np.ndarray:
    """Return all rows, a real one and a made one in turn, so that neither kind takes the other's room."""
    place = np.where(real, np.cumsum(real), np.cumsum(~real))
    return np.lexsort((~real, place))


def _hue(found: SampleMap, row: int) -> tuple[int, int, int]:
    return REAL if found.real[row] else FAKE


def _paste(sheet: Image.Image, picture: np.ndarray, spot: np.ndarray, hue: tuple[int, int, int]) -> None:
    left, top = (round(float(value)) - THUMBNAIL // 2 for value in spot)
    frame = (left - OUTLINE, top - OUTLINE, left + THUMBNAIL + OUTLINE - 1, top + THUMBNAIL + OUTLINE - 1)
    ImageDraw.Draw(sheet).rectangle(frame, fill=hue)
    small = to_pillow(picture).convert("RGB").resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BILINEAR)
    sheet.paste(small, (left, top))
