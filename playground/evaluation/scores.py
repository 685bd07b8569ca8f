"""The quality of a model in figures, each between its floor (real against real) and its untrained start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from playground.config import check_whole
from playground.datasets._dataset import resize
from playground.evaluation.classes import class_coverage, right_class
from playground.evaluation.features import FeatureNet, feature_net, features, predicted_classes
from playground.evaluation.frechet import frechet_distance
from playground.evaluation.inception import inception_features, load_inception
from playground.evaluation.kernel import kernel_distance
from playground.evaluation.manifold import density_coverage, precision_recall
from playground.evaluation.neighbours import nearest_neighbours
from playground.evaluation.wasserstein import patches, sliced_wasserstein
from playground.experiment import MAX_SEED
from playground.model import Model
from playground.samples import Samples

MIN_COUNT, MAX_COUNT = 10, 10_000
WIDTH = 16  # at which whole pictures are compared: noise counts less than shape, and it takes a quarter of the time of 32
PIXEL_NAME = f"sliced Wasserstein, {WIDTH}×{WIDTH} pixels"


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

    The reference is held out where the data set has a test split; else `own` (count,) are its training rows. `labels`
    (count,) are the classes of `other`, if the data have any.
    """

    reference: torch.Tensor
    other: torch.Tensor
    labels: torch.Tensor | None
    training: Samples
    own: torch.Tensor | None


@dataclass(frozen=True)
class _Made:
    """Images to measure, uint8 (count, C, H, W), and the classes that were asked for, (count,), if any."""

    images: torch.Tensor
    wanted: torch.Tensor | None = None


def evaluate(
    model: Model,
    samples: Samples,
    test: Samples | None = None,
    count: int = 2000,
    seed: int = 0,
    inception: str | os.PathLike | None = None,
) -> Evaluation:
    """Measure `count` made samples against as many real ones.

    `samples` are what the model was trained on, at its resolution. The real side is `test`, and the floor training
    against test; without `test`, both are halves of the training samples. Fewer samples on disk lower the count. The
    seed fixes latents, the choice of real samples, projections and patches. `inception` is a file of weights for the
    usual FID as well (see `load_inception`); it takes minutes on a CPU.
    Raises ValueError for a count or seed out of range, for samples that are not the model's kind or size, and for
    weights that cannot be used.
    """
    _check(model, samples, test, count, seed)
    network = None if inception is None else load_inception(inception)
    real = _choose(samples, test, count, seed)
    count = len(real.reference)
    made, bad = (_sampled(each, count, seed) for each in (model, Model.untrained(model.experiment)))
    other = _Made(real.other, None if made.wanted is None else real.labels)
    dataset = model.experiment.dataset
    rows = [_measure(images, real, dataset, seed) for images in (made, other, bad)]
    if network is not None:
        for row, distance in zip(rows, _inception_distances(real, (made, other, bad), network), strict=True):
            row["Inception-FID"] = distance
    scores = [Score(f"{name} {short_count(count)}", *(row[name] for row in rows)) for name in rows[0]]
    scores.append(Score(f"nearest training image, ratio {short_count(count)}", *_closeness(made.images, bad.images, real)))
    note = _note(dataset, test is not None, network is not None)
    return Evaluation(dataset, count, seed, note, tuple(scores))


def _check(model: Model, samples: Samples, test: Samples | None, count: int, seed: int) -> None:
    check_whole("count", count, MIN_COUNT, MAX_COUNT)
    check_whole("seed", seed, 0, MAX_SEED)
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
        own, others = order[:count], order[count : 2 * count]
        reference = samples.values[own]
    else:
        count = min(count, len(samples), len(test))
        own, others = None, order[:count]
        reference = test.values[torch.randperm(len(test), generator=source)[:count]]
    labels = None if samples.labels is None else samples.labels[others]
    return _Real(reference, samples.values[others], labels, samples, own)


def _sampled(model: Model, count: int, seed: int) -> _Made:
    return _Made(torch.from_numpy(model.sample(count, seed)).permute(0, 3, 1, 2), model.labels(count))


