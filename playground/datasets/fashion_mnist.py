"""Fashion-MNIST: 60,000 photographs of clothes in the format of MNIST. Its train split."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch

from playground.datasets import _torchvision
from playground.datasets._dataset import Dataset
from playground.datasets._torchvision import Config, Source
from playground.samples import Samples, SampleSpec

CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
PADDING = 2  # 28 → 32 pixels with zeros, as for MNIST


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (1, config.resolution, config.resolution), CLASSES)


def load(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root, padding=PADDING)


def load_test(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root, train=False, padding=PADDING)


def _read(root: Path, *, train: bool, download: bool) -> tuple[torch.Tensor, torch.Tensor]:
    from torchvision.datasets import FashionMNIST  # takes a second to import

    data = FashionMNIST(root, train=train, download=download)
    return data.data.unsqueeze(1), data.targets


SOURCE = Source("fashion-mnist", "Fashion-MNIST", 30_878_645, _torchvision.idx_files("FashionMNIST"), _read)

DATASET = Dataset(
    name="fashion-mnist",
    title="Fashion-MNIST",
    summary="60,000 small grey photographs of clothes, shoes and bags, at 28×28 pixels.",
    credits="H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, Zalando Research (2017), arXiv:1708.07747",
    licence="MIT",
    config=Config,
    spec=spec,
    load=load,
    load_test=load_test,
    available=partial(_torchvision.available, SOURCE),
    download=partial(_torchvision.download, SOURCE),
    download_bytes=SOURCE.download_bytes,
    order=4,
)
