"""A run of training with its past: the moments to go back to, and the record of all that was measured."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from playground.experiment import Experiment
from playground.model import Model
from playground.timeline.moments import Moment, Timeline
from playground.training import Snapshot


@dataclass(frozen=True)
class Parent:
    """Name the run that another was forked from, and the step at which it was."""

    title: str
    step: int


@dataclass(eq=False)
class Run:
    """Hold an experiment with the moments and the history of its training; `parent` is what it was forked from, if any."""

    experiment: Experiment
    timeline: Timeline = field(default_factory=Timeline)
    history: list[dict[str, Any]] = field(default_factory=list)
    title: str = ""
    parent: Parent | None = None

    @classmethod
    def from_model(cls, model: Model, title: str = "") -> Run:
        """Start from an opened checkpoint: its history, and its one moment if its training can go on."""
        run = cls(model.experiment, history=list(model.history), title=title)
        if model.resume is not None:
            run.timeline.add(model.resume)
        return run

    @property
    def name(self) -> str:
        """The title, or what is trained on what."""
        return self.title or f"{self.experiment.architecture} on {self.experiment.dataset}"

    @property
    def step(self) -> int:
        """The newest moment's step; 0 where there is none."""
        return self.timeline.moments[-1].step if len(self.timeline) else 0

    def add(self, snapshot: Snapshot) -> Moment | None:
        """Take over a snapshot: its numbers, and its state if it has one. Returns the moment that was kept.

        A snapshot of an earlier step than the last (training was resumed there, or went back when it diverged) drops
        all that came after it.
        """
        record_snapshot(self.history, snapshot)
        return self.timeline.add(snapshot)

    def copy(self) -> Run:
        """Return a run of the same moments and records, to be saved while this one goes on; no array is copied."""
        return replace(self, timeline=self.timeline.copy(), history=list(self.history))

    def rewind(self, step: int) -> Moment:
        """Go back to the last moment not after `step`, drop what came later, and return it: resume from its `state`."""
        moment = self.timeline.rewind(step)
        self.history = until(self.history, moment.step)
        return moment

    def model(self, step: int | None = None) -> Model:
        """Build the model at the moment nearest to `step` (by default the newest), with the history up to there.

        The generator has the averaged weights. Raises ValueError where the run has no moments.
        """
        moment = self.timeline.nearest(step)
        return Model.from_state(self.experiment, moment.state, until(self.history, moment.step))


def record_snapshot(history: list[dict[str, Any]], snapshot: Snapshot) -> None:
    """Add the numbers of a snapshot to a history, which is cut where the snapshot is of an earlier step."""
    while history and history[-1]["step"] > snapshot.step:
        history.pop()
    if snapshot.rate or not history:  # the moments of resuming and of going back are there already
        history.append(snapshot.record())


def until(history: list[dict[str, Any]], step: int) -> list[dict[str, Any]]:
    """Return the records up to and with `step`."""
    return [record for record in history if record["step"] <= step]
