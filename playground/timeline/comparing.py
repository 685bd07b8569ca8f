"""Two to four runs side by side: where their settings differ, and how their curves run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.checkpoint import thinned
from playground.config import shorten
from playground.experiment import SECTIONS, Experiment
from playground.timeline.run import Run
from playground.training.snapshot import RECORD_FIELDS

MAX_RUNS = 4
AXES = ("step", "seconds", "samples_seen")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Hold a value for each run, in their order: `fields` that differ, and `last`, each figure's last known value.

    A field that a run does not have, and a figure that it never measured, are None.
    """

    titles: tuple[str, ...]
    fields: dict[str, tuple[Any, ...]]
    last: dict[str, tuple[float | None, ...]]
    histories: tuple[list[dict[str, Any]], ...]

    def series(self, field: str, over: str = "step") -> tuple[np.ndarray, np.ndarray]:
        """Return one figure of all runs on one axis, step, seconds or samples_seen: places (M,), values (runs, M).

        The places are all those where any run has a value; between its own, a run is interpolated, and outside them it
        is NaN. Raises ValueError naming an unknown field or axis.
        """
        for word, known in ((field, RECORD_FIELDS), (over, AXES)):
            if word not in known:
                raise ValueError(f"unknown figure {shorten(word)}; choose from: {', '.join(known)}")
        curves = [_curve(history, field, over) for history in self.histories]
        places = np.unique(np.concatenate([x for x, _ in curves]))
        values = [np.interp(places, x, y, np.nan, np.nan) if len(x) else np.full(len(places), np.nan) for x, y in curves]
        return places, np.stack(values)


def compare(runs: Sequence[Run]) -> Comparison:
    """Set 2 to 4 runs side by side. Raises ValueError for fewer or more."""
    if not 2 <= len(runs) <= MAX_RUNS:
        raise ValueError(f"give 2 to {MAX_RUNS} runs to compare, not {len(runs)}")
    settings = [_settings(run.experiment) for run in runs]
    names = list(dict.fromkeys(name for flat in settings for name in flat))
    table = {name: tuple(flat.get(name) for flat in settings) for name in names}
    return Comparison(
        titles=tuple(run.name for run in runs),
        fields={name: row for name, row in table.items() if any(value != row[0] for value in row)},
        last={name: tuple(_last(run.history, name) for run in runs) for name in RECORD_FIELDS},
        histories=tuple(thinned(run.history) for run in runs),
    )


def _settings(experiment: Experiment) -> dict[str, Any]:
    """Return all public settings, defaults too: two architectures may differ in what they take for granted."""
    flat = {name: getattr(experiment, name) for name in ("architecture", "dataset", "opponent", "seed")}
    for section in SECTIONS:
        config = getattr(experiment, section)
        for spec in dataclasses.fields(config):
            if not spec.metadata.get("private"):
                value = getattr(config, spec.name)
                flat[f"{section}.{spec.name}"] = list(value) if isinstance(value, tuple) else value
    return flat


def _last(history: list[dict[str, Any]], field: str) -> float | None:
    return next((record[field] for record in reversed(history) if record.get(field) is not None), None)


def _curve(history: list[dict[str, Any]], field: str, over: str) -> tuple[np.ndarray, np.ndarray]:
    points = [(record[over], record[field]) for record in history if None not in (record.get(over), record.get(field))]
    x, y = np.array(points, dtype=np.float64).reshape(-1, 2).T
    return x, y
