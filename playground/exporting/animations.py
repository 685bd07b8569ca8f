"""Frames as an animated GIF or WebP, or as an MP4 video."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from PIL import Image

from playground.config import check_whole, shorten
from playground.exporting.pictures import MAX_SCALE, File, check_images, check_pixels, enlarge, to_pillow

KINDS = ("gif", "webp", "mp4")
TICKS = {"gif": 10, "webp": 1}  # milliseconds that a frame's duration is counted in, by file format
MAX_FPS = 50  # browsers slow a GIF down whose frames last less than 20 ms
SHORTER_SIDE = 256  # pixels, about, where no scale is given
PALETTE_PIXELS = 2**20  # enough of them to choose 256 colours from
NUM_COLOURS = 256
VIDEO_QUALITY = 12  # x264's constant rate factor: 0 keeps all, 18 cannot be told from it by eye on films; sharp edges need more


def save_animation(
    file: File,
    frames: np.ndarray,
    *,
    kind: str = "gif",
    fps: float = 20.0,
    scale: int | None = None,
    loop: bool = True,
    ping_pong: bool = False,
) -> None:
    """Write frames, uint8 (N, H, W, C) with C of 1 or 3, as an animation of `kind` gif, webp or mp4.

    Every pixel becomes a square of `scale` pixels; by default the shorter side comes to about 256. Pixels are kept
    exactly, but for colour in a GIF, which gets one palette of 256, and in an MP4, which is H.264: nearly, and padded
    with black to even sizes. With `loop` a GIF or WebP plays for ever (of a video the player decides); with `ping_pong`
    forth and back. `fps` is from 1 to 50. Raises ValueError naming a bad value, or where MP4 lacks the package av.
    """
    check_images(frames)
    if kind not in KINDS:
        raise ValueError(f"unknown kind of animation {shorten(kind)}; choose from: {', '.join(KINDS)}")
    if not 1 <= fps <= MAX_FPS:  # also refuses NaN
        raise ValueError(f"fps must be between 1 and {MAX_FPS}, not {shorten(fps)}")
    scale = _automatic_scale(frames) if scale is None else scale
    check_whole("scale", scale, 1, MAX_SCALE)
    if ping_pong:
        frames = np.concatenate([frames, frames[-2:0:-1]])
    check_pixels(frames[..., 0].size * scale**2)
    if kind == "mp4":
        _save_video(file, frames, fps, scale)
        return
    pages = _gif_pages(frames, scale) if kind == "gif" else _webp_pages(frames, scale)
    options: dict[str, Any] = {"duration": _durations(len(frames), fps, TICKS[kind])}
    if kind == "webp":
        options |= {
            "loop": 0 if loop else 1,
            "lossless": True,
            "quality": 0,
            "method": 0,
        }  # quality: of the search, when lossless
    elif loop:
        options["loop"] = 0
    next(pages).save(file, kind.upper(), save_all=True, append_images=pages, **options)


def _automatic_scale(frames: np.ndarray) -> int:
    return min(MAX_SCALE, max(1, round(SHORTER_SIDE / min(frames.shape[1:3]))))


def _durations(num_frames: int, fps: float, tick: int) -> list[int]:
    """Give every frame its milliseconds in whole ticks, so that errors of rounding do not add up."""
    ends = np.rint(np.arange(num_frames + 1) * 1000 / fps / tick).astype(int) * tick
    return np.diff(ends).tolist()


def _webp_pages(frames: np.ndarray, scale: int) -> Iterator[Image.Image]:
    for frame in frames:
        yield to_pillow(_colour(enlarge(frame, scale)))


def _colour(image: np.ndarray) -> np.ndarray:
    """Turn (H, W, C) into RGB (H, W, 3)."""
    return np.broadcast_to(image, (*image.shape[:2], 3))


def _gif_pages(frames: np.ndarray, scale: int) -> Iterator[Image.Image]:
    """Yield pages in grey as they are, or in one palette for all: with a palette each, still parts would flicker."""
    palette = _palette(frames) if frames.shape[-1] == 3 else None
    for frame in frames:
        page = to_pillow(frame)
        if palette is not None:
            page = page.quantize(palette=palette, dither=Image.Dither.NONE)  # dithering would crawl from frame to frame
        yield page.resize((scale * page.width, scale * page.height), Image.Resampling.NEAREST)


def _palette(frames: np.ndarray) -> Image.Image:
    pixels = frames.reshape(-1, 1, 3)
    pixels = pixels[:: -(-len(pixels) // PALETTE_PIXELS)]
    return Image.fromarray(pixels).quantize(NUM_COLOURS, Image.Quantize.MEDIANCUT)


def _save_video(file: File, frames: np.ndarray, fps: float, scale: int) -> None:
    """Write H.264 in yuv420p, which every player knows: sides are even, for two by two pixels share a colour."""
    try:
        import av
    except ImportError:
        raise ValueError("MP4 needs the package av (pip install av); gif and webp need nothing") from None
    height, width = (scale * side for side in frames.shape[1:3])
    margins = ((0, height % 2), (0, width % 2), (0, 0))
    with av.open(os.fspath(file) if isinstance(file, os.PathLike) else file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", Fraction(fps).limit_denominator(1000))
        stream.height, stream.width, stream.pix_fmt = height + height % 2, width + width % 2, "yuv420p"
        stream.options = {"crf": str(VIDEO_QUALITY)}
        for frame in frames:
            picture = np.pad(_colour(enlarge(frame, scale)), margins)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
