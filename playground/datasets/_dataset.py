"""What the file of a data set has to say, and where data lie on disk."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import interpolate

from playground.samples import Samples, SampleSpec

RESOLUTIONS = (16, 32, 64)


@dataclass(frozen=True)
class Dataset:
    """Describe a data set and how to get it.

    `spec(config)` says what a sample is; `load(config, root)` returns all samples in memory, and raises
    FileNotFoundError with one clear sentence when they are not on disk; `load_test` does the same for the images
    held out for evaluation, where a data set has some. `available(root)` says, from a glance at the disk, whether
    `load` would work with the default config. `download(root)` fetches what is missing, `download_bytes` in all
    (0 for what is embedded, procedural or a person's own), and raises OSError with one clear sentence.
    """

    name: str
    title: str
    summary: str
    credits: str
    licence: str
    config: Any
    spec: Callable[[Any], SampleSpec]
    load: Callable[[Any, pathlib.Path], Samples]
    load_test: Callable[[Any, pathlib.Path], Samples] | None = None
    available: Callable[[pathlib.Path], bool] = lambda root: True
    download: Callable[[pathlib.Path], None] = lambda root: None
    download_bytes: int = 0
    order: int = 100


def data_root() -> pathlib.Path:
    """Return the folder of downloaded data: `PLAYGROUND_DATA`, by default a cache folder of the user's."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("PLAYGROUND_DATA") or pathlib.Path(cache) / "gan-playground")


def resize(values: torch.Tensor, resolution: int) -> torch.Tensor:
    """Resize uint8 images (N, C, H, W) to (N, C, resolution, resolution), averaging pixels where it shrinks them."""
    if values.shape[-2:] == (resolution, resolution):
        return values
    # PyTorch filters uint8 on the CPU directly: four times faster than through float, and a quarter of the memory.
    return interpolate(values, (resolution, resolution), mode="bilinear", antialias=True, align_corners=False)
