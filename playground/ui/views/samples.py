"""Samples of any kind for the browser: as pictures, as lines of words, as clips that move, and whether they can be heard."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from playground.kinds import KINDS, draw
from playground.samples import SampleSpec
from playground.ui.views.image import sprite_json


def shown(
    values: torch.Tensor, spec: SampleSpec, columns: int | None = None, judged: np.ndarray | None = None
) -> dict[str, Any]:
    """Describe N samples, as data sets hold them, for a component.

    `sprite` holds their pictures, or, where they move, `frames` pictures of each one after another, to be played at `rate` a
    second; `columns` is how they are laid out. Samples of words come as `lines` instead, each a list of [text, what D thinks
    of it or null], by `judged` (N, T), D's judgement of every step. `sound` says that they can be heard.
    """
    kind = KINDS[spec.kind]
    wide = columns or math.isqrt(len(values) - 1) + 1
    about = {"columns": wide, "count": len(values), "frames": 0, "rate": spec.rate, "lines": [], "sound": bool(kind.sound)}
    if spec.vocabulary and kind.in_words is not None and kind.sound is None:
        return about | {"sprite": None, "lines": _lines(values, spec, judged)}
    if kind.frames is not None:
        clips = kind.frames(values, spec)  # (N, frames, H, W, C)
        frames = clips.shape[1]
        return about | {"sprite": sprite_json(clips.reshape(-1, *clips.shape[2:]), frames), "frames": frames}
    return about | {"sprite": sprite_json(draw(values, spec), wide)}


def _lines(values: torch.Tensor, spec: SampleSpec, judged: np.ndarray | None) -> list[list[list[Any]]]:
    lines = KINDS[spec.kind].in_words(values, spec)
    scores = np.full(values.shape[:2], np.nan) if judged is None else judged
    return [pieces(line, row.tolist(), spec, score) for line, row, score in zip(lines, values, scores, strict=True)]


def pieces(line: str, tokens: list[int], spec: SampleSpec, scores: np.ndarray) -> list[list[Any]]:
    """Cut a line at its tokens, each with the blank before it and its score; None for what no score is known of."""
    found, place = [], 0
    for token, score in zip(tokens, scores.tolist(), strict=True):
        text = spec.vocabulary[token]
        start = line.find(text, place) if text.strip() else place
        if not text or start < 0 or line[place:start].strip() or start + len(text) > len(line):
            continue  # what is not written, such as the end of the text
        found.append([line[place : start + len(text)], round(score, 3) if math.isfinite(score) else None])
        place = start + len(text)
    rest = line[place:]
    return found + ([[rest, None]] if rest.strip() else [])
