"""Quality while training: a cheap version of `evaluate`, measured on the side every few seconds."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from playground.evaluation.classes import class_coverage
from playground.evaluation.features import feature_net, features, predicted_classes
from playground.evaluation.frechet import frechet_distance
from playground.evaluation.neighbours import nearest_neighbours
from playground.evaluation.scores import PIXEL_NAME, frechet_name, short_count, small_pixels
from playground.evaluation.wasserstein import sliced_wasserstein
from playground.experiment import Experiment
from playground.model import Model, load_arrays
from playground.samples import Samples

COUNT = 1000  # samples on either side: of 500 the distance scatters by a fifth from one draw of latents to the next
SURE_COUNT = 2000  # where two sets of weights are compared in earnest
NEIGHBOURS, TRAINING = 200, 4096  # made samples whose neighbours are sought, among so many training samples
SEED = 20_001  # of latents and choices: the same in every measurement, so that what changes is the training alone
SHARE = 0.04  # of the time that measuring may take
QUALITY_FIELDS = ("quality", "quality_floor", "quality_untrained", "diversity", "nearest", "classes_made")


@dataclass(frozen=True)
class Quality:
    """How good the averaged generator was at a step.

    `value` is the distance called `name` between made and real samples, lower is better; `floor` is that between real
    and other real ones, `untrained` that of the starting weights. `diversity` compares how far made samples lie from
    their nearest made neighbour with the same among real ones: 1 as varied as the data, 0 all alike. `nearest` compares
    how far they lie from the nearest training sample with how far other real ones do: far below 1 they are copies.
    `classes_made` is the share of the data's classes that appear; None where no classifier knows them. `seconds` is
    the processor's time that measuring took.
    """

    step: int
    name: str
    value: float
    floor: float
    untrained: float
    diversity: float
    nearest: float
    classes_made: float | None
    seconds: float

    def numbers(self) -> dict[str, float | None]:
        """Return what a record of the run's history keeps, by `QUALITY_FIELDS`."""
        values = (self.value, self.floor, self.untrained, self.diversity, self.nearest, self.classes_made)
        return dict(zip(QUALITY_FIELDS, values, strict=True))


