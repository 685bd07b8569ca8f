"""How long a training step takes on this machine, noted from the runs that it has done."""

from __future__ import annotations

from collections.abc import Iterator

from playground.architectures import ARCHITECTURES
from playground.experiment import Experiment
from playground.training import Snapshot

_BEST: dict[tuple[str, tuple[int, ...], str], float] = {}  # by architecture, shape of a sample and device; in ms


def best(architecture: str, shape: tuple[int, ...], device: str) -> float | None:
    """Return the best milliseconds a step seen so far, or None where no run has measured it."""
    return _BEST.get((architecture, shape, device))


def timed(experiment: Experiment, device: str, run: Iterator[Snapshot]) -> Iterator[Snapshot]:
    """Pass a run's snapshots on and note how long its steps take, where networks and recipe are the architecture's own."""
    own = ARCHITECTURES[experiment.architecture]
    usual = (experiment.generator, experiment.discriminator, experiment.recipe) == (
        own.generator_config, own.discriminator_config, own.recipe,
    )  # fmt: skip
    key, before = (own.name, experiment.spec.shape, device), None
    for snapshot in run:
        if usual and not experiment.opponent and before and snapshot.step > before.step > 0:  # the first steps warm up
            pace = 1000 * (snapshot.seconds - before.seconds) / (snapshot.step - before.step)
            _BEST[key] = min(pace, _BEST.get(key, pace))
        before = snapshot
        yield snapshot
