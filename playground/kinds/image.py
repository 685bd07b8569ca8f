"""Images: uint8 (N, C, H, W) in a data set, float32 in [-1, 1] in the networks; they are their own pictures."""

from __future__ import annotations

import numpy as np
import torch

from playground.kinds._kind import Kind
from playground.samples import SampleSpec, to_pixels, to_unit


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return to_unit(values)


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return torch.from_numpy(to_pixels(made)).permute(0, 3, 1, 2)


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    return values.permute(0, 2, 3, 1).contiguous().cpu().numpy()


KIND = Kind(name="image", title="Images", noun="image", to_network=to_network, to_values=to_values, draw=draw, order=1)
