"""One picture of unknown origin to a square of pixels, without trusting its name or its header."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")  # no SVG, no PostScript, none that runs or fetches anything
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF87a", b"GIF89a")
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # the second one for a zip without entries
HEAD_BYTES = 16  # enough for every signature
MAX_PIXELS = 40_000_000
MIN_SIDE = 8


class UnusablePicture(ValueError):
    """Say in a few words why a file is no usable picture."""


def is_picture(head: bytes) -> bool:
    """Tell from the first HEAD_BYTES bytes of a file whether it claims to be a picture of a known format."""
    return head.startswith(SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def is_zip(head: bytes) -> bool:
    return head.startswith(ZIP_SIGNATURES)


def decode(data: bytes, size: int) -> tuple[np.ndarray, int]:
    """Decode a picture and crop it to its central square: uint8 (size, size, 3), transparency on white.

    Animations give their first frame. Also returns how many pixels had to be decoded. Raises UnusablePicture.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _check_size(*picture.size)
            picture.draft(None, (2 * size, 2 * size))  # a JPEG is decoded at a fraction of its size, much faster
            num_pixels = picture.width * picture.height
            return _square(ImageOps.exif_transpose(picture), size), num_pixels
    except UnusablePicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise UnusablePicture(_too_large()) from error
    except Exception as error:  # on damaged files the decoders raise SyntaxError, struct.error, EOFError and more
        raise UnusablePicture("damaged or cut short") from error


def _check_size(width: int, height: int) -> None:
    """Judge the size that the header names, before a single pixel is decoded."""
    if width * height > MAX_PIXELS:
        raise UnusablePicture(_too_large())
    if min(width, height) < MIN_SIDE:
        raise UnusablePicture(f"{width}×{height} pixels is too small, it takes at least {MIN_SIDE}×{MIN_SIDE}")


def _too_large() -> str:
    return f"has more than {MAX_PIXELS // 1_000_000} million pixels"


def _square(picture: Image.Image, size: int) -> np.ndarray:
    """Crop to the central square, resize, and lay on white: uint8 (size, size, 3)."""
    if picture.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion would clip instead of scale
        picture = Image.fromarray((np.asarray(picture).clip(0, 65535) >> 8).astype(np.uint8))
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    picture = picture.crop((left, top, left + side, top + side))
    picture = picture.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return np.asarray(picture)
