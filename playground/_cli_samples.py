"""Samples of any kind as files."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
import torch

from playground.exporting import film_grid, grid, save_animation, save_picture
from playground.exporting.animations import MAX_FPS
from playground.kinds import KINDS, draw
from playground.model import Model

FILMS = (".gif", ".webp", ".mp4")
SUFFIXES = (".png", ".npz", ".txt", *FILMS)


def write_samples(
    file: BinaryIO, suffix: str, model: Model, values: torch.Tensor, every_class: bool, settings: dict[str, Any]
) -> None:
    """Write samples, as data sets hold them, in the form that `suffix` names.

    Where they are of `every_class`, of which each gets a column. Raises ValueError for a form that such samples do not have.
    """
    spec = model.experiment.spec
    kind = KINDS[spec.kind]
    columns = (model.experiment.num_classes if every_class else 0) or None
    if suffix == ".npz":
        np.savez_compressed(file, samples=draw(values, spec) if kind.name == "image" else values.numpy())
    elif suffix == ".png":
        save_picture(file, grid(draw(values, spec), columns=columns), settings=settings)
    elif suffix == ".txt" and kind.in_words is not None:
        file.write("".join(f"{line}\n" for line in kind.in_words(values, spec)).encode())
    elif suffix in FILMS and kind.frames is not None:
        fps = min(MAX_FPS, max(1.0, spec.rate))
        save_animation(file, film_grid(kind.frames(values, spec), columns=columns), kind=suffix[1:], fps=fps)
    else:
        what = "lines of text" if suffix == ".txt" else "films"
        raise ValueError(f"this checkpoint makes {kind.title.lower()}, which cannot be written as {what} ({suffix})")
