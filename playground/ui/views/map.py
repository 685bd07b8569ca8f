"""A map of samples, for the browser: places, classes, scores, holes, and a thumbnail of every sample."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import torch

from playground.datasets._dataset import resize
from playground.evaluation.holes import Hole
from playground.exporting.pictures import grid, to_pillow
from playground.latent.mapping import UNKNOWN, SampleMap
from playground.model import Model
from playground.ui.views.image import sprite_json
from playground.ui.views.wants import plain

THUMBNAIL = 32  # pixels
MOST_BYTES = 1_400_000  # of all thumbnails
MOST_HOLES, EXAMPLES = 6, 5
QUALITY = 85


def map_of(model: Model, found: SampleMap, scores: np.ndarray) -> dict[str, Any]:
    """Describe a map: N samples, the real ones first, each with its class (-1 if unknown) and D's score."""
    coverage, projection = found.coverage, found.projection
    names = model.experiment.spec.classes
    return {
        "method": found.method,
        "count": len(found.seeds),
        "space": found.space,
        "step": model.shown_step,
        "architecture": model.experiment.architecture,
        "places": found.positions.round(4).tolist(),
        "num_real": int(found.real.sum()),
        "classes": found.classes.tolist(),
        "names": list(names) if (found.classes != UNKNOWN).any() else [],
        "indices": found.indices.tolist(),
        "seeds": found.seeds.tolist(),
        "labels": None if found.labels is None else found.labels.tolist(),
        "scores": plain(scores),
        "explained": None if projection is None else [round(float(share), 3) for share in projection.explained],
        "covered": None if coverage is None else round(coverage.share, 3),
        "floor": None if coverage is None else round(coverage.floor, 3),
        "num_holes": 0 if coverage is None else len(coverage.holes),
        "holes": [] if coverage is None else [_hole(found, hole, names) for hole in coverage.holes[:MOST_HOLES]],
        "sprite": thumbnails(found.pictures),
    }


def _hole(found: SampleMap, hole: Hole, names: tuple[str, ...]) -> dict[str, Any]:
    x, y, radius = (round(value, 4) for value in found.circle(hole.rows))
    common = found.commonest(hole.rows)
    mostly = names[common[0]] if common and common[1] > 0.5 and common[0] < len(names) else None
    numbers = {"missing": len(hole.rows), "size": hole.size, "expected": round(hole.expected, 3)}
    return {"x": x, "y": y, "radius": radius, "name": mostly, "rows": hole.rows[:EXAMPLES].tolist()} | numbers


def thumbnails(pictures: np.ndarray) -> dict[str, Any]:
    """Pack pictures, uint8 (N, H, W, C), of at most 32 pixels: exactly where that fits into 1.4 MB, else compressed."""
    if pictures.shape[1] > THUMBNAIL:
        small = resize(torch.from_numpy(pictures).permute(0, 3, 1, 2), THUMBNAIL)
        pictures = small.permute(0, 2, 3, 1).contiguous().numpy()
    sprite = sprite_json(pictures)
    if len(sprite["src"]) <= MOST_BYTES:
        return sprite
    buffer = io.BytesIO()
    sheet = grid(pictures, columns=sprite["columns"], padding=0)
    to_pillow(sheet).save(buffer, "WEBP", quality=QUALITY, method=0)
    return sprite | {"src": f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"}
