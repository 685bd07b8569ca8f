"""Directions from samples that differ in something: of two classes, or that a person likes and does not like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from playground.config import check_whole, shorten
from playground.evaluation import feature_net, features, predicted_classes
from playground.experiment import MAX_SEED
from playground.latent.directions import SAMPLES, Direction, codes_for, model_key, scaled, space_of
from playground.latent.entering import piece_of
from playground.latent.points import Point, codes_of
from playground.latent.spaces import mean_style
from playground.model import Model
from playground.samples import to_pixels

ENOUGH = 8  # marks for a regression
LEAST = 8  # samples of a class: the mean of fewer says little


def class_direction(model: Model, start: int, stop: int, *, seed: int = 0, samples: int = SAMPLES) -> Direction:
    """Find the direction from class `start` to class `stop`: see `finding_class_direction`, which shows its progress."""
    for progress in finding_class_direction(model, start, stop, seed=seed, samples=samples):
        found = progress
    return found


def why_no_classes(model: Model) -> str:
    """Say why there are no directions between classes, in a sentence; empty where there are."""
    experiment = model.experiment
    if experiment.num_classes:
        return "this model is told which class to make: choose the point's class instead of looking for it in z"
    if feature_net(experiment.dataset) is None:
        return f"no classifier for {experiment.dataset} comes with the program, so nobody can say which class a sample is of"
    return ""


def finding_class_direction(
    model: Model, start: int, stop: int, *, seed: int = 0, samples: int = SAMPLES
) -> Iterator[float | Direction]:
    """Yield how far the search is, from 0 to 1, and last the direction.

    It is the mean code of those of `samples` samples in which the data set's classifier sees class `stop`, minus
    that of class `start`. Raises ValueError for a conditional model, data without a classifier, a class that
    is none or of which there are fewer than 8 samples, and two classes that are the same.
    """
    problem = why_no_classes(model)
    if problem:
        raise ValueError(problem)
    names = model.experiment.spec.classes
    for label in (start, stop):
        check_whole("a class", label, 0, len(names) - 1)
    if start == stop:
        raise ValueError(f"a direction leads from one class to another, not from {names[start]} to itself")
    check_whole("seed", seed, 0, MAX_SEED)
    latents, seen, piece = model.latents(samples, seed), [], piece_of(model)
    for begin in range(0, samples, piece):
        yield begin / samples
        pictures = to_pixels(model.generate(latents[begin : begin + piece]))
        seen.append(predicted_classes(features(pictures, model.experiment.dataset), model.experiment.dataset))
    yield _between(model, (start, stop), codes_for(model, latents).cpu(), torch.cat(seen))


def _between(model: Model, labels: tuple[int, int], codes: torch.Tensor, seen: torch.Tensor) -> Direction:
    names = model.experiment.spec.classes
    for label in labels:
        count = int((seen == label).sum())
        if count < LEAST:
            raise ValueError(
                f"only {count} of {len(seen):,} samples look like {names[label]}; it takes {LEAST} to find a direction"
            )
    first, second = (codes[seen == label].mean(0) for label in labels)
    name = f"{names[labels[0]]} to {names[labels[1]]}"
    return _direction(model, second - first, name, "classes")


def marked_direction(model: Model, liked: Sequence[Point], disliked: Sequence[Point], name: str = "my marks") -> Direction:
    """Find the direction from what a person dislikes to what they like.

    From 8 marks on, with some on both sides, it is the normal of the border between them, by logistic regression (as in Shen
    2020, 1907.10786): it finds a known direction better, see the tests. With fewer it is the difference of the two
    means, where the middle of all codes stands in for a side without marks. Raises ValueError without any mark.
    """
    if not liked and not disliked:
        raise ValueError("mark at least one picture: more of this, or less of that")
    sides = [_codes(model, points) for points in (liked, disliked)]
    if liked and disliked and sum(map(len, sides)) >= ENOUGH:
        return _direction(model, border(*sides), name, "marked")
    means = [side.mean(0) if len(side) else _middle(model) for side in sides]
    return _direction(model, means[0] - means[1], name, "marked")


def border(liked: torch.Tensor, disliked: torch.Tensor) -> torch.Tensor:
    """Return the normal (D,) of the flat border between codes (N, D) and (M, D), by logistic regression."""
    from sklearn.linear_model import LogisticRegression  # takes a second to load, and is seldom wanted

    codes = torch.cat([liked, disliked]).double()
    codes = (codes - codes.mean(0)) / codes.std().clamp(min=torch.finfo(codes.dtype).tiny)
    sides = [1] * len(liked) + [0] * len(disliked)
    fitted = LogisticRegression().fit(codes.numpy(), sides)
    return torch.from_numpy(fitted.coef_[0]).float()


def _codes(model: Model, points: Sequence[Point]) -> torch.Tensor:
    """Return the codes (N, D) of points, of styles the mean over the sizes."""
    if not points:
        return torch.empty(0, len(_middle(model)))
    codes = codes_of(points, model, space_of(model)).cpu()
    return codes.mean(1) if codes.ndim == 3 else codes


def _middle(model: Model) -> torch.Tensor:
    return mean_style(model).cpu() if space_of(model) == "w" else torch.zeros(model.experiment.generator.latent_dim)


def _direction(model: Model, difference: torch.Tensor, name: str, method: str) -> Direction:
    if not torch.isfinite(difference).all() or not difference.any():
        raise ValueError(f"{shorten(name)} is no direction: the two sides have the same mean")
    return Direction(name, space_of(model), scaled(model, difference[None])[0], method, model_key(model.experiment))
