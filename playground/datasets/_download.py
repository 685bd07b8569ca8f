"""Download a data set in the background, and say how far it is."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from playground.datasets._dataset import Dataset

POLL_SECONDS = 0.25
ARCHIVES = frozenset({".gz", ".mat"})  # what comes over the wire; what is unpacked from it does not count


def partial_folder(root: Path, name: str, thread: int | None) -> Path:
    """Return the folder in which the thread with identifier `thread` keeps its unfinished download of `name`.

    It lies inside `root`, so that finished files move into place without a copy; no two downloads share one.
    """
    return root / f".{name}-{os.getpid()}-{thread}.partial"


def download_with_progress(dataset: Dataset, root: Path, *, stall_seconds: float = 60.0) -> Iterator[float]:
    """Download `dataset` into `root` in a worker thread, yielding the fraction done every quarter of a second.

    The last value is 1. Raises OSError with one sentence when the download fails, or when not a byte has arrived
    for `stall_seconds`. Closing the generator leaves the thread to finish by itself: what it fetched is kept.
    """
    failures: list[OSError] = []
    worker = threading.Thread(target=_download, args=(dataset, root, failures), daemon=True)
    worker.start()
    folder = partial_folder(root, dataset.name, worker.ident)
    received, since = 0, time.monotonic()
    while worker.is_alive():
        now = _bytes_in(folder)
        if now != received:
            received, since = now, time.monotonic()
        if time.monotonic() - since > stall_seconds:
            raise OSError(f"The download of {dataset.title} stalled: nothing came for {stall_seconds:g} seconds. Try again.")
        yield min(0.99, received / max(1, dataset.download_bytes))
        worker.join(POLL_SECONDS)
    if failures:
        raise failures[0]
    yield 1.0


def _download(dataset: Dataset, root: Path, failures: list[OSError]) -> None:
    try:
        dataset.download(root)
    except OSError as error:
        failures.append(error)


def _bytes_in(folder: Path) -> int:
    """Return the bytes of the archives under `folder`; 0 while it is being made or cleared away."""
    try:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.suffix in ARCHIVES)
    except OSError:
        return 0
