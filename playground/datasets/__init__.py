"""The data sets: one file each, found by themselves."""

from __future__ import annotations

from playground.datasets._dataset import Dataset, data_root
from playground.datasets._download import download_with_progress
from playground.registry import Registry, discover

DATASETS: Registry[Dataset] = Registry("data set", discover(__name__, __path__, "DATASET"))

__all__ = ["DATASETS", "Dataset", "data_root", "default_dataset", "download_with_progress"]


def default_dataset(kinds: tuple[str, ...] = ("image",), architecture: str = "") -> str:
    """Return the data set to begin with for networks that make samples of `kinds`; nothing is downloaded.

    Of images `mnist` where it is already on disk, else the embedded `digits`; of others one that names the `architecture` as
    its own, or else the first that is there.
    """
    if "image" in kinds:
        return "mnist" if DATASETS["mnist"].available(data_root()) else "digits"
    here = (entry for entry in DATASETS.values() if entry.available(data_root()))
    fitting = [entry for entry in here if entry.spec(entry.config()).kind in kinds]
    return next((entry for entry in fitting if entry.architecture == architecture), fitting[0]).name
