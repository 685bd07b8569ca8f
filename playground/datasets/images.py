"""Your own images: a folder, a zip, or a few pictures, made square and brought to one size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from playground.config import check, field, shorten
from playground.datasets._dataset import RESOLUTIONS, Dataset, resize
from playground.datasets._files import MAX_UNPACKED_BYTES, Entry, Listing, list_pictures
from playground.datasets._pictures import UnusablePicture, decode
from playground.samples import Samples, SampleSpec

MAX_SENTENCES = 100  # a sentence for each of 60,000 text files helps nobody
MAX_DECODED_PIXELS = 8_000_000_000  # a minute or two of work; a tiny zip can hold thousands of huge empty pictures


@dataclass(frozen=True)
class Config:
    resolution: int = field(32, help="Height and width of the images, in pixels.", choices=RESOLUTIONS, advanced=False)
    colour: bool = field(True, help="Keep the colours; otherwise the images become grey.", advanced=False)
    path: str = field("", help="A folder or a zip of pictures on this machine.", private=True, advanced=False)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class ImageFolder:
    """Hold the pictures that were read: `values` is uint8 (N, 3, size, size).

    `found` counts the files that claim to be pictures, `skipped` has a sentence on each file that was not used, and
    `note` one sentence when there were more pictures than are used.
    """

    values: torch.Tensor
    found: int
    skipped: tuple[str, ...] = ()
    note: str = ""

    @property
    def used(self) -> int:
        return len(self.values)


def spec(config: Config) -> SampleSpec:
    return SampleSpec("image", (3 if config.colour else 1, config.resolution, config.resolution))


def read_images(
    paths: Sequence[Path],
    *,
    max_images: int = 10_000,
    size: int = 64,
    progress: Callable[[float], None] | None = None,
) -> ImageFolder:
    """Read the pictures in files, folders and zips, cropped to their central square of `size` pixels.

    What is a picture is decided by content; what is not, or is damaged or dangerous, is skipped with a sentence.
    `progress` hears the fraction done, and may raise to cancel. Raises ValueError with one sentence when fewer than
    two pictures are usable.
    """
    with ExitStack() as stack:
        listing = list_pictures(paths, stack)
        chosen = _choose(listing.entries, max_images)
        pixels = _decode_all(chosen, size, listing, progress or (lambda fraction: None))
    if len(pixels) < 2:
        raise ValueError(_too_few(listing, len(pixels)))
    values = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()  # (N, 3, size, size)
    return ImageFolder(values, len(listing.entries), _sentences(listing), _note(listing, len(chosen), max_images))


def prepare(values: torch.Tensor, config: Config) -> Samples:
    """Turn pictures already read, uint8 (N, 3, H, W), into samples as `config` says."""
    values = resize(values, config.resolution)
    if not config.colour:
        red, green, blue = values.int().unbind(1)  # ITU-R 601 weights, in thousandths to stay exact
        values = ((299 * red + 587 * green + 114 * blue + 500) // 1000).to(torch.uint8).unsqueeze(1)
    return Samples(spec(config), values)


def load(config: Config, root: Path) -> Samples:
    """Read the pictures at `config.path`. Raises FileNotFoundError, or ValueError when too few are usable."""
    if not config.path:
        raise FileNotFoundError("Choose your own images first: a folder, a zip or several pictures.")
    try:
        path = Path(config.path).expanduser()
        path.stat()
    except (OSError, RuntimeError, ValueError) as error:  # also a home of nobody's, or a name too long to exist
        raise FileNotFoundError(f"There is no file or folder {shorten(config.path)}.") from error
    return prepare(read_images([path], size=config.resolution).values, config)  # read at once at the final size


def _choose(entries: list[Entry], limit: int) -> list[Entry]:
    """Return at most `limit` entries spread evenly over the list, so that no folder of it is left out."""
    limit = min(limit, len(entries))
    while True:
        chosen = [entries[index * len(entries) // limit] for index in range(limit)]
        if sum(entry.size for entry in chosen if entry.packed) <= MAX_UNPACKED_BYTES:
            return chosen
        limit = limit * 9 // 10


def _decode_all(entries: list[Entry], size: int, listing: Listing, progress: Callable[[float], None]) -> np.ndarray:
    """Return the usable pictures among `entries`, uint8 (N, size, size, 3), and say in `listing` what was skipped."""
    pixels = np.empty((len(entries), size, size, 3), np.uint8)
    used = decoded = 0
    for index, entry in enumerate(entries):
        progress(index / len(entries))
        if decoded > MAX_DECODED_PIXELS:
            listing.skipped.append(f"The last {len(entries) - index:,} images were left out: those before are too large.")
            break
        try:
            pixels[used], cost = decode(_read(entry), size)
            used, decoded = used + 1, decoded + cost
        except UnusablePicture as error:
            listing.skip(entry.name, str(error))
    progress(1.0)
    return pixels[:used]


def _read(entry: Entry) -> bytes:
    try:
        return entry.read(entry.size)
    except Exception as error:  # zipfile raises whatever its decompressor meets in a damaged member
        raise UnusablePicture("cannot be read") from error


def _sentences(listing: Listing) -> tuple[str, ...]:
    more = len(listing.skipped) - MAX_SENTENCES
    return (*listing.skipped[:MAX_SENTENCES], *([f"and {more:,} more files"] if more > 0 else []))


def _note(listing: Listing, chosen: int, max_images: int) -> str:
    found = len(listing.entries)
    if chosen == found:
        return ""
    why = f"at most {max_images:,} are used" if chosen == max_images else "they unpack to too many bytes"
    return f"Took {chosen:,} of {found:,} images, spread evenly over all of them, because {why}."


def _too_few(listing: Listing, usable: int) -> str:
    files = "1 file" if listing.seen == 1 else f"{listing.seen:,} files"
    reasons = f" ({'; '.join(listing.skipped[:3])})" if listing.skipped else ""
    return f"At least 2 usable images are needed, and {files} held {usable}{reasons}."


DATASET = Dataset(
    name="images",
    title="Your own images",
    summary="A folder, a zip or several pictures of yours. A few hundred alike make a good start.",
    credits="Yours",
    licence="Whatever you decide",
    config=Config,
    spec=spec,
    load=load,
    available=lambda root: False,  # only ever with a path, which no default can know
    order=8,
)
