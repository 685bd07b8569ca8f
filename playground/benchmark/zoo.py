"""Every architecture with its own recipe on MNIST: size, speed, and quality after 30 and 120 seconds.

`python -m playground.benchmark.zoo` prints the table in the README; nothing is tuned for it and no row is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from playground.architectures import ARCHITECTURES
from playground.benchmark.figure import Figure
from playground.benchmark.quality import COUNT, METRIC, SEED
from playground.datasets import DATASETS, data_root
from playground.evaluation import features, frechet_distance, predicted_classes, right_class, sample_features
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.model import Model
from playground.samples import Samples
from playground.training import train

MARKS = (30, 120)  # seconds of training
HEAD = ("architecture", "year", "parameters", "ms a step", *(f"after {mark} s" for mark in MARKS), "right class")


@dataclass(frozen=True)
class Entry:
    """One row of the table. `distances` are one a mark; `right` is None for a model without classes."""

    name: str
    year: int
    parameters: int
    milliseconds: float
    distances: tuple[float, ...]
    right: float | None

    def cells(self) -> tuple[str, ...]:
        """Return the row as text."""
        right = "" if self.right is None else f"{self.right:.0%}"
        distances = (f"{distance:,.0f}" for distance in self.distances)
        return (f"`{self.name}`", str(self.year), f"{self.parameters:,}", f"{self.milliseconds:.0f}", *distances, right)


def zoo(names: Sequence[str] = (), marks: Sequence[float] = MARKS) -> Iterator[Entry]:
    """Train each architecture for the longest mark and measure it at all of them. Needs MNIST on disk."""
    dataset = DATASETS["mnist"]
    samples = dataset.load(dataset.config(), data_root())
    test = features(dataset.load_test(dataset.config(), data_root()).values)
    for name in names or ARCHITECTURES:
        yield _measured(Experiment(architecture=name, dataset="mnist"), samples, test, marks)


def _measured(experiment: Experiment, samples: Samples, test: torch.Tensor, marks: Sequence[float]) -> Entry:
    states: dict[float, dict[str, np.ndarray]] = {}
    for last in train(experiment, samples=samples, seconds=marks[-1], every=0.5):
        for mark in marks:
            if mark not in states and last.state is not None and last.seconds >= mark - 1e-6:
                states[mark] = last.state
    models = [Model.from_state(experiment, states.get(mark, last.state)) for mark in marks]
    rows, labels = [sample_features(model, COUNT, SEED) for model in models], models[-1].labels(COUNT)
    table = shape_table(experiment)
    return Entry(
        experiment.architecture,
        ARCHITECTURES[experiment.architecture].year,
        sum(row.parameters for row in (*table.generator, *table.discriminator)),
        1000 * last.seconds / last.step,
        tuple(frechet_distance(made, test) for made in rows),
        None if labels is None else right_class(predicted_classes(rows[-1]), labels),
    )


def figures() -> Iterator[Figure]:
    """Give the table as single figures."""
    if not DATASETS["mnist"].available(data_root()):
        yield Figure(METRIC, None, "", "needs MNIST on disk: python -m playground train --dataset mnist downloads it")
        return
    for entry in zoo():
        for mark, distance in zip(MARKS, entry.distances, strict=True):
            note = f"{entry.parameters:,} parameters, {entry.milliseconds:.0f} ms a step"
            yield Figure(f"{METRIC}: {entry.name}, {mark} s", distance, "", note)


def main() -> None:
    """Print the table as Markdown, a row as soon as it is known."""
    _print(HEAD)
    _print(["---"] * len(HEAD))
    for entry in zoo(sys.argv[1:]):
        _print(entry.cells())


def _print(cells: Sequence[str]) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
