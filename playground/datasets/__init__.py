"""The data sets: one file each, found by themselves."""

from __future__ import annotations

from playground.datasets._dataset import Dataset, data_root
from playground.datasets._download import download_with_progress
from playground.registry import Registry, discover

DATASETS: Registry[Dataset] = Registry("data set", discover(__name__, __path__, "DATASET"))

__all__ = ["DATASETS", "Dataset", "data_root", "default_dataset", "download_with_progress"]


def default_dataset() -> str:
    """Return `mnist` where it is already on disk, else the embedded `digits`; nothing is downloaded."""
    return "mnist" if DATASETS["mnist"].available(data_root()) else "digits"
