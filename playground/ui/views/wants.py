"""What D wants, for the browser: pictures with their scores, gradients as signed bytes, and the scores' histograms."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import torch

from playground.inspection import Scores, Wants
from playground.losses import LOSSES
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.views.image import sprite_json
from playground.ui.views.sheet import class_names


def wanted(model: Model, found: Wants, labels: torch.Tensor | None) -> dict[str, Any]:
    """Describe samples: their pictures, and of each its score, the strength and the map of its gradient, and its class."""
    names = class_names(model.experiment)
    return judged(found) | {
        "maps": base64.b64encode((found.maps() * 127).round().astype(np.int8).tobytes()).decode(),
        "norms": plain(found.norms),
        "classes": names,
        "labels": [] if labels is None else [names[label] for label in labels.tolist()],
        "border": border(model),
    }


def judged(found: Wants) -> dict[str, Any]:
    """Describe samples by their pictures and scores alone."""
    return {"sprite": sprite_json(to_pixels(torch.from_numpy(found.samples))), "scores": plain(found.logits)}


def spread(model: Model, found: Scores) -> dict[str, Any]:
    """Describe how real and fake scores lie: histograms with edges in common, means, and how well D separates them."""
    edges, real, fake = found.histograms()
    return {
        "edges": plain(edges),
        "real": real.tolist(),
        "fake": fake.tolist(),
        "means": plain(np.array([found.real.mean() if len(found.real) else math.nan, found.fake.mean()])),
        "separation": plain(np.array([found.separation]))[0],
        "border": border(model),
    }


def border(model: Model) -> float | None:
    """Return the score above which D says real; None for one that never learnt."""
    return LOSSES[model.experiment.recipe.loss].border if model.step else None


def plain(values: np.ndarray) -> list[float | None]:
    """Turn numbers into what JSON knows, four digits each; None stands for NaN and infinity."""
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values.tolist()]
