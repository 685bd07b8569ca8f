"""Places in latent space as plain JSON, for links, files and the page: a seed, numbers, or a sum of others.

    {"seed": 7}                                   the latent that the seed draws
    {"values": "…"}                               its numbers: base64 of little-endian float32; z or, if longer, styles w
    {"sum": [[1, A], [-1, B], [1, C]]}            a sum of other points, brought back to the length latents usually have

Any of them may say `"label"`: a class, or a list of weights of the classes.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from playground.config import check_whole, shorten
from playground.experiment import MAX_SEED
from playground.latent.spaces import check_space, has_styles, to_styles
from playground.model import Model

MAX_POINTS = 64  # of a request, and of all the points inside a sum
MAX_DEPTH = 3
MAX_WEIGHT = 100.0


@dataclass(frozen=True, eq=False)
class Point:
    """Hold one code, a latent (latent_dim,) or styles (num_layers, w_dim), and a mixture of classes (num_classes,) or None."""

    code: torch.Tensor
    label: torch.Tensor | None = None

    @property
    def space(self) -> str:
        return "z" if self.code.ndim == 1 else "w"


def read_point(spec: Any, model: Model) -> Point:
    """Read a point of `model`'s latent space from JSON. Raises ValueError naming what is wrong with it."""
    return _Reader(model).point(spec, 0)


def read_points(specs: Any, model: Model, *, least: int = 1, most: int = MAX_POINTS) -> list[Point]:
    """Read a list of points from JSON. Raises ValueError for too few, too many, and as `read_point`."""
    if not isinstance(specs, (list, tuple)) or not least <= len(specs) <= most:
        raise ValueError(f"points must be a list of {least} to {most}, not {shorten(specs)}")
    return [read_point(spec, model) for spec in specs]


def write_point(point: Point) -> dict[str, Any]:
    """Write a point's numbers as JSON that `read_point` reads back bit for bit."""
    numbers = point.code.detach().cpu().contiguous().numpy().astype("<f4")
    spec: dict[str, Any] = {"values": base64.b64encode(numbers.tobytes()).decode()}
    if point.label is not None:
        weights = point.label.tolist()
        spec["label"] = weights.index(1.0) if sorted(weights)[-2:] == [0.0, 1.0] or weights == [1.0] else weights
    return spec


def codes_of(points: Sequence[Point], model: Model, space: str | None = None) -> torch.Tensor:
    """Return the points' codes in one space: latents (N, latent_dim), or styles (N, num_layers, w_dim).

    By default that is z, or w when a point has only styles. Raises ValueError for z of a point that has only styles.
    """
    space = space or ("w" if any(point.space == "w" for point in points) else "z")
    check_space(model, space)
    if space == "z":
        if any(point.space == "w" for point in points):
            raise ValueError("a point that was made in w has no latent z: look at it in w")
        return torch.stack([point.code for point in points])
    return torch.cat([to_styles(model, point.code[None]) if point.space == "z" else point.code[None] for point in points])


def labels_of(points: Sequence[Point]) -> torch.Tensor | None:
    """Return the points' mixtures of classes (N, num_classes), or None of a model without classes."""
    return None if points[0].label is None else torch.stack([point.label for point in points])


def usual_length(codes: torch.Tensor) -> torch.Tensor:
    """Scale latents (…, D) to length √D, which is where nearly all of N(0, 1) lies; zero stays zero.

    A mean of latents is shorter than any of them, a difference longer: the generator saw neither in training.
    """
    norm = torch.linalg.vector_norm(codes, dim=-1, keepdim=True)
    return codes * torch.where(norm > 0, math.sqrt(codes.shape[-1]) / norm, 1)


