"""The ladder drawn as pictures: z, the maps of every stage, the picture and D's score, for one latent or along a walk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.model import Model
from playground.samples import to_pixels

TOP = 4  # maps of each stage
SIDE = 128  # pixels that the image, and maps of its size, are wide
LOOKED_AT = 8  # frames that the choice of maps and the grey scales go by
GAP, HEAD, LETTERS = 8, 40, 12
PAPER, INK, SOFT = (255, 255, 255), (29, 38, 54), (90, 98, 112)
ACTORS = {"generator": (230, 159, 0), "discriminator": (0, 114, 178)}
BELOW, ABOVE = np.array([0, 114, 178]), np.array([230, 159, 0])  # colours of z's numbers under and over 0
PALE, STRONG = 245, 2.2  # grey of a 0 in z, and the number that has the full colour

Codes = list[tuple[torch.Tensor, "torch.Tensor | None"]]


@dataclass(frozen=True)
class Column:
    """How one stage is drawn in every frame: its maps, by their places among its channels, and its grey scale."""

    network: str
    stage: str
    shape: tuple[int, ...]
    channels: tuple[int, ...]
    low: float
    high: float


def ladder_frames(model: Model, latents: torch.Tensor, labels: torch.Tensor | None = None) -> Iterator[np.ndarray]:
    """Draw the ladder for each of latents (N, latent_dim): frames uint8 (H, W, 3), one after the other, all of one size.

    Each column is a stage with its maps at their sizes: the four that are most active over the walk, the same in every
    frame and on one grey scale for all. `labels` are mixtures of classes (N, num_classes). Raises ValueError for latents
    of another size.
    """
    codes: Codes = [(latent, None if labels is None else labels[n]) for n, latent in enumerate(latents)]
    columns = _columns(model, codes)
    for latent, label in codes:
        maps = {(found.network, found.stage): found for found in feature_maps(model, latent, label)}
        yield np.asarray(_drawn(columns, maps, latent, model.experiment.spec.shape[1]))


def ladder_picture(model: Model, latent: torch.Tensor, label: torch.Tensor | None = None) -> np.ndarray:
    """Draw the ladder for one latent (latent_dim,): uint8 (H, W, 3). Otherwise as `ladder_frames`."""
    return next(ladder_frames(model, latent[None], None if label is None else label[None]))


def _columns(model: Model, codes: Codes) -> list[Column]:
    places = sorted({round(n) for n in np.linspace(0, len(codes) - 1, LOOKED_AT)})
    seen = [feature_maps(model, *codes[place]) for place in places]
    return [_column(list(moments)) for moments in zip(*seen, strict=True)]


def _column(moments: list[StageMaps]) -> Column:
    first = moments[0]
    values = np.stack([_in_order(maps) for maps in moments])  # (T, C, H, W)
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, (0.5, 99.5)) if known.size else (0.0, 1.0)
    active = np.nan_to_num(np.abs(values)).mean((0, 2, 3))
    channels = np.argsort(-active, kind="stable")[:TOP]
    return Column(first.network, first.stage, first.shape, tuple(channels.tolist()), min(float(low), 0.0), float(high))


def _in_order(maps: StageMaps) -> np.ndarray:
    return maps.values[np.argsort(maps.channels)]


def _drawn(columns: list[Column], maps: dict[tuple[str, str], StageMaps], latent: torch.Tensor, size: int) -> Image.Image:
    scale = max(1, SIDE // size)
    widths = [_width(column, scale) for column in columns]
    height = HEAD + GAP + max(SIDE, *(_height(column, scale) for column in columns))
    frame = Image.new("RGB", (SIDE + 2 * GAP + sum(width + GAP for width in widths), height), PAPER)
    pen = ImageDraw.Draw(frame)
    _head(pen, GAP, SIDE, "generator", "z", str(latent.numel()))
    frame.paste(_latent(latent).resize((SIDE, SIDE), Image.Resampling.NEAREST), (GAP, HEAD))
    left = SIDE + 2 * GAP
    for column, width in zip(columns, widths, strict=True):
        _head(pen, left, width, column.network, column.stage, "x".join(map(str, column.shape)))
        found = maps[column.network, column.stage]
        if column.shape:
            _paste(frame, column, found, left, scale)
        else:
            pen.text((left, HEAD), f"{found.values.flat[0]:.2f}", fill=ACTORS[column.network], font=_font(20))
        left += width + GAP
    return frame


def _width(column: Column, scale: int) -> int:
    map_width = column.shape[-1] * scale if len(column.shape) == 3 else SIDE
    text = max(len(column.stage), len("x".join(map(str, column.shape))))
    return max(map_width, round(text * LETTERS * 0.62))


def _height(column: Column, scale: int) -> int:
    each = column.shape[1] * scale if len(column.shape) == 3 else SIDE
    return (1 if _is_picture(column) else len(column.channels)) * (each + GAP)


def _is_picture(column: Column) -> bool:
    """Say whether the stage is G's image in colours, which is drawn as such and not channel by channel."""
    return len(column.shape) == 3 and column.network == "generator" and column.shape[0] == 3


def _head(pen: ImageDraw.ImageDraw, left: int, width: int, network: str, name: str, size: str) -> None:
    pen.rectangle((left, 2, left + width - 1, 4), fill=ACTORS[network])
    pen.text((left, 7), name, fill=INK, font=_font(LETTERS))
    pen.text((left, 22), size, fill=SOFT, font=_font(LETTERS))


def _paste(frame: Image.Image, column: Column, maps: StageMaps, left: int, scale: int) -> None:
    values, top = _in_order(maps), HEAD
    pictures = (
        [to_pixels(torch.from_numpy(values)[None])[0]]
        if _is_picture(column)
        else [_grey(values[n], column) for n in column.channels]
    )
    for picture in pictures:
        image = Image.fromarray(picture)
        sides = (image.width * scale, image.height * scale) if len(column.shape) == 3 else (SIDE, SIDE)
        frame.paste(image.resize(sides, Image.Resampling.NEAREST).convert("RGB"), (left, top))
        top += sides[1] + GAP


def _grey(plane: np.ndarray, column: Column) -> np.ndarray:
    scaled = (plane - column.low) / max(column.high - column.low, 1e-8) * 255
    return np.nan_to_num(scaled, nan=255.0).clip(0, 255).astype(np.uint8)


def _latent(latent: torch.Tensor) -> Image.Image:
    """Draw z as squares: blue below 0, orange above."""
    numbers = latent.flatten().float().cpu().numpy()
    side = int(np.ceil(np.sqrt(numbers.size)))
    strength = np.pad((np.abs(numbers) / STRONG).clip(0, 1), (0, side**2 - numbers.size))[:, None]
    hue = np.where(np.pad(numbers, (0, side**2 - numbers.size))[:, None] < 0, BELOW, ABOVE)
    pixels = PALE + (hue - PALE) * strength
    return Image.fromarray(pixels.round().astype(np.uint8).reshape(side, side, 3))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
