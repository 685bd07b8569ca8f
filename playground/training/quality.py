"""The quality of a run while it lasts, and the weights that were best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.evaluation.live import Quality, QualityMeter
from playground.experiment import Experiment
from playground.model import to_arrays
from playground.samples import Samples
from playground.training.state import TrainingState

EVERY = 3.0  # seconds between measurements, longer where they are dear
PATIENCE = 0.5  # seconds of a measurement that the end of a run still waits for
BETTER = 0.9  # so much lower must an earlier distance be to count as better


@dataclass(frozen=True)
class Best:
    """Averaged weights of an earlier step, under their plain names, that made clearly better samples than the last ones.

    `value` and `last` are the distances called `name` of these weights and of the last, measured side by side at the end.
    """

    step: int
    name: str
    value: float
    last: float
    average: dict[str, np.ndarray]


class QualityTracker:
    """Have a run's averaged weights measured now and then, and keep the best of those that were."""

    def __init__(self, experiment: Experiment, samples: Samples, every: float, *, at_once: bool = False) -> None:
        """Measure every `every` seconds, the weights that a run starts from too if `at_once`."""
        self.meter = QualityMeter(experiment, samples, every, at_once=at_once)
        self._offered: dict[str, np.ndarray] = {}
        self._best: tuple[Quality, dict[str, np.ndarray]] | None = None
        self._last: Quality | None = None

    def look(self, state: TrainingState, over: bool) -> Quality | None:
        """Return a measurement that has come since the last call, if any, and start the next one when it is due.

        When the run is `over` its last weights are measured and waited for, unless that would take long.
        """
        found = self._collect(wait=over)
        if over and self._last is not None and self.meter.cost <= PATIENCE and self._last.step != state.step:
            self._offer(state)
            found = self._collect(wait=True)
        elif not over and self.meter.due():
            self._offer(state)
        return found

    def best(self) -> Best | None:
        """Return the best weights if they are clearly better than the last ones measured.

        The lowest of many measurements is partly luck, so the two are measured again side by side, on more samples.
        """
        if self._best is None or self._best[0].value >= BETTER * self._last.value:
            return None
        quality, average = self._best
        name, (value, last) = self.meter.compare(average, self._offered)
        return Best(quality.step, name, value, last, average) if value < BETTER * last else None

    def close(self) -> None:
        self.meter.close()

    def _offer(self, state: TrainingState) -> None:
        state.average.copy_buffers()
        self._offered = to_arrays(state.average.network.state_dict())
        self.meter.offer(state.step, self._offered)

    def _collect(self, wait: bool) -> Quality | None:
        found = self.meter.collect(wait=wait and 0 < self.meter.cost <= PATIENCE)
        if found is not None:
            self._last = found
            if self._best is None or found.value < self._best[0].value:
                self._best = found, self._offered
        return found
