"""Points as the page draws them: real and made ones, what D says of the plane, pulls, and how G bends z."""

from __future__ import annotations

import base64
import dataclasses
import functools
import math
import pathlib
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.evaluation.divergences import grid_divergences
from playground.experiment import Experiment
from playground.inspection.cloud import SPAN, manifold, neutral, pulls, surface
from playground.model import SHEET_SEED, Model
from playground.samples import Samples
from playground.ui.session import Session

KIND = "points"
SHOWN = 400  # points of either sort
PULLED = 100  # of the made ones, that have an arrow
JUDGED = 1000  # made points behind the figures
REFERENCE = 5000  # real points that they are compared with


def cloud(session: Session) -> dict[str, Any]:
    """Describe the plane of the model in view, or of the data alone before there is one; hidden where samples are no points."""
    model = session.shown
    experiment = model.experiment if model else session.experiment
    if experiment.spec.kind != KIND:
        return {"shown": False}
    samples = samples_of(experiment)
    plain = {"shown": True, "model": session.id if model else None, "span": SPAN, "real": packed(samples.values[:SHOWN])}
    plain |= {"data": [experiment.data.shape, experiment.data.drawn], "latent_dim": experiment.generator.latent_dim}
    plain["shapes"] = list(_choices(experiment.data))
    return plain | (plane(model, samples) if model else {"step": 0, "figures": []})


@torch.no_grad()
def plane(model: Model, samples: Samples) -> dict[str, Any]:
    """Describe all that the two networks make of the plane; numbers are packed float32."""
    made = model.generate(model.latents(JUDGED, SHEET_SEED)).float().cpu()
    real = samples.values[torch.arange(SHOWN) % len(samples)]
    fake = made[:SHOWN]
    border, sure = neutral(model, real, fake)
    return {
        "step": model.shown_step,
        "fake": packed(fake),
        "pulls": packed(pulls(model, fake[:PULLED], real[:PULLED])),
        "surface": packed(surface(model)),
        "border": border,
        "sure": sure,
        "manifold": packed(manifold(model)),
        "figures": figures(model.experiment, made),
    }


def figures(experiment: Experiment, made: torch.Tensor) -> list[dict[str, Any]]:
    """Judge made points (N, 2): name, value, and what real points reach. A number is None where a point is not finite."""
    floor = _of_real(experiment.dataset, experiment.data)
    known = _figures(experiment, made) if torch.isfinite(made).all() else {}
    return [{"name": name, "value": _plain(known.get(name)), "real": _plain(value)} for name, value in floor.items()]


def _choices(data: Any) -> tuple[str, ...]:
    return next(spec.metadata["choices"] for spec in dataclasses.fields(data) if spec.name == "shape")


def samples_of(experiment: Experiment) -> Samples:
    """Return the points that an experiment is to imitate; the last few sets are kept."""
    return _loaded(experiment.dataset, experiment.data, data_root())


def packed(values: np.ndarray | torch.Tensor) -> str:
    """Write numbers as base64 of little-endian float32: a quarter of what JSON would take. What is not finite becomes 0."""
    plain = np.nan_to_num(np.asarray(values, dtype="<f4"), posinf=0, neginf=0)
    return base64.b64encode(plain.tobytes()).decode()


def _figures(experiment: Experiment, points: torch.Tensor) -> dict[str, float]:
    own = DATASETS[experiment.dataset].figures
    known = own(points.clamp(-1, 1), experiment.data) if own else {}
    kl, js = grid_divergences(samples_of(experiment).values[-REFERENCE:], points)
    return known | {"kl": kl, "js": js}


@functools.lru_cache(maxsize=16)
def _of_real(dataset: str, data: Any) -> dict[str, float]:
    """Return the figures of real points, which are as good as they come."""
    experiment = Experiment("points-gan", dataset, data=data)
    return _figures(experiment, samples_of(experiment).values[:JUDGED])


@functools.lru_cache(maxsize=8)
def _loaded(dataset: str, data: Any, root: pathlib.Path) -> Samples:
    return DATASETS[dataset].load(data, root)


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")


def read_drawing(value: Any) -> str:
    """Return a drawing that the page sends. Raises ValueError for what is none: the data set checks the rest."""
    if not isinstance(value, str):
        raise ValueError(f"a drawing is a line of letters, not {shorten(value)}")
    return value
