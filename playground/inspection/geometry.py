"""The geometry of one convolution or transposed convolution: where its numbers come from and where they go."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

Pair = tuple[int, int]


@dataclass(frozen=True)
class Geometry:
    """Describe a layer by its kernel, stride, padding, output padding and dilation, each (vertical, horizontal).

    Of a transposed convolution, `padding` cuts edges and `output_padding` adds pixels at the bottom and right, as in
    PyTorch. Of a convolution, `padding` is the zeros at the top and left, and `output_padding` the zeros that the bottom
    and right get more than that ("same" padding of an even kernel). Raises ValueError for numbers that no layer has.
    """

    kernel: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    output_padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    transposed: bool = True

    def __post_init__(self) -> None:
        for name, low in (("kernel", 1), ("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1)):
            values = getattr(self, name)
            if any(value < low for value in values):
                raise ValueError(f"{name.replace('_', ' ')} must be at least {low}, not {values}")
        for extra, stride, dilation in zip(self.output_padding, self.stride, self.dilation, strict=True):
            if self.transposed and extra >= max(stride, dilation):
                raise ValueError(f"output padding {extra} must be smaller than the stride {stride} or the dilation {dilation}")

    @property
    def span(self) -> Pair:
        """How far the kernel reaches: d·(k − 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    def output_size(self, size: Pair) -> Pair:
        """Return the size of what the layer makes of a map of `size`. Raises ValueError where nothing is left."""
        made = tuple(map(self._length, size, self.span, self.stride, self.padding, self.output_padding))
        if min(made) < 1:
            raise ValueError(f"nothing is left of the map: {size[0]}×{size[1]} becomes {made[0]}×{made[1]}")
        return made

    def _length(self, size: int, span: int, stride: int, padding: int, extra: int) -> int:
        if self.transposed:
            return (size - 1) * stride - 2 * padding + span + extra
        return (size + 2 * padding + extra - span) // stride + 1

    def apply(self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
        """Return what PyTorch's own layer makes of `x` (C_in, H, W): (C_out, H', W').

        `weight` lies as PyTorch keeps it: (C_in, C_out / groups, k, k) transposed, (C_out, C_in / groups, k, k) otherwise.
        """
        if self.transposed:
            options = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
            return functional.conv_transpose2d(x[None], weight, bias, *options)[0]
        padded = functional.pad(x[None], (0, self.output_padding[1], 0, self.output_padding[0]))
        # the extra zeros come on top of the padding, at the far edges alone
        return functional.conv2d(padded, weight, bias, self.stride, self.padding, self.dilation, self.groups)[0]

    def apply_transpose(self, y: torch.Tensor, weight: torch.Tensor, size: Pair) -> torch.Tensor:
        """Return what the transpose of the layer's matrix makes of `y` (C_out, H', W'): (C_in, *size), no bias."""
        if self.transposed:  # a convolution with the very same weight, which lies as that one needs it
            made = functional.conv2d(y[None], weight, None, self.stride, self.padding, self.dilation, self.groups)[0]
            return made[:, : size[0], : size[1]]
        full = functional.conv_transpose2d(y[None], weight, None, self.stride, 0, 0, self.groups, self.dilation)[0]
        (top, left), (height, width) = self.padding, size
        room = (0, max(0, left + width - full.shape[2]), 0, max(0, top + height - full.shape[1]))
        return functional.pad(full, room)[:, top : top + height, left : left + width]

    def taps(self, size: Pair, axis: int, place: int) -> list[tuple[int, int]]:
        """Return the (input index, tap) of one axis that reach output index `place`, for an input of `size`."""
        stride, padding, dilation = self.stride[axis], self.padding[axis], self.dilation[axis]
        found = []
        for tap in range(self.kernel[axis]):
            if self.transposed:
                index, rest = divmod(place + padding - dilation * tap, stride)
            else:
                index, rest = place * stride - padding + dilation * tap, 0
            if not rest and 0 <= index < size[axis]:
                found.append((index, tap))
        return found

    def overlap_count(self, size: Pair) -> np.ndarray:
        """Count how many inputs reach each output pixel, int64 (H', W'), for an input of `size`."""
        lengths = self.output_size(size)
        rows, columns = ([len(self.taps(size, axis, n)) for n in range(lengths[axis])] for axis in (0, 1))
        return np.outer(rows, columns)

    @property
    def inner_counts(self) -> tuple[int, ...]:
        """How many inputs reach an output pixel away from the border: every count that there is, smallest first."""
        if not self.transposed:
            return (self.kernel[0] * self.kernel[1],)
        vertical, horizontal = map(_tap_counts, self.kernel, self.stride, self.dilation)
        return tuple(sorted({one * other for one in vertical for other in horizontal}))

    @property
    def is_even(self) -> bool:
        """Say whether all output pixels away from the border are reached by equally many inputs (Odena 2016, Distill).

        For a dilation of 1 that is so exactly when the stride divides the kernel size.
        """
        return len(self.inner_counts) == 1


def _tap_counts(kernel: int, stride: int, dilation: int) -> list[int]:
    """Count the taps of one axis that meet an output pixel, for each place of the pixel modulo the stride."""
    return [sum(dilation * tap % stride == rest for tap in range(kernel)) for rest in range(stride)]


def overlap_count(
    size: Pair,
    kernel: Pair,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    output_padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
) -> np.ndarray:
    """Count how many inputs of a transposed convolution reach each output pixel, int64 (H', W'). Raises ValueError."""
    return Geometry(kernel, stride, padding, output_padding, dilation).overlap_count(size)


def matrix(weight: torch.Tensor, geometry: Geometry, size: Pair) -> torch.Tensor:
    """Return the matrix of a layer of one channel: (H'·W', H·W), so that its output is matrix · input, both row by row.

    `weight` is (k, k). That of a transposed convolution is the transpose of the matrix of the convolution.
    """
    made = geometry.output_size(size)
    found = weight.new_zeros(*made, *size)
    rows, columns = ([geometry.taps(size, axis, n) for n in range(made[axis])] for axis in (0, 1))
    for y, vertical in enumerate(rows):
        for x, horizontal in enumerate(columns):
            for iy, ky in vertical:
                for ix, kx in horizontal:
                    found[y, x, iy, ix] = weight[ky, kx]
    return found.reshape(math.prod(made), math.prod(size))


def adjoint(
    x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, geometry: Geometry
) -> tuple[float, float, torch.Tensor, torch.Tensor]:
    """Return ⟨Ax, y⟩, ⟨x, Aᵀy⟩, Ax and Aᵀy of a layer A without its bias, computed in float64: the two numbers are equal.

    `x` is (C_in, H, W), `y` as the output (C_out, H', W').
    """
    x, y, weight = x.double(), y.double(), weight.double()
    there = geometry.apply(x, weight)
    back = geometry.apply_transpose(y, weight, tuple(x.shape[1:]))
    return float((there * y).sum()), float((x * back).sum()), there, back
