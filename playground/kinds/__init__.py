"""The kinds of sample: one file each, found by themselves."""

from __future__ import annotations

import numpy as np
import torch

from playground.kinds._kind import SOUND_RATE, Kind
from playground.registry import Registry, discover
from playground.samples import SampleSpec

KINDS: Registry[Kind] = Registry("kind of sample", discover(__name__, __path__, "KIND"))

__all__ = ["KINDS", "SOUND_RATE", "Kind", "as_maps", "draw", "draw_moves", "to_network", "to_pictures", "to_values"]


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    """Turn values as a data set holds them into what D reads, float32 (N, *spec.shape)."""
    return KINDS[spec.kind].to_network(values, spec)


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    """Turn what G made, (N, *spec.shape), into values as a data set holds them, on the CPU."""
    return KINDS[spec.kind].to_values(made.detach(), spec).cpu()


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw values as a data set holds them, uint8 (N, H, W, C)."""
    return KINDS[spec.kind].draw(values, spec)


def to_pictures(made: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw what G made, (N, *spec.shape), as pictures, uint8 (N, H, W, C)."""
    return draw(to_values(made, spec), spec)


def draw_moves(made: torch.Tensor, by: torch.Tensor, spec: SampleSpec) -> np.ndarray | None:
    """Draw where samples, (N, *spec.shape) as G makes them, are pulled, in their kind's own way: signed (N, H, W) in [-1, 1].

    None where the kind has no way of its own: then `by` is shown as it is, by `as_maps`.
    """
    own = KINDS[spec.kind].moves
    return None if own is None else own(to_values(made, spec), by.detach().cpu(), spec)


def as_maps(numbers: torch.Tensor) -> torch.Tensor:
    """Lay out numbers in the form of samples, (N, *spec.shape), as maps (N, C, H, W); images are maps already.

    Of steps (N, T, F) time runs to the right; a sound (N, 1, L) and a point are a row; the frames of a video (N, T, C, H, W)
    stand side by side.
    """
    if numbers.ndim == 5:
        return numbers.permute(0, 2, 3, 1, 4).flatten(3)
    if numbers.ndim == 3:
        return numbers[:, None] if numbers.shape[1] == 1 else numbers.mT[:, None]
    return numbers[:, None, None] if numbers.ndim == 2 else numbers
