"""Directions of latent space, and moving codes along them.

A direction belongs to z, or, of a generator with styles, to w. Its length is one standard deviation: the codes c that the
generator is given in training, projected on the unit vector û along the direction, û·c, spread by |vector|. The latents z come
from N(0, I), where that is 1 for every û; for styles it is measured on 4,096 fixed latents. So a strength of 2 moves by two
standard deviations, whatever the direction.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.experiment import Experiment
from playground.latent.entering import part_of
from playground.latent.spaces import MEAN_OF, MEAN_SEED, SPACES, decode, has_styles, to_styles
from playground.model import Model, draw_latents
from playground.samples import to_pixels

METHODS = ("pca", "sefa", "classes", "marked")
MAX_STRENGTH = 20.0
MAX_NAME = 60
SAMPLES = 2000  # latents that a direction is found from, where it is found from samples
NEGLIGIBLE = 1e-6  # of the largest: a share so small is rounding


@dataclass(frozen=True, eq=False)
class Direction:
    """A direction of the latent space of one kind of model.

    `vector` is float32, (latent_dim,) in "z" and (w_dim,) in "w", as long as one standard deviation of the codes along it
    (see the module's docstring). `method` is one of `METHODS`; `stages` names the entries it acts on (`layers.Entry`), None for
    all. `share` is its share of the variance ("pca") or of the sum of the eigenvalues ("sefa"), else None. `model` is the
    `model_key` of the model that it belongs to. Raises ValueError naming what cannot be.
    """

    name: str
    space: str
    vector: np.ndarray
    method: str
    model: str
    stages: tuple[str, ...] | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not 0 < len(self.name) <= MAX_NAME:
            raise ValueError(f"a direction's name must have 1 to {MAX_NAME} letters, not {shorten(self.name)}")
        if self.space not in SPACES:
            raise ValueError(f"unknown space {shorten(self.space)}; choose from: {', '.join(SPACES)}")
        if self.method not in METHODS:
            raise ValueError(f"unknown method {shorten(self.method)}; choose from: {', '.join(METHODS)}")
        if self.vector.ndim != 1 or not np.isfinite(self.vector).all():
            raise ValueError("a direction's vector must be one row of finite numbers")


def model_key(experiment: Experiment) -> str:
    """Return what a direction's model is known by, as JSON: architecture, data set with its options, and G's settings."""
    data = {key: value for key, value in experiment.settings().items() if key.startswith("data.")}
    generator = dataclasses.asdict(experiment.generator)
    key = {"architecture": experiment.architecture, "dataset": experiment.dataset, "data": data, "generator": generator}
    return json.dumps(key, sort_keys=True)


def space_of(model: Model) -> str:
    """Return the space that the model is steered in: w where it has styles, else z."""
    return "w" if has_styles(model) else "z"


def move(model: Model, codes: torch.Tensor, steps: Sequence[tuple[Direction, float]]) -> torch.Tensor:
    """Move codes along directions, each by a strength in standard deviations: codes + Σ strength · vector.

    Codes are latents (N, latent_dim) or styles (N, num_layers, w_dim); latents become styles first where a direction is
    one of w. A direction that acts on some stages moves only what enters there. Raises ValueError for a
    direction of another model, of z for styles, and for a strength outside -20..20.
    """
    for direction, strength in steps:
        _check(model, codes, direction, strength)
    if codes.ndim == 2 and any(direction.space == "w" for direction, _ in steps):
        codes = to_styles(model, codes)
    moved = codes.clone()
    for direction, strength in steps:
        vector = torch.from_numpy(direction.vector).to(codes)
        part = part_of(model, direction.stages).to(codes)
        moved += strength * (part[:, None] * vector if codes.ndim == 3 else part * vector)
    return moved


def strips(
    model: Model,
    code: torch.Tensor,
    directions: Sequence[Direction],
    strengths: Sequence[float],
    label: torch.Tensor | None = None,
) -> np.ndarray:
    """Make the pictures of one code (1, …) moved along each direction by each strength, uint8 (K * S, H, W, C).

    `label` is the code's class (1,) or mixture (1, num_classes). Raises ValueError as `move`.
    """
    codes = torch.cat([move(model, code, [(direction, float(s))]) for direction in directions for s in strengths])
    labels = None if label is None else label.expand(len(codes), *label.shape[1:])
    return to_pixels(decode(model, codes, labels))


def _check(model: Model, codes: torch.Tensor, direction: Direction, strength: float) -> None:
    check_model(direction, model)
    if direction.space == "z" and codes.ndim == 3:
        raise ValueError(f"{shorten(direction.name)} is a direction of z, and these codes are styles w")
    if isinstance(strength, bool) or not isinstance(strength, (int, float)) or not abs(strength) <= MAX_STRENGTH:
        raise ValueError(f"a strength must be a number from -{MAX_STRENGTH:.0f} to {MAX_STRENGTH:.0f}, not {shorten(strength)}")


def check_model(direction: Direction, model: Model) -> None:
    """Raise ValueError, saying which model a direction is for, unless it is for this one."""
    if direction.model != model_key(model.experiment):
        raise ValueError(f"{shorten(direction.name)} is a direction of {_named(direction.model)}, not of {named_model(model)}")
    size = model.experiment.generator.w_dim if has_styles(model) else model.experiment.generator.latent_dim
    if direction.space != space_of(model) or len(direction.vector) != size:
        found = f"{len(direction.vector)} numbers of {direction.space}"
        raise ValueError(f"{shorten(direction.name)} has {found}, but {named_model(model)} has {size} of {space_of(model)}")
    part_of(model, direction.stages)


def named_model(model: Model) -> str:
    """Name a model's kind in a sentence."""
    return _named(model_key(model.experiment))


def _named(key: str) -> str:
    """Name a model's kind by its key, in which a stranger may have written anything."""
    try:
        values: Any = json.loads(key)
        settings = values["data"] | {f"generator.{name}": value for name, value in values["generator"].items()}
        short = ", ".join(f"{name} {value}" for name, value in settings.items())
        return f"{str(values['architecture'])[:30]} on {str(values['dataset'])[:30]} ({short[:200]})"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "another model"


def codes_for(model: Model, latents: torch.Tensor) -> torch.Tensor:
    """Return latents (N, latent_dim) in the space that the model is steered in: themselves, or styles (N, w_dim)."""
    return to_styles(model, latents)[:, 0] if has_styles(model) else latents


def scaled(model: Model, vectors: torch.Tensor) -> np.ndarray:
    """Scale vectors (K, D) to one standard deviation of the codes along each: float32 (K, D).

    Raises ValueError for one that has no length, or is not finite.
    """
    vectors = vectors.double().cpu()
    lengths = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    if not torch.isfinite(lengths).all() or (lengths == 0).any():
        raise ValueError("no direction was found: the weights are not finite, or make the same of every code")
    unit = vectors / lengths
    if has_styles(model):
        codes = codes_for(model, draw_latents(MEAN_OF, model.experiment.generator.latent_dim, MEAN_SEED)).double().cpu()
        unit = unit * (codes @ unit.mT).std(0)[:, None]
    return unit.float().numpy()


def turned(vectors: torch.Tensor) -> torch.Tensor:
    """Give vectors (K, D), whose sign is free, the sign that makes the largest number of each positive."""
    largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
    return vectors * torch.where(largest < 0, -1, 1)
