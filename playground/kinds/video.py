"""Short videos: uint8 (N, T, C, H, W) in a data set, float32 in [-1, 1] in the networks.

Standing still, a video is drawn as its last frame with the trail of what moved: small, square, and the movement shows even
where a sheet has many. `frames` is what plays.
"""

from __future__ import annotations

import numpy as np
import torch

from playground.kinds._kind import Kind
from playground.samples import SampleSpec, to_pixels, to_unit

TRAIL = np.array([0.2, 0.42, 0.8], np.float32)  # share of red, green and blue that is left of what has moved on
FADE = 0.25  # what is left of it after a whole film


def to_network(values: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    return to_unit(values)


def to_values(made: torch.Tensor, spec: SampleSpec) -> torch.Tensor:
    pixels = torch.from_numpy(to_pixels(made.flatten(0, 1)))  # (N·T, H, W, C)
    return pixels.permute(0, 3, 1, 2).unflatten(0, made.shape[:2]).contiguous()


def frames(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Return what plays, uint8 (N, T, H, W, C)."""
    return values.permute(0, 1, 3, 4, 2).contiguous().cpu().numpy()


def draw(values: torch.Tensor, spec: SampleSpec) -> np.ndarray:
    """Draw the last frame over a bluish trail of those before it, fainter the further back they lie: RGB (N, H, W, 3)."""
    moving = np.broadcast_to(frames(values, spec), (*values.shape[:2], *values.shape[3:], 3))
    picture = np.zeros((len(values), *moving.shape[2:]), np.float32)
    for number in range(moving.shape[1] - 1):
        picture = np.maximum(FADE ** (1 / (moving.shape[1] - 1)) * picture, moving[:, number] * TRAIL)
    last = moving[:, -1].astype(np.float32)
    covered = last.max(3, keepdims=True) / 255  # by what is there now
    return np.rint(last + (1 - covered) * picture).astype(np.uint8)


def masses(values: torch.Tensor) -> torch.Tensor:
    """Return the sum of brightness in each frame of uint8 (N, T, C, H, W), in fully bright pixels: (N, T)."""
    return values.sum((3, 4), dtype=torch.int64).float().mean(2) / 255


def centroids(values: torch.Tensor) -> torch.Tensor:
    """Return the centre of brightness (x, y) in each frame of uint8 (N, T, C, H, W), in pixels: (N, T, 2).

    That of an empty frame is the middle of the picture.
    """
    brightness = values.float().mean(2)  # (N, T, H, W)
    height, width = brightness.shape[2:]
    along_x, along_y = brightness.sum(2), brightness.sum(3)
    total = along_x.sum(2)
    x, y = (along_x @ torch.arange(width).float(), along_y @ torch.arange(height).float())
    middle = torch.tensor([(width - 1) / 2, (height - 1) / 2])
    return torch.where(total[..., None] > 0, torch.stack([x, y], 2) / total[..., None].clamp(min=1e-6), middle)


KIND = Kind(
    name="video",
    title="Short videos",
    noun="video",
    to_network=to_network,
    to_values=to_values,
    draw=draw,
    frames=frames,
    order=7,
)
