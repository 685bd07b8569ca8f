"""What the panel "Find" is given: the target, a search as it goes, what it found, and the nearest training images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from playground.evaluation import Nearest, TrainingIndex
from playground.latent.inversion import EXACT, Inversion, Progress
from playground.latent.points import write_point
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.views.image import sprite_json
from playground.ui.views.sheet import class_names

LEVELS = 127.5  # grey levels of 255 in one unit of pixels from -1 to 1
COPY = 0.5  # of the usual distance between real ones: nearer than that, a picture passes for a copy
SHOWN, POINTS = 8, 200


def target(model: Model, picture: np.ndarray, done: dict[str, Any]) -> dict[str, Any]:
    """Show the target, uint8 (H, W, C), with what was done to it."""
    return {
        "sprite": sprite_json(picture[None]),
        "names": class_names(model.experiment),
        "colour": picture.shape[2] == 3,
    } | done


def started(wanted: np.ndarray) -> dict[str, Any]:
    return {"kind": "started", "sprite": sprite_json(wanted[None])}


def progress(wanted: np.ndarray, report: Progress, limit: float) -> dict[str, Any]:
    """Describe a search that goes on: target, best so far, their difference, and the starts still followed."""
    return {
        "kind": "progress",
        "stage": report.stage,
        "fraction": round(report.fraction, 3),
        "seconds": round(report.seconds, 1),
        "remaining": round(max(0.0, limit - report.seconds), 1),
        "step": report.step,
        "levels": _levels(report.error),
        "curve": _curve(report.curve),
        "sprite": _side_by_side(wanted, report.best),
        "starts": sprite_json(report.starts[:SHOWN], min(SHOWN, len(report.starts))),
    }


def found(model: Model, wanted: np.ndarray, result: Inversion, score: float) -> dict[str, Any]:
    """Describe what a search found."""
    label = None if result.point.label is None else class_names(model.experiment)[int(result.point.label.argmax())]
    return {
        "kind": "found",
        "point": write_point(result.point),
        "levels": _levels(result.error),
        "drawn_levels": _levels(result.drawn_error),
        "drawn": result.drawn,
        "exact": result.error < EXACT,
        "score": round(score, 2) if math.isfinite(score) else None,
        "label": label,
        "seconds": round(result.seconds, 1),
        "step": result.step,
        "curve": _curve(result.curve),
        "sprite": _side_by_side(wanted, to_pixels(result.sample[None])[0]),
    }


def reading(share: float) -> dict[str, Any]:
    return {"kind": "reading", "fraction": round(share, 3)}


def near(index: TrainingIndex, picture: np.ndarray, nearest: Nearest) -> dict[str, Any]:
    """Describe the training images nearest to one picture, uint8 (1, H, W, C), nearest first, as pixels and features differ."""
    rows = nearest.rows[0]
    pictures = index.values[rows].permute(0, 2, 3, 1).contiguous().numpy()
    by_features = nearest.features is not None
    usual = index.usual_features if by_features else index.usual_pixels
    distances = (nearest.features if by_features else nearest.pixels)[0].tolist()
    ratio = distances[0] / usual if usual else 1.0
    same = nearest.pixels[0].min().item() < COPY * index.usual_pixels and ratio < COPY
    return {
        "kind": "near",
        "sprite": sprite_json(np.concatenate([picture, pictures]), len(pictures) + 1),
        "features": [round(value, 2) for value in distances] if by_features else None,
        "levels": [_levels(value) for value in nearest.pixels[0].tolist()],
        "usual": round(usual, 2),
        "usual_levels": _levels(index.usual_pixels),
        "ratio": round(ratio, 2),
        "verdict": "copy" if same else "close" if ratio < 1 else "apart",
        "searched": len(index.values),
        "of": index.of,
    }


def refused(what: str, sentence: str) -> dict[str, Any]:
    """Say why there is no search, or why nothing is near."""
    return {"kind": "refused", "what": what, "sentence": sentence}


def _levels(error: float) -> float | None:
    return round(error * LEVELS, 1) if math.isfinite(error) else None


def _curve(errors: tuple[float, ...]) -> list[float | None]:
    """Thin a curve out to what a small picture shows; the last value stays."""
    stride = math.ceil(len(errors) / POINTS) or 1
    return [_levels(error) for error in (*errors[:-1:stride], *errors[-1:])]


def _side_by_side(wanted: np.ndarray, best: np.ndarray) -> dict[str, Any]:
    apart = np.abs(wanted.astype(np.int16) - best).astype(np.uint8)
    return sprite_json(np.stack([wanted, best, apart]), 3)
