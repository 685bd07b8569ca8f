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
from playground.evaluation.gauges.image import WIDTH, small_pixels
from playground.experiment import Experiment
from playground.kinds import to_network


def embedding_name(experiment: Experiment) -> str:
    """Name what `embed` compares an experiment's samples by: `MNIST features cnn-v1`, `16×16 pixels`, `series values`."""
    if experiment.spec.kind != "image":
        return f"{experiment.spec.kind} values"
    network = feature_net(experiment.dataset)
    return f"{WIDTH}×{WIDTH} pixels" if network is None else f"{network.title} features {network.version}"


def embed(samples: torch.Tensor, experiment: Experiment) -> torch.Tensor:
    """Return rows (N, F), float32 on the CPU, of samples (N, *spec.shape) as G makes them; differentiable, forwards too.

    Images go through the net of the data set, a grey one averaging colours away; without a net they are pixels in [0, 1] at
    16×16, N × C * 256. Samples of other kinds are taken number by number.
    """
    values = samples.float().cpu()
    if experiment.spec.kind != "image":
        return values.flatten(1)
    network = feature_net(experiment.dataset)
    if network is None:
        return (shrink(values, WIDTH).flatten(1) + 1) / 2
    if values.shape[1] != network.channels:
        values = values.mean(1, keepdim=True).expand(-1, network.channels, -1, -1)
    return network.body(shrink(values, network.resolution))


def embed_values(
    values: torch.Tensor, experiment: Experiment, progress: Callable[[float], None] = lambda share: None
) -> torch.Tensor:
    """Return rows (N, F), float32, of values as a data set holds them: what `embed` gives for samples, to rounding."""
    if experiment.spec.kind != "image":
        return to_network(values, experiment.spec).flatten(1)
    if feature_net(experiment.dataset) is None:
        return small_pixels(values).float() / 255
    rows = []
    for piece in values.split(2 * PIECE):
        rows.append(features(piece, experiment.dataset))
        progress(min(1.0, 2 * PIECE * len(rows) / len(values)))
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
