"""Sheets of images as PNG, with the settings that made them inside the file."""

from __future__ import annotations

import io
import json
import math
import os
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, PngImagePlugin

from playground.config import check_whole, shorten

CHUNK = "gan-playground"  # the keyword of the text chunk with the settings
SCHEMA = 1  # of that chunk's JSON: {"schema": 1, "settings": {…}}
MAX_SETTINGS_BYTES = 2**16
MAX_HEAD_BYTES = 2**20  # the settings stand before the pixels: more of a stranger's file is never read
MAX_PIXELS = 2**26
MAX_SCALE = 64
MAX_PADDING = 64
NEUTRAL = 128  # the middle grey between and behind images, what a generator's 0 looks like

File = str | os.PathLike | BinaryIO


def grid(images: np.ndarray, *, columns: int | None = None, padding: int = 1, scale: int = 1) -> np.ndarray:
    """Lay out images, uint8 (N, H, W, C) with C of 1 or 3, row by row on grey: uint8 (H', W', 3).

    By default about as many rows as columns. `padding` pixels of the images' own size surround each one; then every
    pixel becomes a square of `scale` pixels. Raises ValueError for images or numbers that make no grid.
    """
    check_images(images)
    num_columns = _num_columns(len(images), columns)
    check_whole("padding", padding, 0, MAX_PADDING)
    check_whole("scale", scale, 1, MAX_SCALE)
    height, width = images.shape[1] + padding, images.shape[2] + padding
    check_pixels((math.ceil(len(images) / num_columns) * height + padding) * (num_columns * width + padding) * scale**2)
    sheet = np.pad(_tile(images, num_columns, padding), ((padding, 0), (padding, 0), (0, 0)), constant_values=NEUTRAL)
    return enlarge(np.broadcast_to(sheet, (*sheet.shape[:2], 3)), scale)


def strip(images: np.ndarray, *, padding: int = 1, scale: int = 1) -> np.ndarray:
    """Lay out images, uint8 (N, H, W, C), in one row: uint8 (H', W', 3). Otherwise as `grid`."""
    check_images(images)
    return grid(images, columns=len(images), padding=padding, scale=scale)


def sprite(images: np.ndarray, *, columns: int | None = None) -> bytes:
    """Pack images, uint8 (N, H, W, C), edge to edge into a PNG for the page, grey where C is 1: quick, not small.

    By default there are ceil(sqrt(N)) columns. Raises ValueError as `grid`.
    """
    check_images(images)
    sheet = _tile(images, _num_columns(len(images), columns), padding=0)
    buffer = io.BytesIO()
    # run lengths only: faster than searching for matches, and as small on images that carry noise
    to_pillow(sheet).save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return buffer.getvalue()


def save_picture(file: File, image: np.ndarray, *, settings: Mapping[str, Any] | None = None) -> None:
    """Write an image, uint8 (H, W, C) with C of 1 or 3, as PNG, and `settings` into its text chunk `gan-playground`.

    `settings` is what it takes to make the picture again, in plain JSON values. Raises ValueError for an image of
    another shape and for settings that are not JSON or longer than 64 KiB.
    """
    check_images(image[None] if isinstance(image, np.ndarray) else image)
    info = PngImagePlugin.PngInfo()
    if settings is not None:
        info.add_text(CHUNK, _encode(settings))
    to_pillow(image).save(file, "PNG", pnginfo=info)


def read_settings(file: File) -> dict[str, Any] | None:
    """Read the settings that `save_picture` wrote into a PNG, or return None where it has none.

    The file may come from a stranger: at most its first MiB is read and no pixel decoded. Raises ValueError for what
    is not a PNG, for settings that are damaged or from a newer version; OSError only where `file` cannot be read.
    """
    if isinstance(file, (str, os.PathLike)):
        with open(file, "rb") as opened:
            return read_settings(opened)
    head = io.BytesIO(file.read(MAX_HEAD_BYTES))
    try:
        with Image.open(head, formats=["PNG"]) as image:
            text = image.info.get(CHUNK)
    except Exception as error:  # Pillow raises many kinds, SyntaxError among them, on a damaged file
        raise ValueError("this is not a PNG picture, or it is damaged") from error
    return None if text is None else _decode(text)


def check_images(images: np.ndarray) -> None:
    """Raise ValueError unless `images` is uint8 (N, H, W, C) with C of 1 or 3 and nothing of size 0."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        raise ValueError(f"images must be an array of uint8, not {getattr(images, 'dtype', type(images).__name__)}")
    if images.ndim != 4 or images.shape[3] not in (1, 3) or 0 in images.shape:
        raise ValueError(f"images must be of shape (N, H, W, 1) or (N, H, W, 3), not {images.shape}")


def check_pixels(count: int) -> None:
    """Raise ValueError for more pixels than a file may have."""
    if count > MAX_PIXELS:
        raise ValueError(f"{count:,} pixels are more than the {MAX_PIXELS:,} allowed; lower the scale")


def enlarge(image: np.ndarray, scale: int) -> np.ndarray:
    """Make every pixel of (H, W, C) a square of `scale` pixels: (scale * H, scale * W, C)."""
    return image.repeat(scale, 0).repeat(scale, 1)


def to_pillow(image: np.ndarray) -> Image.Image:
    """Wrap (H, W, C) of uint8 as a Pillow image, grey (L) where C is 1, else RGB."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def _num_columns(num_images: int, columns: int | None) -> int:
    if columns is None:
        return math.isqrt(num_images - 1) + 1  # the square root, rounded up
    check_whole("columns", columns, 1, num_images)
    return columns


def _tile(images: np.ndarray, num_columns: int, padding: int) -> np.ndarray:
    """Put images (N, H, W, C) into rows, `padding` grey pixels below and to the right of each: (H', W', C)."""
    num_images, height, width, channels = images.shape
    num_rows = math.ceil(num_images / num_columns)
    tiles = np.full((num_rows * num_columns, height + padding, width + padding, channels), NEUTRAL, np.uint8)
    tiles[:num_images, :height, :width] = images
    rows = tiles.reshape(num_rows, num_columns, *tiles.shape[1:]).swapaxes(1, 2)  # (rows, H, columns, W, C)
    return rows.reshape(num_rows * tiles.shape[1], num_columns * tiles.shape[2], channels)


def _encode(settings: Mapping[str, Any]) -> str:
    try:
        text = json.dumps({"schema": SCHEMA, "settings": dict(settings)}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"settings must be plain JSON values: {error}") from None
    if len(text) > MAX_SETTINGS_BYTES:
        raise ValueError(f"settings take {len(text):,} bytes, more than the {MAX_SETTINGS_BYTES:,} allowed")
    return text


def _decode(text: str | bytes) -> dict[str, Any]:
    if len(text) > MAX_SETTINGS_BYTES:
        raise ValueError(f"the picture's settings take more than {MAX_SETTINGS_BYTES:,} bytes")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the picture's settings are damaged") from None
    schema = content.get("schema") if isinstance(content, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise ValueError(f"the picture's settings are of version {shorten(schema)}; this program reads up to {SCHEMA}")
    if schema != SCHEMA or not isinstance(content.get("settings"), dict):
        raise ValueError("the picture's settings are damaged")
    return content["settings"]