def _measure(made: _Made, real: _Real, dataset: str, seed: int) -> dict[str, float]:
    """Return every figure of images but those of Inception and of the neighbours."""
    return dict(_by_features(made, real, dataset)) | dict(_by_pixels(made.images, real, seed))


def _by_features(made: _Made, real: _Real, dataset: str) -> Iterator[tuple[str, float]]:
    network = feature_net(dataset)
    if network is None:
        return
    reference, rows = features(real.reference, dataset), features(made.images, dataset)
    yield frechet_name(network), frechet_distance(reference, rows)
    yield f"{network.title}-KID {network.version}", kernel_distance(reference, rows)
    for names, metric in ((("precision", "recall"), precision_recall), (("density", "coverage"), density_coverage)):
        for name, value in zip(names, metric(reference, rows), strict=True):
            yield f"{name} {network.version}", value
    predicted = predicted_classes(rows, dataset)
    for name, value in zip(("classes made", "class KL"), class_coverage(real.training.labels, predicted), strict=True):
        yield f"{name} {network.version}", value
    if made.wanted is not None:
        yield f"right class {network.version}", right_class(predicted, made.wanted)


def _inception_distances(real: _Real, sides: tuple[_Made, ...], network: nn.Module) -> Iterator[float]:
    reference = inception_features(real.reference, network)
    for side in sides:
        yield frechet_distance(reference, inception_features(side.images, network))


def _by_pixels(images: torch.Tensor, real: _Real, seed: int) -> Iterator[tuple[str, float]]:
    def cut(images: torch.Tensor) -> torch.Tensor:
        return patches(images, torch.Generator().manual_seed(seed))

    def slices(first: torch.Tensor, second: torch.Tensor) -> float:
        return sliced_wasserstein(first, second, torch.Generator().manual_seed(seed))

    yield "sliced Wasserstein, 7×7 patches", slices(cut(real.reference), cut(images))
    yield (
        PIXEL_NAME,
        slices(small_pixels(real.reference).float() / 255, small_pixels(images).float() / 255),
    )


def _closeness(made: torch.Tensor, bad: torch.Tensor, real: _Real) -> tuple[float, float, float]:
    """Return how far images lie from the training images, as a ratio of medians to how far other real ones do.

    Of the made ones, of one half of the reference against the other half, and of the untrained generator's. Well below 1
    the made ones are copies, or much plainer than the data.
    """
    training = small_pixels(real.training.values)
    yardstick = nearest_neighbours(small_pixels(real.reference), training, real.own)[1]
    unit = _median(yardstick)
    value, untrained = (_median(nearest_neighbours(small_pixels(images), training)[1]) / unit for images in (made, bad))
    half = len(yardstick) // 2
    return value, _median(yardstick[:half]) / _median(yardstick[half:]), untrained


def _median(gaps: torch.Tensor) -> float:
    """Return the median of distances between uint8 pictures, at least one grey level in one pixel."""
    return max(1.0, gaps.median().item())


def small_pixels(images: torch.Tensor) -> torch.Tensor:
    """Return images as rows of pixels at which whole pictures are compared, uint8 (N, C, H, W) to (N, C * 256)."""
    return resize(images, WIDTH).flatten(1)  # uint8 (N, C * 256)


def frechet_name(network: FeatureNet) -> str:
    """Name the Fréchet distance on a net\'s features, `MNIST-FD cnn-v1`; the count of samples goes behind it."""
    return f"{network.title}-FD {network.version}"


def short_count(count: int) -> str:
    """Write a count of samples as metrics\' names do, `2k`."""
    return f"{count / 1000:g}k" if count >= 1000 else str(count)


def _note(dataset: str, held_out: bool, inception: bool) -> str:
    floor = "training against test images" if held_out else "one half of the data against the other: there is no test split"
    net = "" if feature_net(dataset) else f" Pixels only: there is no feature net for {dataset}."
    bias = " An Inception-FID falls as the count grows: compare equal counts only." if inception else ""
    return f"Nearer to the floor is better. Floor: {floor}.{net}{bias}"
