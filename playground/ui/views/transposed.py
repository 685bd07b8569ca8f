"""The transposed-convolution microscope, for the browser: maps as float32, frames, and pixels as sums of products."""

from __future__ import annotations

import base64
import math
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch

from playground.inspection import Geometry, Pixel, Seen, adjoint, matrix, scatter, zero_insertion
from playground.ui.views.wants import plain

SENT = 65_536  # numbers in one answer's frames
MOST_FRAMES = 64
LARGEST_MATRIX = 40_000
TERMS = 8  # shown of a layer's equation


@dataclass(frozen=True)
class Bench:
    """A convolution C and its transpose, one channel each way: `small` = what Cᵀ reads, `big` = what C reads, (1, H, W).

    `seen` is the layer of the model that they are of, None in the sandbox; `source` and `target` its channels.
    """

    small: torch.Tensor
    big: torch.Tensor
    kernel: torch.Tensor
    up: Geometry
    seen: Seen | None = None
    source: int = 0
    target: int = 0

    @property
    def weight(self) -> torch.Tensor:
        return self.kernel[None, None]

    @property
    def down(self) -> Geometry:
        """The convolution's geometry."""
        return Geometry(self.up.kernel, self.up.stride, self.up.padding, (0, 0), self.up.dilation, transposed=False)

    def as_seen(self, view: str) -> Seen:
        """Return one direction as a layer of one channel: `up` for Cᵀ, `down` for C."""
        geometry, x = (self.up, self.small) if view == "up" else (self.down, self.big)
        return Seen("", "", "", "", x, self.weight, None, geometry, geometry.apply(x, self.weight))


def bench_json(bench: Bench) -> dict[str, Any]:
    """Describe all that the views show of a bench; every map is float32."""
    up, down, size = bench.up, bench.down, tuple(bench.small.shape[1:])
    there, back = up.apply(bench.small, bench.weight), down.apply(bench.big, bench.weight)
    left, right, *_ = adjoint(bench.small, bench.big, bench.weight, up)
    cells = math.prod(size) * there[0].numel()
    return {
        "geometry": {name: list(getattr(up, name)) for name in ("kernel", "stride", "padding", "output_padding", "dilation")},
        "small": packed(bench.small[0]),
        "big": packed(bench.big[0]),
        "kernel": packed(bench.kernel),
        "up": packed(there[0]),
        "down": packed(back[0]),
        "zeros": _windows(bench.small, bench.weight, up),
        "conv": _windows(bench.big, bench.weight, down),
        "overlap": packed(torch.from_numpy(up.overlap_count(size))),
        "even": up.is_even,
        "counts": list(up.inner_counts),
        "matrix": packed(matrix(bench.kernel, up, size).T) if cells <= LARGEST_MATRIX else None,
        "dots": plain(np.array([left, right])),
        "difference": _difference(bench, there),
        "frames": frames_json(bench, 0),
    }


def _windows(x: torch.Tensor, weight: torch.Tensor, geometry: Geometry) -> dict[str, Any]:
    found = zero_insertion(x, weight, geometry)
    return {
        "padded": packed(found.padded[0]),
        "rows": found.rows.tolist(),
        "columns": found.columns.tolist(),
        "kernel": packed(found.kernel[0, 0]),
        "stride": list(found.stride),
        "dilation": list(geometry.dilation),
    }


def _difference(bench: Bench, there: torch.Tensor) -> float | None:
    """Return the largest difference between stamps, inserted zeros and PyTorch's own layer."""
    stamped = deque(scatter(bench.small, bench.weight, bench.up), maxlen=1)[0].total
    inserted = zero_insertion(bench.small, bench.weight, bench.up).output
    return plain(np.array([max(float((made - there).abs().max()) for made in (stamped, inserted))]))[0]


def frames_json(bench: Bench, first: int) -> dict[str, Any]:
    """Describe the scatter view's frames from `first` on, as many as fit into one answer."""
    height, width = bench.up.output_size(tuple(bench.small.shape[1:]))
    count = max(1, min(MOST_FRAMES, SENT // (height * width)))
    found = list(islice(scatter(bench.small, bench.weight, bench.up, first, count), count))
    return {
        "first": first,
        "places": [frame.place for frame in found],
        "corners": [frame.corner for frame in found],
        "stamps": packed(torch.stack([frame.stamp[0] for frame in found])),
        "totals": packed(torch.stack([frame.total[0] for frame in found])),
    }


def packed(values: torch.Tensor) -> dict[str, Any]:
    """Pack numbers as float32 for the browser, which must show what PyTorch made, NaN too."""
    array = values.detach().float().cpu().contiguous().numpy()
    return {"shape": list(array.shape), "data": base64.b64encode(array.astype("<f4").tobytes()).decode()}


def pixel_json(pixel: Pixel, shown: float, all_terms: bool) -> dict[str, Any]:
    """Describe a pixel: its largest products, how many more there are and what they make, the bias, and the sum."""
    terms = pixel.terms if all_terms else pixel.terms[:TERMS]
    rest = math.fsum(term.product for term in pixel.terms[len(terms) :]) if math.isfinite(pixel.value) else math.nan
    numbers = exact(np.array([rest, pixel.bias, pixel.value, shown]))
    return {
        "terms": [[*term[:3], *exact(np.array([term.value])), *term[4:6], *exact(np.array(term[6:]))] for term in terms],
        "more": len(pixel.terms) - len(terms),
    } | dict(zip(("rest", "bias", "value", "shown"), numbers, strict=True))


def exact(values: np.ndarray) -> list[float | None]:
    """Turn numbers into what JSON knows with nine digits, which tell every float32 from its neighbours."""
    return [float(f"{value:.9g}") if math.isfinite(value) else None for value in values.tolist()]
