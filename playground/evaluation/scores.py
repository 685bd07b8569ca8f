"""The quality of a model in figures, each between its floor (real against real) and its untrained start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from playground.config import shorten
from playground.datasets._dataset import resize
from playground.evaluation.classes import class_coverage
from playground.evaluation.features import features
from playground.evaluation.frechet import frechet_distance
from playground.evaluation.kernel import kernel_distance
from playground.evaluation.manifold import density_coverage, precision_recall
from playground.evaluation.neighbours import nearest_neighbours
from playground.evaluation.wasserstein import patches, sliced_wasserstein
from playground.experiment import MAX_SEED
from playground.model import Model
from playground.samples import Samples

# What the shipped classifier was trained on. The 8×8 `digits` fill their frame: it names 45% of them right (72% when
# they are framed as MNIST's are). Fashion-MNIST and KMNIST are grey and of this size but show no digits.
FEATURE_DATASETS = frozenset({"mnist"})
FEATURE_NET = "cnn-v1"
MIN_COUNT, MAX_COUNT = 10, 10_000
WIDTH = 16  # at which whole pictures are compared: noise counts less than shape, and it takes a quarter of the time of 32


@dataclass(frozen=True)
class Score:
    """One figure. The name carries feature net and count; the nearer `value` is to `floor`, the better.

    `floor` is what real samples get against other real ones, `untrained` what the experiment's starting weights get.
    """

    name: str
    value: float
    floor: float
    untrained: float


@dataclass(frozen=True)
class Evaluation:
    """The figures of one model. `count` samples are on either side of each; `note` says how to read them."""

    dataset: str
    count: int
    seed: int
    note: str
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class _Real:
    """Two disjoint sets of real images, `count` each, and all of the training images.

    The reference is held out where the data set has a test split; else `own` (count,) are its training rows.
    """

    reference: torch.Tensor
    other: torch.Tensor
    training: Samples
    own: torch.Tensor | None


def evaluate(model: Model, samples: Samples, test: Samples | None = None, count: int = 2000, seed: int = 0) -> Evaluation:
    """Measure `count` made samples against as many real ones.

    `samples` are what the model was trained on, at its resolution. The real side is `test`, and the floor training
    against test; without `test`, both are halves of the training samples. Fewer samples on disk lower the count. The
    seed fixes latents, the choice of real samples, projections and patches.
    Raises ValueError for a count or seed out of range, and for samples that are not the model's kind or size.
    """
    _check(model, samples, test, count, seed)
    real = _choose(samples, test, count, seed)
    count = len(real.reference)
    untrained = Model.untrained(model.experiment)
    made, bad = (torch.from_numpy(each.sample(count, seed)).permute(0, 3, 1, 2) for each in (model, untrained))
    dataset = model.experiment.dataset
    rows = [_measure(images, real, dataset, seed) for images in (made, real.other, bad)]
    scores = [Score(f"{name} {_short(count)}", *(row[name] for row in rows)) for name in rows[0]]
    scores.append(Score(f"nearest training image, ratio {_short(count)}", *_closeness(made, bad, real)))
    return Evaluation(dataset, count, seed, _note(dataset, test is not None), tuple(scores))


def _check(model: Model, samples: Samples, test: Samples | None, count: int, seed: int) -> None:
    for name, value, low, high in (("count", count, MIN_COUNT, MAX_COUNT), ("seed", seed, 0, MAX_SEED)):
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"{name} must be a whole number between {low} and {high}, not {shorten(value)}")
    wanted = model.experiment.spec.shape
    for given in (samples, samples if test is None else test):
        if given.values.shape[1:] != wanted:
            raise ValueError(f"samples must be of shape {wanted}, as the model's, not {tuple(given.values.shape[1:])}")
    available = len(samples) // 2 if test is None else min(len(samples), len(test))
    if available < MIN_COUNT:
        raise ValueError(f"{available} real samples on either side are too few to measure anything: take {MIN_COUNT} or more")


def _choose(samples: Samples, test: Samples | None, count: int, seed: int) -> _Real:
    source = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(samples), generator=source)
    if test is None:
        count = min(count, len(samples) // 2)
        own = order[:count]
        return _Real(samples.values[own], samples.values[order[count : 2 * count]], samples, own)
    count = min(count, len(samples), len(test))
    held_out = torch.randperm(len(test), generator=source)[:count]
    return _Real(test.values[held_out], samples.values[order[:count]], samples, None)


def _measure(images: torch.Tensor, real: _Real, dataset: str, seed: int) -> dict[str, float]:
    """Return every figure but that of the neighbours of uint8 images (count, C, H, W)."""
    by_features = dict(_by_features(images, real)) if dataset in FEATURE_DATASETS else {}
    return by_features | dict(_by_pixels(images, real, seed))


def _by_features(images: torch.Tensor, real: _Real) -> Iterator[tuple[str, float]]:
    reference, made = features(real.reference), features(images)
    yield f"MNIST-FD {FEATURE_NET}", frechet_distance(reference, made)
    yield f"MNIST-KID {FEATURE_NET}", kernel_distance(reference, made)
    for names, metric in ((("precision", "recall"), precision_recall), (("density", "coverage"), density_coverage)):
        for name, value in zip(names, metric(reference, made), strict=True):
            yield f"{name} {FEATURE_NET}", value
    labels = load_feature_net().head(made).argmax(1)
    for name, value in zip(("classes made", "class KL"), class_coverage(real.training.labels, labels), strict=True):
        yield f"{name} {FEATURE_NET}", value


def _by_pixels(images: torch.Tensor, real: _Real, seed: int) -> Iterator[tuple[str, float]]:
    def cut(images: torch.Tensor) -> torch.Tensor:
        return patches(images, torch.Generator().manual_seed(seed))

    def slices(first: torch.Tensor, second: torch.Tensor) -> float:
        return sliced_wasserstein(first, second, torch.Generator().manual_seed(seed))

    yield "sliced Wasserstein, 7×7 patches", slices(cut(real.reference), cut(images))
    yield (
        f"sliced Wasserstein, {WIDTH}×{WIDTH} pixels",
        slices(_flat(real.reference).float() / 255, _flat(images).float() / 255),
    )


def _closeness(made: torch.Tensor, bad: torch.Tensor, real: _Real) -> tuple[float, float, float]:
    """Return how far images lie from the training images, as a ratio of medians to how far other real ones do.

    Of the made ones, of one half of the reference against the other half, and of the untrained generator's. Well below 1
    the made ones are copies, or much plainer than the data.
    """
    training = _flat(real.training.values)
    yardstick = nearest_neighbours(_flat(real.reference), training, real.own)[1]
    unit = _median(yardstick)
    value, untrained = (_median(nearest_neighbours(_flat(images), training)[1]) / unit for images in (made, bad))
    half = len(yardstick) // 2
    return value, _median(yardstick[:half]) / _median(yardstick[half:]), untrained


def _median(gaps: torch.Tensor) -> float:
    """Return the median of distances between uint8 pictures, at least one grey level in one pixel."""
    return max(1.0, gaps.median().item())


def _flat(images: torch.Tensor) -> torch.Tensor:
    return resize(images, WIDTH).flatten(1)  # uint8 (N, C * 256)


def _short(count: int) -> str:
    return f"{count / 1000:g}k" if count >= 1000 else str(count)


def _note(dataset: str, held_out: bool) -> str:
    floor = "training against test images" if held_out else "one half of the data against the other: there is no test split"
    net = "" if dataset in FEATURE_DATASETS else f" Pixels only: there is no feature net for {dataset}."
    return f"Nearer to the floor is better. Floor: {floor}.{net}"
