"""A transposed convolution step by step, in two ways that give the same: stamping, and convolving over inserted zeros."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from playground.inspection.geometry import Geometry


@dataclass(frozen=True)
class Stamp:
    """One step of the scatter view: the input value at `place` has stamped its kernel.

    `corner` is the output pixel of the stamp's first number, above or left of 0 where padding cuts it off; `stamp` is
    (C_out, k, k), its numbers `dilation` apart; `total` (C_out, H', W') is the running sum after it.
    """

    place: tuple[int, int]
    corner: tuple[int, int]
    stamp: torch.Tensor
    total: torch.Tensor


def scatter(
    x: torch.Tensor, weight: torch.Tensor, geometry: Geometry, first: int = 0, count: int | None = None
) -> Iterator[Stamp]:
    """Yield what each input pixel of `x` (C_in, H, W) adds, row by row: a transposed convolution as adding stamps.

    `weight` is (C_in, C_out / groups, k, k). All channels of a pixel stamp at once. `first` and `count` choose frames.
    """
    height, width = x.shape[1:]
    (top, left), (down, right) = geometry.padding, geometry.output_size((height, width))
    (k_y, k_x), (d_y, d_x), (s_y, s_x) = geometry.kernel, geometry.dilation, geometry.stride
    full = x.new_zeros(weight.shape[1] * geometry.groups, down + 2 * top, right + 2 * left)  # with the edges that padding cuts
    last = height * width if count is None else min(height * width, first + count)
    for n in range(last):
        iy, ix = divmod(n, width)
        stamp = _stamp(x[:, iy, ix], weight, geometry.groups)
        rows, columns = (slice(i * s, i * s + d * k, d) for i, s, d, k in ((iy, s_y, d_y, k_y), (ix, s_x, d_x, k_x)))
        full[:, rows, columns] += stamp
        if n >= first:
            total = full[:, top : top + down, left : left + right].clone()
            yield Stamp((iy, ix), (iy * s_y - top, ix * s_x - left), stamp, total)


def _stamp(values: torch.Tensor, weight: torch.Tensor, groups: int) -> torch.Tensor:
    """Return the kernels (C_out, k, k) weighted by the values (C_in,) of one pixel and added up, group by group."""
    parts = (values[:, None, None, None] * weight).unflatten(0, (groups, -1)).sum(1)  # (groups, C_out / groups, k, k)
    return parts.flatten(0, 1)


@dataclass(frozen=True)
class Inserted:
    """A layer as a plain convolution of stride `stride` over a map with zeros put in.

    `padded` is (C_in, …) with its zeros; `rows` and `columns` say which input row and column stands at each of its own,
    -1 for zeros; `kernel` (C_out, C_in / groups, k, k) is the flipped one for a transposed convolution; `output` is what
    the convolution gives, without bias.
    """

    padded: torch.Tensor
    rows: np.ndarray
    columns: np.ndarray
    kernel: torch.Tensor
    stride: tuple[int, int]
    output: torch.Tensor


def zero_insertion(x: torch.Tensor, weight: torch.Tensor, geometry: Geometry) -> Inserted:
    """Do a transposed convolution of `x` (C_in, H, W) as: stride − 1 zeros between, zeros around, the flipped kernel over it.

    A convolution gets its zeros around, and no others, and its kernel is not flipped.
    """
    sizes = x.shape[1:]
    rows, columns = (_spread(size, axis, geometry) for axis, size in enumerate(sizes))
    padded = _gathered(x, rows, columns)
    kernel = flipped(weight, geometry.groups) if geometry.transposed else weight
    stride = (1, 1) if geometry.transposed else geometry.stride
    made = functional.conv2d(padded[None], kernel, None, stride, 0, geometry.dilation, geometry.groups)[0]
    return Inserted(padded, rows, columns, kernel, stride, made)


def _spread(size: int, axis: int, geometry: Geometry) -> np.ndarray:
    """Return which input index stands at each place of the padded axis, -1 for a zero."""
    padding, extra = geometry.padding[axis], geometry.output_padding[axis]
    step, around = (geometry.stride[axis], geometry.span[axis] - 1 - padding) if geometry.transposed else (1, padding)
    places = np.full((size - 1) * step + 1, -1)
    places[::step] = np.arange(size)
    before, after = max(around, 0), max(around + extra, 0)
    places = np.pad(places, (before, after), constant_values=-1)
    # padding beyond the kernel's reach cuts off input
    return places[max(-around, 0) : len(places) - max(-around - extra, 0)]


def _gathered(x: torch.Tensor, rows: np.ndarray, columns: np.ndarray) -> torch.Tensor:
    padded = x.new_zeros(x.shape[0], len(rows), len(columns))
    (to_y, to_x), (from_y, from_x) = ([np.flatnonzero(places >= 0) for places in (rows, columns)], (rows, columns))
    values = x[:, torch.from_numpy(from_y[to_y])][:, :, torch.from_numpy(from_x[to_x])]
    padded[:, torch.from_numpy(to_y)[:, None], torch.from_numpy(to_x)] = values
    return padded


def flipped(weight: torch.Tensor, groups: int = 1) -> torch.Tensor:
    """Turn a transposed convolution's weight into that of the convolution over zeros: (C_out, C_in / groups, k, k), flipped."""
    turned = weight.unflatten(0, (groups, -1)).transpose(1, 2)  # (groups, C_out / groups, C_in / groups, k, k)
    return turned.flatten(0, 1).flip(2, 3)
