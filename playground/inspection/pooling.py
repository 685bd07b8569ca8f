"""One picture through every way of making it smaller: what comes out, what each output saw, where its gradient returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, max_pool2d

from playground.config import shorten
from playground.layers import POOLINGS, BlurPool

GLOBAL = ("global-average", "global-max")
KINDS = (*POOLINGS, *GLOBAL)
LARGEST = 64  # pixels: of a window and of a stride


@dataclass(frozen=True)
class Pooled:
    """A picture (C, H, W) and what pooling made of it, `output` (C, h, w): every channel for itself.

    Output (row, column) sees `window` (height, width) inputs from row·stride − padding and column·stride − padding on.
    Its weights are `weights` (window), the same everywhere; for a maximum they are None, and `chosen` (C, h, w) has the
    place, row·W + column, of the one input that counts.
    """

    kind: str
    image: np.ndarray
    output: np.ndarray
    window: tuple[int, int]
    stride: tuple[int, int]
    padding: int
    weights: np.ndarray | None
    chosen: np.ndarray | None

    def bounds(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Return the inputs that an output sees: top, left, bottom, right, the last two left out. Raises ValueError."""
        if not (0 <= row < self.output.shape[1] and 0 <= column < self.output.shape[2]):
            shape = "×".join(map(str, self.output.shape[1:]))
            raise ValueError(f"the output is {shape}: there is no ({shorten(row)}, {shorten(column)})")
        top, left = (place * step - self.padding for place, step in zip((row, column), self.stride, strict=True))
        bottom, right = top + self.window[0], left + self.window[1]
        return max(top, 0), max(left, 0), min(bottom, self.image.shape[1]), min(right, self.image.shape[2])

    def seen(self, row: int, column: int, channel: int = 0) -> np.ndarray:
        """Return the weight of every input (H, W) in one output; 0 for those that it does not see."""
        given = np.zeros_like(self.output)
        self.bounds(row, column)
        given[channel, row, column] = 1
        return self.gradient(given)[channel]

    def gradient(self, given: np.ndarray | None = None) -> np.ndarray:
        """Send the gradient `given` of the outputs (C, h, w), by default 1 each, back to the inputs (C, H, W)."""
        given = np.ones_like(self.output) if given is None else np.asarray(given, self.output.dtype)
        if given.shape != self.output.shape:
            raise ValueError(f"the gradient must be {self.output.shape}, not {given.shape}")
        back = np.zeros_like(self.image)
        if self.weights is None:
            flat = back.reshape(len(back), -1)
            for channel, places in enumerate(self.chosen):
                np.add.at(flat[channel], places.ravel(), given[channel].ravel())
            return back
        return self._spread(given, back)

    def _spread(self, given: np.ndarray, back: np.ndarray) -> np.ndarray:
        if given.shape[1:] == (1, 1):  # one window: no need to go through its cells
            top, left, bottom, right = self.bounds(0, 0)
            first = (top + self.padding, left + self.padding)
            part = self.weights[first[0] : first[0] + bottom - top, first[1] : first[1] + right - left]
            back[:, top:bottom, left:right] = given * part
            return back
        edge, (high, wide), (down, across) = self.padding, given.shape[1:], self.stride
        room = np.pad(back, ((0, 0), (edge, edge), (edge, edge)))
        for (row, column), weight in np.ndenumerate(self.weights):
            rows, columns = (
                slice(row, row + (high - 1) * down + 1, down),
                slice(column, column + (wide - 1) * across + 1, across),
            )
            room[:, rows, columns] += weight * given
        return room[:, edge : room.shape[1] - edge, edge : room.shape[2] - edge]


def pooled(image: np.ndarray | torch.Tensor, kind: str, size: int = 2, stride: int | None = None) -> Pooled:
    """Make a picture (C, H, W) smaller by one of `KINDS`, in windows of `size` that are `stride` apart, by default `size`.

    `blur` has its own window of 4 (Zhang 2019, 1904.11486). `stride` is a convolution whose kernel is one pixel of
    weight 1: what stride alone does, without what a kernel would learn. The global ones see the whole channel.
    Raises ValueError for an unknown kind, numbers out of range, and windows larger than the picture.
    """
    step = size if stride is None else stride
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"unknown pooling {shorten(kind)}; choose from: {', '.join(KINDS)}")
    for name, number in (("size", size), ("stride", step)):
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= LARGEST:
            raise ValueError(f"{name} must be a whole number from 1 to {LARGEST}, not {shorten(number)}")
    values = torch.as_tensor(image).detach().cpu()
    values = values if values.dtype == torch.float64 else values.float()
    if values.ndim != 3 or not values.numel():
        raise ValueError(f"a picture must be (channels, height, width), not {tuple(values.shape)}")
    high, wide = values.shape[1:]
    least = {"max": size, "average": size, "blur": 2}.get(kind, 1)
    if min(high, wide) < least:
        raise ValueError(f"a window of {least} does not fit a picture of {high}×{wide}")
    return _applied(values, kind, size, step)


def _applied(values: torch.Tensor, kind: str, size: int, step: int) -> Pooled:
    whole = tuple(values.shape[1:])
    window, apart = (whole, whole) if kind in GLOBAL else ((size, size), (step, step))
    padding, weights, chosen = 0, None, None
    if kind in ("max", "global-max"):
        output, chosen = max_pool2d(values[None], window, apart, return_indices=True)
        chosen = chosen[0].numpy()
    elif kind in ("average", "global-average"):
        output = avg_pool2d(values[None], window, apart)
        weights = np.full(window, 1 / (window[0] * window[1]))
    elif kind == "blur":
        output, padding, window = BlurPool(step)(values[None]), 1, (4, 4)
        weights = np.outer(BlurPool.TAPS, BlurPool.TAPS)
    else:
        output, window, weights = values[None, :, ::step, ::step], (1, 1), np.ones((1, 1))
    found = output[0].contiguous().numpy()
    return Pooled(kind, values.numpy(), found, window, apart, padding, weights, chosen)
