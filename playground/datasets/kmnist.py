"""Kuzushiji-MNIST: 60,000 cursive Japanese characters from old books, in the format of MNIST. Its train split."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch

from playground.datasets import _torchvision
from playground.datasets._dataset import Dataset
from playground.datasets._torchvision import Config, Source
from playground.samples import Samples, SampleSpec

CLASSES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
PADDING = 2  # 28 → 32 pixels with zeros, as for MNIST


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (1, config.resolution, config.resolution), CLASSES)


def load(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root, padding=PADDING)


def load_test(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root, train=False, padding=PADDING)


def _read(root: Path, *, train: bool, download: bool) -> tuple[torch.Tensor, torch.Tensor]:
    from torchvision.datasets import KMNIST  # takes a second to import

    data = KMNIST(root, train=train, download=download)
    return data.data.unsqueeze(1), data.targets


SOURCE = Source("kmnist", "Kuzushiji-MNIST", 21_240_888, _torchvision.idx_files("KMNIST"), _read)

DATASET = Dataset(
    name="kmnist",
    title="Kuzushiji-MNIST",
    summary="60,000 cursive hiragana, cut from Japanese books of past centuries, at 28×28 pixels.",
    credits="KMNIST dataset (created by CODH), adapted from Kuzushiji dataset (NIJL and others), doi:10.20676/00000341",
    licence="CC BY-SA 4.0",
    config=Config,
    spec=spec,
    load=load,
    load_test=load_test,
    available=partial(_torchvision.available, SOURCE),
    download=partial(_torchvision.download, SOURCE),
    download_bytes=SOURCE.download_bytes,
    order=5,
)
