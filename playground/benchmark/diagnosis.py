"""Does the diagnosis name what was done to a run? Runs made to fail and good ones, seen to their end, as a confusion table.

The thresholds of `playground.evaluation.diagnosis` were set on seeds 0 to 2; these runs have others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.benchmark.figure import Figure
from playground.datasets import DATASETS, data_root
from playground.evaluation.diagnosis import (
    COLLAPSED,
    D_WINS,
    DIVERGED,
    FINISHED,
    G_WINS,
    LEARNING,
    MEMORISING,
    OSCILLATING,
    STATES,
)
from playground.experiment import Experiment
from playground.presets import PRESETS
from playground.samples import Samples
from playground.training import snapshot as outcomes
from playground.training import train

SEEDS = (3, 4)
SECONDS = 120.0  # at most, for a run
FEW = 24  # pictures are learnt by heart in a minute
RESOLUTION = 16
GOOD = (LEARNING, FINISHED)
RATE_G, RATE_D = "recipe.learning_rate_generator", "recipe.learning_rate_discriminator"
UNAVERAGED = {"recipe.beta1": 0.9, "recipe.ema_half_life": 0}


@dataclass(frozen=True)
class Case:
    """A way to train with what must come of it after `steps`; `limit` leaves only so many of the data."""

    state: str
    architecture: str
    steps: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None


CASES = (
    Case(LEARNING, "sn-dcgan", 500),
    Case(LEARNING, "dcgan", 400),
    Case(LEARNING, "mlp", 900),
    Case(FINISHED, "wgan", 900, {RATE_G: 5e-3, RATE_D: 5e-3}),
    Case(COLLAPSED, "mlp", 500, PRESETS["collapse"].settings),
    Case(D_WINS, "dcgan", 400, PRESETS["discriminator-wins"].settings),
    Case(D_WINS, "dcgan", 400, {RATE_G: 1e-5, RATE_D: 2e-3}),
    Case(G_WINS, "sn-dcgan", 400, {RATE_D: 1e-6}),
    Case(G_WINS, "dcgan", 400, {RATE_G: 2e-3, RATE_D: 1e-5}),
    Case(OSCILLATING, "sn-dcgan", 3000, {RATE_G: 1e-2, RATE_D: 1e-3, **UNAVERAGED}),
    Case(DIVERGED, "mlp", 300, {RATE_G: 1.0, RATE_D: 1.0}),
    Case(MEMORISING, "sn-dcgan", 1500, limit=FEW),
    Case(MEMORISING, "dcgan", 1500, limit=FEW),
)


def confusion() -> Iterator[Figure]:
    """Train every case on each data set with each seed, and count which state was named for which."""
    found: dict[str, Counter[str]] = {}
    for dataset in ("mnist", "digits"):
        if not DATASETS[dataset].available(data_root()):
            yield Figure(f"diagnosis on {dataset}", None, "", "not on disk")
            continue
        for seed in SEEDS:
            for case in CASES:
                state, sentence = named(case, dataset, seed)
                found.setdefault(case.state, Counter())[state] += 1
                if state != case.state:
                    yield Figure(f"{case.state}: {case.architecture} on {dataset}, seed {seed}", None, "", sentence)
    yield from _table(found)


def named(case: Case, dataset: str, seed: int) -> tuple[str, str]:
    """Train one case and return the state that the diagnosis names at its end, with its sentence."""
    settings = {"architecture": case.architecture, "dataset": dataset, "seed": seed, "data.resolution": RESOLUTION}
    experiment = Experiment.from_settings(settings | dict(case.settings))
    samples = DATASETS[dataset].load(experiment.data, data_root())
    if case.limit:
        labels = None if samples.labels is None else samples.labels[: case.limit]
        samples = Samples(samples.spec, samples.values[: case.limit], labels)
    run = train(experiment, samples=samples, steps=case.steps, seconds=SECONDS, every=0.3, measure=0.5)
    *_, last = (snapshot for snapshot in run if snapshot.status != outcomes.RUNNING)
    return last.diagnosis.state, last.diagnosis.sentence


def _table(found: Mapping[str, Counter[str]]) -> Iterator[Figure]:
    columns = [state for state in STATES if any(counts[state] for counts in found.values())]
    for state, counts in found.items():
        row = ", ".join(f"{counts[column]} {column}" for column in columns if counts[column])
        yield Figure(f"made to be {state}: named right", counts[state], f"of {counts.total()}", row)
    right = sum(counts[state] for state, counts in found.items())
    both = right + sum(found[a][b] for a in GOOD for b in GOOD if a in found and a != b)
    total = sum(counts.total() for counts in found.values())
    yield Figure("all runs: named right", right, f"of {total}", f"{both} where learning and finished count as one")
