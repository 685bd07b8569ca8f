"""MNIST: 60,000 handwritten digits of 28×28 pixels, the first data set of most GANs. Its train split.

The test split (10,000 digits by other writers) is the yardstick of evaluation: how far real digits lie from real ones.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch

from playground.datasets import _torchvision
from playground.datasets._dataset import Dataset
from playground.datasets._torchvision import Config, Source
from playground.samples import Samples, SampleSpec

CLASSES = tuple("0123456789")
PADDING = 2  # 28 → 32 pixels with zeros keeps the strokes crisp, where resizing blurs them


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (1, config.resolution, config.resolution), CLASSES)


def load(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root, padding=PADDING)


def load_test(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root, train=False, padding=PADDING)


def _read(root: Path, *, train: bool, download: bool) -> tuple[torch.Tensor, torch.Tensor]:
    from torchvision.datasets import MNIST  # takes a second to import

    data = MNIST(root, train=train, download=download)
    return data.data.unsqueeze(1), data.targets


SOURCE = Source("mnist", "MNIST", 11_594_722, _torchvision.idx_files("MNIST"), _read)

DATASET = Dataset(
    name="mnist",
    title="MNIST",
    summary="60,000 handwritten digits at 28×28 pixels: the classic first data set.",
    credits="Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits (1998)",
    licence="CC BY-SA 3.0",
    config=Config,
    spec=spec,
    load=load,
    load_test=load_test,
    available=partial(_torchvision.available, SOURCE),
    download=partial(_torchvision.download, SOURCE),
    download_bytes=SOURCE.download_bytes,
    order=2,
)
