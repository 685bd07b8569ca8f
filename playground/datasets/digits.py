"""scikit-learn's handwritten digits: 1,797 real 8×8 scans, embedded in the library, enlarged."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass

import torch

from playground.config import check, field
from playground.datasets._dataset import RESOLUTIONS, Dataset, resize
from playground.samples import Samples, SampleSpec

CLASSES = tuple("0123456789")


@dataclass(frozen=True)
class Config:
    resolution: int = field(32, help="Height and width of the images, in pixels.", choices=RESOLUTIONS, advanced=False)

    def __post_init__(self) -> None:
        check(self)


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (1, config.resolution, config.resolution), CLASSES)


def load(config: Config, root: pathlib.Path) -> Samples:
    from sklearn.datasets import load_digits  # takes a second to import: only when these digits are used

    digits = load_digits()
    images = torch.from_numpy(digits.images).mul(255 / 16).round().to(torch.uint8).unsqueeze(1)  # (1797, 1, 8, 8)
    return Samples(spec(config), resize(images, config.resolution), torch.from_numpy(digits.target).long())


DATASET = Dataset(
    name="digits",
    title="Digits 8×8 (embedded)",
    summary="1,797 real handwritten digits, scanned at 8×8 pixels. Comes with scikit-learn: always works.",
    credits="E. Alpaydin, C. Kaynak, UCI Machine Learning Repository (1998), through scikit-learn",
    licence="CC BY 4.0",
    config=Config,
    spec=spec,
    load=load,
    order=1,
)
