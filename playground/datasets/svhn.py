"""SVHN, Street View House Numbers: 73,257 colour photographs of digits, 32×32 pixels. Its train split.

Nothing but the train split is downloaded: the test split is another 64 MB.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import torch

from playground.datasets import _torchvision
from playground.datasets._dataset import Dataset
from playground.datasets._torchvision import Config, Source
from playground.samples import Samples, SampleSpec

CLASSES = tuple("0123456789")


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (3, config.resolution, config.resolution), CLASSES)


def load(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root)


def _read(root: Path, *, train: bool, download: bool) -> tuple[torch.Tensor, torch.Tensor]:
    from torchvision.datasets import SVHN  # takes a second to import

    data = SVHN(root, split="train" if train else "test", download=download)
    return torch.from_numpy(np.ascontiguousarray(data.data)), torch.from_numpy(data.labels)


SOURCE = Source("svhn", "SVHN", 182_040_794, {"train_32x32.mat": 182_040_794}, _read)

DATASET = Dataset(
    name="svhn",
    title="Street View House Numbers",
    summary="73,257 colour photographs of house-number digits, at 32×32 pixels.",
    credits="Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng, Reading Digits in Natural Images (2011)",
    licence="Non-commercial use only",
    config=Config,
    spec=spec,
    load=load,
    available=partial(_torchvision.available, SOURCE),
    download=partial(_torchvision.download, SOURCE),
    download_bytes=SOURCE.download_bytes,
    order=7,
)
