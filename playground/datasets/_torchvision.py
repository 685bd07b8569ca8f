"""What the data sets read through torchvision share: finding, fetching and reading their files."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch.nn.functional import pad

from playground.config import check, field
from playground.datasets._dataset import RESOLUTIONS, resize
from playground.datasets._download import partial_folder
from playground.samples import Samples, SampleSpec


@dataclass(frozen=True)
class Config:
    resolution: int = field(32, help="Height and width of the images, in pixels.", choices=RESOLUTIONS, advanced=False)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Source:
    """Say how torchvision reads a data set and what a finished download leaves on disk.

    `files` maps paths under the root to their sizes in bytes. `read(root, train=, download=)` returns uint8 images
    (N, C, H, W) and int64 labels (N,), of the train or the test split.
    """

    name: str
    title: str
    download_bytes: int
    files: Mapping[str, int]
    read: Callable[..., tuple[torch.Tensor, torch.Tensor]]


def idx_files(folder: str) -> dict[str, int]:
    """Return the files of MNIST and of the sets made in its image: 60,000 + 10,000 pictures of 28×28 bytes."""
    sizes = {
        "train-images-idx3-ubyte": 16 + 60_000 * 28 * 28,  # 16 and 8 bytes of header
        "train-labels-idx1-ubyte": 8 + 60_000,
        "t10k-images-idx3-ubyte": 16 + 10_000 * 28 * 28,
        "t10k-labels-idx1-ubyte": 8 + 10_000,
    }
    return {f"{folder}/raw/{name}": size for name, size in sizes.items()}


def available(source: Source, root: Path) -> bool:
    """Tell whether every file of `source` lies under `root` at its full length. Never raises."""
    try:
        return all((root / name).stat().st_size == size for name, size in source.files.items())
    except (OSError, ValueError):  # missing, unreadable, or no path at all
        return False


def load(source: Source, spec: SampleSpec, root: Path, *, train: bool = True, padding: int = 0) -> Samples:
    """Read a split of `source` at the resolution of `spec`, with `padding` zeros put around each image first.

    Raises FileNotFoundError with one sentence when the files are missing or damaged.
    """
    if not available(source, root):
        size = source.download_bytes / 1e6
        raise FileNotFoundError(f"{source.title} is not in {root}: it has to be downloaded first ({size:.1f} MB).")
    try:
        values, labels = source.read(root, train=train, download=False)
    except Exception as error:  # a damaged file can raise anything from the depths of pickle or scipy
        folder = root / next(iter(source.files))
        raise FileNotFoundError(f"{source.title} is damaged: remove {folder} and download it again.") from error
    return Samples(spec, resize(pad(values, [padding] * 4), spec.shape[-1]), labels)


def download(source: Source, root: Path) -> None:
    """Fetch `source` with torchvision's downloader, into a folder of its own, then move the finished files to `root`.

    So files under `root` are always whole. Raises OSError with one sentence, whatever went wrong.
    """
    if available(source, root):
        return
    folder = partial_folder(root, source.name, threading.get_ident())
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _silence_torchvision()
        source.read(folder, train=True, download=True)  # reading them proves that the files are sound
        if not available(source, folder):
            raise OSError("the files are not of the expected size")
        for name in source.files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).replace(root / name)
    except Exception as error:
        advice = "Check the connection, or use digits, which is embedded."
        raise OSError(f"Could not download {source.title}: {_reason(error)}. {advice}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# how Linux, macOS and Windows say that a server's name leads nowhere
NO_NETWORK = ("Name or service not known", "name resolution", "nodename nor servname", "getaddrinfo failed", "unreachable")


def _silence_torchvision() -> None:
    """Turn off torchvision's progress bars for good: we show our own, and it offers no setting."""
    from torchvision.datasets import utils

    if not isinstance(utils.tqdm, partial):
        utils.tqdm = partial(utils.tqdm, disable=True)


def _reason(error: Exception) -> str:
    """Return the last cause that torchvision names (it lists one for each mirror), on one line."""
    text = " ".join(str(error).split()).rpartition("got: ")[2]
    text = re.sub(r"<urlopen error (.*)>", r"\1", text).rstrip(".") or type(error).__name__
    if any(sign in text for sign in NO_NETWORK):
        return "there seems to be no internet connection"
    text = re.sub(r"^\[Errno -?\d+\] ", "", text)
    return text if len(text) <= 150 else text[:149] + "…"