class QualityMeter:
    """Measure a run's generator in a thread of its own, one measurement at a time.

    `offer` hands over the averaged weights and returns at once, doing nothing while a measurement is on or while it
    would take more than `SHARE` of the time since the last one; `collect` returns a result that has come since.
    """

    def __init__(self, experiment: Experiment, samples: Samples, every: float, *, at_once: bool = False) -> None:
        self.experiment, self.samples, self.every = experiment, samples, every
        self.cost = 0.0  # seconds of a measurement
        self._yardstick: Yardstick | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="quality", initializer=torch.set_num_threads, initargs=(1,))
        self._pending: Future[Quality] | None = None
        self._offered_at = -math.inf if at_once else time.perf_counter()

    def due(self) -> bool:
        """Say whether a measurement would be welcome now."""
        waited = time.perf_counter() - self._offered_at
        return self._pending is None and waited >= max(self.every, self.cost / SHARE)

    def offer(self, step: int, average: Mapping[str, np.ndarray]) -> None:
        """Start to measure the averaged weights `average` (plain names, copied arrays) of a step."""
        self._offered_at = time.perf_counter()
        self._pending = self._worker.submit(self._measure, step, average)

    def collect(self, wait: bool = False) -> Quality | None:
        """Return the result that has come since the last call, or None; `wait` for one that is on its way."""
        if self._pending is None or not (wait or self._pending.done()):
            return None
        found, self._pending = self._pending.result(), None
        self.cost = found.seconds
        return found

    def compare(self, *averages: Mapping[str, np.ndarray]) -> tuple[str, list[float]]:
        """Measure averaged weights against each other on more samples, other latents and other real ones than before.

        What was the lowest of many measurements is in part the luckiest: its value says too little of the weights. Returns
        the name of the distance and one for each; waits for it.
        """
        return self._worker.submit(self._compare, averages).result()

    def close(self) -> None:
        """Let the thread end; a measurement that is on is not waited for."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _measure(self, step: int, average: Mapping[str, np.ndarray]) -> Quality:
        if self._yardstick is None:
            self._yardstick = Yardstick(self.experiment, self.samples)
            _ = self._yardstick.floor, self._yardstick.untrained  # once, and not counted
        started = time.thread_time()  # of this thread: waiting for a core costs training nothing
        load_arrays(self._yardstick.model.generator, average)
        numbers = self._yardstick.judge(self._yardstick.made())
        return Quality(step, self._yardstick.name, *numbers.values(), seconds=time.thread_time() - started)

    def _compare(self, averages: tuple[Mapping[str, np.ndarray], ...]) -> tuple[str, list[float]]:
        yardstick = Yardstick(self.experiment, self.samples, SURE_COUNT, SEED + 1)
        values = []
        for average in averages:
            load_arrays(yardstick.model.generator, average)
            values.append(yardstick.distance(yardstick.made()))
        return yardstick.name, values


class Yardstick:
    """What samples of one data set are measured against: all that does not change from measurement to measurement."""

    def __init__(self, experiment: Experiment, samples: Samples, count: int = COUNT, seed: int = SEED) -> None:
        self.dataset, self.seed = experiment.dataset, seed
        self.net = net = feature_net(self.dataset)
        order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
        self.count = min(count, len(samples) // 2)
        self.name = f"{frechet_name(net) if net else PIXEL_NAME} {short_count(self.count)}"
        self.reference = self._embedded(samples.values[order[: self.count]])
        self.other = samples.values[order[self.count : 2 * self.count]]
        self.some = samples.values[order[-TRAINING:]]
        self.labels = samples.labels
        self.model = Model.untrained(experiment)  # its weights change from measurement to measurement

    @functools.cached_property
    def floor(self) -> float:
        """The distance of real samples from other real ones."""
        return self.distance(self.other)

    @functools.cached_property
    def untrained(self) -> float:
        """The distance of what the starting weights make."""
        fresh = Model.untrained(self.model.experiment)
        return self.distance(self.made(fresh))

    @functools.cached_property
    def _spread(self) -> float:
        return max(_apart(self.reference), 1e-9)

    @functools.cached_property
    def _training(self) -> tuple[torch.Tensor, float]:
        """Training samples as pixels, and how far one of them lies from the next, which is the unit of `nearest`."""
        rows = small_pixels(self.some)
        own = torch.arange(len(rows))[-NEIGHBOURS:]
        return rows, _median(nearest_neighbours(rows[own], rows, own)[1])

    def judge(self, images: torch.Tensor) -> dict[str, float | None]:
        """Return the numbers of `QUALITY_FIELDS` for images, uint8 (N, C, H, W)."""
        embedded = self._embedded(images)
        training, gap = self._training
        values = (
            self._distance(embedded),
            self.floor,
            self.untrained,
            _apart(embedded) / self._spread,
            _median(nearest_neighbours(small_pixels(images[:NEIGHBOURS]), training)[1]) / gap,
            self._classes_made(embedded),
        )
        return dict(zip(QUALITY_FIELDS, values, strict=True))

    def distance(self, images: torch.Tensor) -> float:
        """Return the distance of images, uint8 (N, C, H, W), from real ones."""
        return self._distance(self._embedded(images))

    def made(self, model: Model | None = None) -> torch.Tensor:
        """Make a model's images, uint8 (N, C, H, W), its classes in turn, from latents that are always the same."""
        return torch.from_numpy((model or self.model).sample(self.count, self.seed)).permute(0, 3, 1, 2)

    def _embedded(self, images: torch.Tensor) -> torch.Tensor:
        return features(images, self.dataset) if self.net else small_pixels(images).float() / 255

    def _distance(self, embedded: torch.Tensor) -> float:
        if not torch.isfinite(embedded).all():
            return float("inf")
        if self.net:
            return frechet_distance(self.reference, embedded)
        return sliced_wasserstein(self.reference, embedded, torch.Generator().manual_seed(self.seed))

    def _classes_made(self, embedded: torch.Tensor) -> float | None:
        if not self.net or self.labels is None:
            return None
        return class_coverage(self.labels, predicted_classes(embedded, self.dataset))[0]


def _apart(embedded: torch.Tensor) -> float:
    """Return the median distance of each row (N, F) to its nearest other row."""
    own = torch.arange(len(embedded))
    return nearest_neighbours(embedded, embedded, own)[1].median().item()


def _median(gaps: torch.Tensor) -> float:
    return max(1.0, gaps.median().item())  # at least one grey level in one pixel
