"""Discriminators that differ in their pooling alone, trained side by side from the same seed on the same data."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from playground.architectures import ARCHITECTURES, dcgan
from playground.config import shorten
from playground.experiment import Experiment
from playground.layers import POOLINGS
from playground.model import Model
from playground.samples import Samples
from playground.training import Snapshot, train

STEPS_A_LAP = 4
EVERY = 0.04  # seconds: a lap of slow networks is told of in stretches ten times as long, see `train`
MAX_STEPS = 20_000


@dataclass(frozen=True)
class Lap:
    """One runner's last few steps: means of its losses and of `separation`, the share of pairs that D puts in order.

    `seconds` is its own training time so far, `rate` its steps a second so far. The last lap of each has its `model`.
    """

    kind: str
    step: int
    seconds: float
    rate: float
    loss_discriminator: float
    loss_generator: float
    separation: float
    model: Model | None = None


def runner(experiment: Experiment, kind: str) -> Experiment:
    """Derive an experiment of the DCGAN family that pools by `kind`: data and seed are those of `experiment`.

    Where that is of the family itself, its networks and recipe are kept too. All kinds have the same weights: kernels of 3
    and maps of the same sizes. Raises ValueError for an unknown kind.
    """
    if kind not in POOLINGS:
        raise ValueError(f"unknown pooling {shorten(kind)}; choose from: {', '.join(POOLINGS)}")
    plain = ARCHITECTURES["dcgan"]
    family = in_family(experiment)
    base = experiment.discriminator if family else plain.discriminator_config
    same = {"kernel_size": (3,), "stride": (2,), "padding": (1,)}
    return Experiment(
        architecture=experiment.architecture if family else "dcgan",
        dataset=experiment.dataset,
        seed=experiment.seed,
        data=experiment.data,
        generator=experiment.generator if family else None,
        discriminator=replace(base, pooling=(kind,), **same),
        recipe=experiment.recipe if family else None,
        engine=experiment.engine if family else None,
    )


def in_family(experiment: Experiment) -> bool:
    """Say whether both networks are DCGAN's, so that a race keeps their settings."""
    parts = experiment.generator, experiment.discriminator
    return not experiment.opponent and all(
        type(part) is kind.Config for part, kind in zip(parts, (dcgan.Generator, dcgan.Discriminator), strict=True)
    )


def race(
    experiment: Experiment,
    samples: Samples,
    *,
    kinds: Sequence[str] = POOLINGS,
    seconds: float | None = None,
    steps: int | None = None,
    device: str | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Lap]:
    """Train a discriminator with each kind of pooling, against a generator of its own, in turns of a few steps.

    Ends after `seconds` by the clock or `steps` of each, whichever comes first, and when `stop()` says so; then all have
    taken the same number of steps, but for those that diverged. Yields a `Lap` whenever one of them ran.
    Raises ValueError without a budget, for unknown kinds, and as `train` does.
    """
    if (seconds is None and steps is None) or not kinds or (steps is not None and not 1 <= steps <= MAX_STEPS):
        raise ValueError(f"a race needs kinds, and seconds or 1 to {MAX_STEPS:,} steps")
    entries = {kind: runner(experiment, kind) for kind in kinds}
    end = time.monotonic() + (seconds or float("inf"))
    over = False
    with contextlib.ExitStack() as closing:
        runs = {}
        for kind, entry in entries.items():
            options = {"steps": steps or MAX_STEPS, "at": range(STEPS_A_LAP, MAX_STEPS, STEPS_A_LAP), "every": EVERY}
            run = train(entry, samples=samples, measure=None, device=device, stop=lambda: over, **options)
            runs[kind] = closing.enter_context(contextlib.closing(run))
            next(run)  # before any step
        due = 0
        while runs:
            due += STEPS_A_LAP
            for kind in list(runs):
                for snapshot in _lap(runs[kind], due):
                    ended = snapshot.status != "running"
                    model = Model.from_state(entries[kind], snapshot.state) if ended else None
                    yield _told(kind, snapshot, model)
                    if ended:
                        del runs[kind]
            over = over or time.monotonic() >= end or stop()


def _lap(run: Iterator[Snapshot], due: int) -> Iterator[Snapshot]:
    for snapshot in run:
        yield snapshot
        if snapshot.step >= due or snapshot.status != "running":
            return


def _told(kind: str, snapshot: Snapshot, model: Model | None) -> Lap:
    rate = snapshot.step / snapshot.seconds if snapshot.seconds else 0.0
    measures = (snapshot.loss_discriminator, snapshot.loss_generator, snapshot.separation)
    return Lap(kind, snapshot.step, snapshot.seconds, rate, *measures, model)
