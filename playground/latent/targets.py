"""Bring a drawing or a file of any kind to the form of the samples that a model makes."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from playground.config import shorten
from playground.datasets._files import MAX_FILE_BYTES
from playground.datasets._pictures import HEAD_BYTES, UnusablePicture, decode, is_picture
from playground.experiment import Experiment
from playground.model import Model
from playground.samples import to_unit

DECODED = 256  # pixels to a side that a file is read at
INK = 0.15  # of the whole range from background to ink: a pixel above it is part of the drawing
CENTRED = ("mnist", "digits", "fashion-mnist", "kmnist")
BOX, FRAME = 20, 28  # MNIST: ink scaled into 20×20, laid by its centre of mass into 28×28
MNIST_PADDING = 2


def to_target(model: Model, target: np.ndarray | torch.Tensor) -> torch.Tensor:
    """Return `target`, uint8 (H, W, C) or float (C, H, W) in [-1, 1], as float (C, H, W) of the model's shape.

    Raises ValueError for another shape, for other numbers, and for what is not finite.
    """
    shape = model.experiment.spec.shape
    values = target if isinstance(target, torch.Tensor) else torch.from_numpy(np.array(target))
    if values.dtype == torch.uint8 and values.ndim == 3 and tuple(values.permute(2, 0, 1).shape) == shape:
        return to_unit(values.permute(2, 0, 1))
    if values.is_floating_point() and tuple(values.shape) == shape:
        if not torch.isfinite(values).all() or values.abs().max() > 1 + 1e-3:
            raise ValueError("the target's pixels must be finite numbers from -1 to 1")
        return values.detach().float()
    wanted = "×".join(map(str, (*shape[1:], shape[0])))
    raise ValueError(f"the target must be uint8 of {wanted}, or float in the model's order, not {shorten(tuple(values.shape))}")


def read_picture(data: bytes) -> np.ndarray:
    """Decode a picture file cropped to its central square: uint8 (256, 256, 3). Raises ValueError with a sentence.

    The file may come from a stranger: the same limits hold as for one's own images in training.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"The picture has more than {MAX_FILE_BYTES // 1_000_000} MB.")
    if not is_picture(data[:HEAD_BYTES]):
        raise ValueError("This file is no picture that can be read here: PNG, JPEG, WebP, BMP or GIF.")
    try:
        return decode(data, DECODED)[0]
    except UnusablePicture as error:
        raise ValueError(f"This picture cannot be used: {error}.") from None


def is_light(picture: np.ndarray) -> bool:
    """Say whether the background of a picture, uint8 (H, W, C), is light: the median along its four edges."""
    grey = picture.mean(-1)
    return bool(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])) > 127)


def is_centred(experiment: Experiment) -> bool:
    """Say whether the model's data are of the kind that is centred by its ink: grey, light on dark, one thing in the middle."""
    return experiment.dataset in CENTRED and experiment.spec.shape[0] == 1


def prepare_target(
    experiment: Experiment, picture: np.ndarray, *, invert_colours: bool | None = None, centre: bool | None = None
) -> np.ndarray:
    """Bring a picture, uint8 (H, W, 1 or 3) of any size, to the shape of the model's samples: uint8 (H', W', C).

    `invert_colours` swaps light and dark; by default where the background is light and the data are white on black.
    `centre` crops to the ink and lays it in the middle by its mass as MNIST does (LeCun et al. 1998); by default for data
    made in that way. Otherwise the central square is taken. Raises ValueError for what is no picture.
    """
    _check(picture)
    channels, size, _ = experiment.spec.shape
    centred = is_centred(experiment) if centre is None else centre
    swap = is_centred(experiment) and is_light(picture) if invert_colours is None else invert_colours
    picture = 255 - picture if swap else picture
    if channels == 1:
        picture = np.asarray(_image(picture).convert("L"))[..., None]
    if not centred:
        return _fitted(_square(picture), size, channels)
    framed = centre_by_mass(picture.mean(-1).astype(np.float32))
    if experiment.dataset == "mnist" and size == FRAME + 2 * MNIST_PADDING:
        framed = np.pad(framed, MNIST_PADDING)  # as the data are, crisp
    return _fitted(framed.round().astype(np.uint8)[..., None], size, channels)


def centre_by_mass(grey: np.ndarray, box: int = BOX, frame: int = FRAME) -> np.ndarray:
    """Scale the ink of a picture, float (H, W) bright on dark, into `box` pixels, and lay its centre of mass in the middle.

    Returns float (frame, frame) from 0 to 255. A picture without ink stays empty.
    """
    dark = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    ink = np.clip(grey - dark, 0, None)
    found = np.argwhere(ink > INK * max(1.0, float(ink.max())))
    result = np.zeros((frame, frame), np.float32)
    if not len(found) or ink.max() < 8:  # nothing but noise
        return result
    (top, left), (bottom, right) = found.min(0), found.max(0) + 1
    ink = ink[top:bottom, left:right] * (255 / ink.max())
    scale = box / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    small = np.asarray(
        Image.fromarray(ink).resize((width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    )
    small = np.clip(small, 0, 255)
    rows, columns = np.indices(small.shape)
    mass = small.sum()
    y = round((frame - 1) / 2 - float((rows * small).sum() / mass))
    x = round((frame - 1) / 2 - float((columns * small).sum() / mass))
    y, x = min(max(y, 0), frame - height), min(max(x, 0), frame - width)
    result[y : y + height, x : x + width] = small
    return result


def _check(picture: np.ndarray) -> None:
    right = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3
    if not right or picture.shape[2] not in (1, 3) or min(picture.shape[:2]) < 2:
        raise ValueError(f"a picture must be uint8 (H, W, 1 or 3), not {shorten(getattr(picture, 'shape', picture))}")


def _image(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)


def _square(picture: np.ndarray) -> np.ndarray:
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


def _fitted(picture: np.ndarray, size: int, channels: int) -> np.ndarray:
    resized = _image(picture).convert("L" if channels == 1 else "RGB")
    if resized.size != (size, size):
        resized = resized.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(resized).reshape(size, size, channels)
