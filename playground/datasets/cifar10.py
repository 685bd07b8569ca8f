"""CIFAR-10: 50,000 colour photographs of ten kinds of animals and vehicles, 32×32 pixels. Its train split."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch

from playground.datasets import _torchvision
from playground.datasets._dataset import Dataset
from playground.datasets._torchvision import Config, Source
from playground.samples import Samples, SampleSpec

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIZES = {
    "data_batch_1": 31_035_704,
    "data_batch_2": 31_035_320,
    "data_batch_3": 31_035_999,
    "data_batch_4": 31_035_696,
    "data_batch_5": 31_035_623,
    "test_batch": 31_035_526,
    "batches.meta": 158,
}


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (3, config.resolution, config.resolution), CLASSES)


def load(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root)


def load_test(config: Config, root: Path) -> Samples:
    return _torchvision.load(SOURCE, spec(config), root, train=False)


def _read(root: Path, *, train: bool, download: bool) -> tuple[torch.Tensor, torch.Tensor]:
    from torchvision.datasets import CIFAR10  # takes a second to import

    data = CIFAR10(root, train=train, download=download)  # checks the checksums before it unpickles
    return torch.from_numpy(data.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(data.targets)


FILES = {f"cifar-10-batches-py/{name}": size for name, size in SIZES.items()}
SOURCE = Source("cifar10", "CIFAR-10", 170_498_071, FILES, _read)

DATASET = Dataset(
    name="cifar10",
    title="CIFAR-10",
    summary="50,000 tiny colour photographs of animals and vehicles, at 32×32 pixels. Hard for a small network.",
    credits="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009)",
    licence="No formal licence; published for research, the photographs come from the web",
    config=Config,
    spec=spec,
    load=load,
    load_test=load_test,
    available=partial(_torchvision.available, SOURCE),
    download=partial(_torchvision.download, SOURCE),
    download_bytes=SOURCE.download_bytes,
    order=6,
)
