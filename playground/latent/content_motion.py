"""Films of some contents in some motions: parts of one latent vector put beside parts of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from playground.kinds import KINDS, draw, to_values
from playground.latent.spaces import decode
from playground.model import Model


@dataclass(frozen=True, eq=False)
class ContentMotion:
    """Hold a table of films: a content a row, a motion a column.

    `codes` are their latents (rows, columns, latent_dim), before truncation; `frames` uint8 (rows, columns, F, H, W, C), and
    `pictures` uint8 (rows, columns, H, W, C) what the films look like where they cannot play.
    """

    codes: torch.Tensor
    frames: np.ndarray
    pictures: np.ndarray


def tells_apart(model: Model) -> bool:
    """Say whether the model's generator tells content from motion: it then offers `content_slice` and `motion_slice` of z."""
    return hasattr(model.generator, "content_slice")


def recompose(model: Model, contents: torch.Tensor, motions: torch.Tensor) -> torch.Tensor:
    """Put the content part of each of `contents` (R, D) beside the motion part of each of `motions` (C, D): (R, C, D).

    Raises ValueError for a generator that does not tell the two apart.
    """
    if not tells_apart(model):
        raise ValueError(f"{model.experiment.architecture} does not tell content from motion")
    codes = contents[:, None].repeat(1, len(motions), 1)
    part = model.generator.motion_slice
    codes[..., part] = motions[:, part].to(codes)
    return codes


def content_motion(
    model: Model, contents: torch.Tensor, motions: torch.Tensor, *, truncation: float = 1.0, label: torch.Tensor | None = None
) -> ContentMotion:
    """Make a film of every content in every motion (Tulyakov 2018, 1707.04993, figure 6).

    `contents` (R, latent_dim) and `motions` (C, latent_dim) are latents, of which only the one part or the other counts.
    `label` is a mixture of classes (num_classes,), of a conditional model only. Raises ValueError for a generator that does
    not tell content from motion.
    """
    codes = recompose(model, contents, motions)
    flat, spec = codes.flatten(0, 1), model.experiment.spec
    labels = None if label is None else label.expand(len(flat), -1)
    values = to_values(decode(model, flat, labels, truncation), spec)
    films, pictures = KINDS[spec.kind].frames(values, spec), draw(values, spec)
    shapes = ((*codes.shape[:2], *made.shape[1:]) for made in (films, pictures))
    return ContentMotion(codes, *(made.reshape(shape) for made, shape in zip((films, pictures), shapes, strict=True)))