class _Reader:
    """Read points of one model, counting them: what comes from a stranger may be deep or wide."""

    def __init__(self, model: Model) -> None:
        self.model, self.left = model, MAX_POINTS

    def point(self, spec: Any, depth: int) -> Point:
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            raise ValueError(f"a point may be made of {MAX_POINTS} others, {MAX_DEPTH} deep, not more")
        kinds = {"seed": self._seed, "values": self._values, "sum": self._sum}
        found = [kind for kind in kinds if isinstance(spec, Mapping) and kind in spec]
        if len(found) != 1:
            raise ValueError(f"a point has one of: {', '.join(kinds)}; not {shorten(spec)}")
        point = kinds[found[0]](spec[found[0]], depth)
        return Point(point.code, self._label(spec["label"])) if spec.get("label") is not None else point

    def _seed(self, seed: Any, depth: int) -> Point:
        check_whole("a seed", seed, 0, MAX_SEED)
        return Point(self.model.latents(1, seed)[0], self._label(0))

    def _values(self, text: Any, depth: int) -> Point:
        try:
            numbers = np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
        except (TypeError, ValueError, binascii.Error):
            raise ValueError(f"values must be base64 of float32 numbers, not {shorten(text)}") from None
        shape = self._shape(len(numbers))
        if not np.isfinite(numbers).all() or np.abs(numbers).max() > MAX_WEIGHT:
            raise ValueError(f"values must be numbers between -{MAX_WEIGHT:.0f} and {MAX_WEIGHT:.0f}")
        return Point(torch.from_numpy(numbers).reshape(shape).to(self.model.device), self._label(0))

    def _shape(self, count: int) -> tuple[int, ...]:
        latent_dim = self.model.experiment.generator.latent_dim
        if count == latent_dim:
            return (latent_dim,)
        if has_styles(self.model):
            shape = (self.model.generator.num_layers, self.model.experiment.generator.w_dim)
            if count == math.prod(shape):
                return shape
        raise ValueError(f"this point has {count} numbers, but the model's latents have {latent_dim}")

    def _sum(self, terms: Any, depth: int) -> Point:
        if not isinstance(terms, (list, tuple)) or not terms:
            raise ValueError(f"sum must be a list of [weight, point], not {shorten(terms)}")
        parts = [self._term(term, depth + 1) for term in terms]
        codes = codes_of([point for _, point in parts], self.model)
        weights = torch.tensor([weight for weight, _ in parts]).to(codes)
        code = torch.einsum("n,n...->...", weights, codes)
        if code.ndim == 1:
            code = usual_length(code)
        elif weights.sum():  # styles have no usual length, but a middle: the weights' sum is brought to 1
            code = code / weights.sum()
        return Point(code, parts[0][1].label)

    def _term(self, term: Any, depth: int) -> tuple[float, Point]:
        if not isinstance(term, (list, tuple)) or len(term) != 2:
            raise ValueError(f"a term of a sum must be [weight, point], not {shorten(term)}")
        weight = term[0]
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not abs(weight) <= MAX_WEIGHT:
            raise ValueError(f"a weight must be a number between -{MAX_WEIGHT:.0f} and {MAX_WEIGHT:.0f}, not {shorten(weight)}")
        return float(weight), self.point(term[1], depth)

    def _label(self, label: Any) -> torch.Tensor | None:
        """Return a mixture of classes (num_classes,); None, whatever was asked for, of a model without classes."""
        num_classes = self.model.experiment.num_classes
        if not num_classes:
            return None
        if isinstance(label, (list, tuple)):
            return self._mixture(label, num_classes)
        check_whole("a class", label, 0, num_classes - 1)
        return torch.eye(num_classes)[label]

    def _mixture(self, weights: Sequence[Any], num_classes: int) -> torch.Tensor:
        whole = len(weights) == num_classes and all(
            isinstance(weight, (int, float)) and not isinstance(weight, bool) and 0 <= weight <= 1 for weight in weights
        )
        if not whole or not math.isclose(sum(weights), 1, abs_tol=1e-3):
            raise ValueError(f"a mixture must be {num_classes} weights from 0 to 1 with sum 1, not {shorten(weights)}")
        return torch.tensor(weights, dtype=torch.float32)
