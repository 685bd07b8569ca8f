"""Style mixing: the coarse sizes of one picture with the fine sizes of another (Karras 2019, 1812.04948, figure 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from playground.config import check_whole
from playground.latent.points import Point, codes_of
from playground.latent.spaces import check_space, decode, mix_styles
from playground.model import Model
from playground.samples import to_pixels

MAX_SOURCES = 16


def style_mixing(
    model: Model,
    coarse: Sequence[Point],
    fine: Sequence[Point],
    size: int,
    *,
    truncation: float = 1.0,
    sources: bool = False,
) -> np.ndarray:
    """Mix styles: a row for each `coarse` point, a column for each `fine` one, uint8 (rows, columns, H, W, C).

    A picture takes its row's styles for the first `size` sizes (0 to num_layers) and its column's from there on. With
    `sources` a first column holds the pictures of the coarse points and a first row those of the fine ones, as in the
    paper; the corner between them is grey. Raises ValueError for a model without styles and for a bad count or size.
    """
    check_space(model, "w")
    check_whole("size", size, 0, model.generator.num_layers)
    for name, points in (("coarse", coarse), ("fine", fine)):
        check_whole(f"the number of {name} points", len(points), 1, MAX_SOURCES)
    rows, columns = (codes_of(points, model, "w") for points in (coarse, fine))  # (R or C, num_layers, w_dim)
    mixed = mix_styles(rows.repeat_interleave(len(columns), 0), columns.repeat(len(rows), 1, 1), size)
    codes = torch.cat([mixed, rows, columns]) if sources else mixed
    images = to_pixels(decode(model, codes, truncation=truncation))
    table = images[: len(mixed)].reshape(len(rows), len(columns), *images.shape[1:])
    return _with_sources(table, images[len(mixed) :]) if sources else table


def _with_sources(table: np.ndarray, sources: np.ndarray) -> np.ndarray:
    num_rows, num_columns = table.shape[:2]
    framed = np.full((num_rows + 1, num_columns + 1, *table.shape[2:]), 128, np.uint8)
    framed[1:, 1:], framed[1:, 0], framed[0, 1:] = table, sources[:num_rows], sources[num_rows:]
    return framed
