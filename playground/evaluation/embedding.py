"""Samples as rows of numbers in which alike ones lie near each other, with a derivative by every pixel.

The rows are the features of the data set's frozen net, or small pictures where there is no net. `features` gives the same
for pictures of whole pixel values; here they are the generator's own output, so that what is measured changes smoothly.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch.nn.functional import interpolate

from playground.evaluation.features import PIECE, feature_net, features
from playground.evaluation.scores import WIDTH, small_pixels


def embedding_name(dataset: str) -> str:
    """Name what `embed` compares samples of a data set by: `MNIST features cnn-v1`, `16×16 pixels`."""
    network = feature_net(dataset)
    return f"{WIDTH}×{WIDTH} pixels" if network is None else f"{network.title} features {network.version}"


def embed(samples: torch.Tensor, dataset: str) -> torch.Tensor:
    """Return rows (N, F), float32 on the CPU, of samples (N, C, H, W) in [-1, 1]; differentiable, forwards too.

    By the net of the data set, a grey one averaging colours away; without a net, pixels in [0, 1] at 16×16, N × C * 256.
    """
    network, values = feature_net(dataset), samples.float().cpu()
    if network is None:
        return (shrink(values, WIDTH).flatten(1) + 1) / 2
    if values.shape[1] != network.channels:
        values = values.mean(1, keepdim=True).expand(-1, network.channels, -1, -1)
    return network.body(shrink(values, network.resolution))


def embed_pictures(images: torch.Tensor, dataset: str, progress: Callable[[float], None] = lambda share: None) -> torch.Tensor:
    """Return rows (N, F), float32, of pictures uint8 (N, C, H, W): what `embed` gives for samples, to rounding."""
    if feature_net(dataset) is None:
        return small_pixels(images).float() / 255
    rows = []
    for piece in images.split(2 * PIECE):
        rows.append(features(piece, dataset))
        progress(min(1.0, 2 * PIECE * len(rows) / len(images)))
    return torch.cat(rows)


def shrink(values: torch.Tensor, resolution: int) -> torch.Tensor:
    """Resize images (N, C, H, W) as data sets do, averaging where they shrink, by two matrix products.

    PyTorch's own resizing with averaging has no forward derivative.
    """
    rows, columns = (_weights(size, resolution) for size in values.shape[-2:])
    return values if values.shape[-2:] == (resolution, resolution) else rows @ values @ columns.mT


@functools.lru_cache(maxsize=16)
def _weights(size: int, resolution: int) -> torch.Tensor:
    """Return what each of `size` pixels of a line gives to the line's new pixels: (resolution, size)."""
    lines = torch.eye(size)[:, None, None].expand(-1, 1, resolution, -1)  # a bright pixel a line, (size, 1, resolution, size)
    resized = interpolate(lines, (resolution, resolution), mode="bilinear", antialias=True, align_corners=False)
    return resized[:, 0, 0].mT.contiguous()
