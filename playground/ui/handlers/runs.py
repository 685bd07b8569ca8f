"""Training: start, pause, step, stop. The handler is a generator, so that a closed tab ends the run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.datasets.images import prepare
from playground.evaluation.diagnosis import figure
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.model import Model
from playground.samples import Samples
from playground.training import Snapshot
from playground.training import snapshot as outcomes
from playground.training.quality import EVERY
from playground.ui import compute
from playground.ui.handlers.screen import (
    IDLE,
    PAUSED,
    RUNNING,
    STORE,
    absent,
    here,
    ladder_view,
    say,
    screen,
    status,
    walk_view,
)
from playground.ui.session import Session
from playground.ui.views.curves import curves
from playground.ui.views.ladder import maps
from playground.ui.views.run import diagnosis, timeline
from playground.ui.views.sheet import sheet

MIN_SECONDS, MAX_SECONDS = 5, 600
WALK_EVERY = 2.0  # seconds between new frames of the walk while training
RUNS = 2  # at once on this machine: more would only make all of them slow


def announce(session_id: str) -> dict[str, Any]:
    """Answer the click at once, before the run has its turn. Raises ValueError when the session is training already."""
    session = STORE.get(session_id)
    if session.running:
        raise ValueError(say("busy"))
    session.cancelled = False
    others = STORE.num_running
    message = say("queued", count=others) if others >= RUNS else say("starting")
    return {"status": status(message, state=RUNNING), "buttons": RUNNING}


def train(session_id: str, seconds: Any) -> Iterator[dict[str, Any]]:
    """Train for `seconds`, or for what is left of a paused run, and show every snapshot."""
    session = STORE.get(session_id)
    budget = check_seconds(seconds)
    if session.remaining > 0:
        budget = session.remaining
    yield from _run(session, budget, None)


def step(session_id: str) -> Iterator[dict[str, Any]]:
    """Take one step and pause."""
    yield from _run(STORE.get(session_id), None, 1)


def pause(session_id: str) -> dict[str, Any]:
    """End the run after the step it is in; what is left of its time stays for Resume."""
    session = STORE.get(session_id)
    return _halt(session)


def stop(session_id: str) -> dict[str, Any]:
    """End the run for good; the model stays."""
    session = STORE.get(session_id)
    session.ending = True
    if not session.running:
        session.remaining = 0.0
    return _halt(session)


def _halt(session: Session) -> dict[str, Any]:
    if session.running:
        session.stop.set()
        return {}
    session.cancelled = True  # a run that still waits for its turn
    if not session.own:
        return screen(session, say("called_off"))
    step = f"{session.model.step:,}" if session.model else "0"
    if session.remaining > 0:  # paused before: a second click changes nothing
        return screen(session, say("paused", step=step), state=PAUSED)
    return screen(session, say("stopped", step=step))


def check_seconds(seconds: Any) -> float:
    """Return a time budget in seconds. Raises ValueError naming a value out of range."""
    try:
        value = float(seconds)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(say("not_a_number", low=MIN_SECONDS, high=MAX_SECONDS)) from None
    if not MIN_SECONDS <= value <= MAX_SECONDS:
        raise ValueError(f"The training time must be between {MIN_SECONDS} and {MAX_SECONDS} seconds, not {shorten(seconds)}.")
    return value


def session_samples(session: Session) -> Samples:
    """Load the data of the session's experiment. Raises ValueError or FileNotFoundError with a sentence."""
    return samples_of(session, session.experiment)


def samples_of(session: Session, experiment: Experiment) -> Samples:
    """Load the data of an experiment, the visitor's own pictures among them. Raises as `session_samples`."""
    if experiment.dataset == "images":
        if session.folder is None:
            raise ValueError(say("no_images"))
        return prepare(session.folder.values, experiment.data)
    needed = absent(experiment)
    if needed:
        raise ValueError(say("not_on_disk", **needed))
    return DATASETS[experiment.dataset].load(experiment.data, data_root())


@contextlib.contextmanager
def claimed(session: Session) -> Iterator[None]:
    """Mark a session as running for as long as its run lasts, however it ends."""
    with session.lock:
        if session.running:
            raise ValueError(say("busy"))
        session.running, session.ending = True, False
        session.stop.clear()
    try:
        yield
    finally:
        session.running = False


def _run(session: Session, seconds: float | None, steps: int | None) -> Iterator[dict[str, Any]]:
    if session.cancelled:
        session.cancelled = False
        return
    with claimed(session):
        problem = shape_table(session.experiment).problem
        if problem:
            raise ValueError(say("broken", sentence=problem.sentence))
        samples = session_samples(session)
        resume = session.model.resume if session.own and session.model else None
        if resume is None:
            session.take(Model.untrained(session.experiment), own=True)
        session.own, session.past = True, None
        session.model.experiment = session.run.experiment = session.experiment
        show = _Show(session, samples, seconds)
        last = None
        run = compute.snapshots(
            session.experiment,
            samples,
            resume=resume,
            seconds=seconds,
            steps=steps,
            stop=session.stop.is_set,
            history=session.run.history,
            measure=EVERY if seconds else None,  # a single step is not measured
        )
        with contextlib.closing(run):
            for last in run:
                yield show.frame(last)
        if last.best is not None:
            with session.lock:
                session.model.show_best(last.best.average, last.best.step)
        if seconds:
            paused = last.status == outcomes.STOPPED and not session.ending
            session.remaining = max(0.0, seconds - (last.seconds - show.before)) if paused else 0.0
    yield _ended(session, last, steps)


class _Show:
    """Turn the snapshots of one run into values for the page."""

    def __init__(self, session: Session, samples: Samples, seconds: float | None) -> None:
        self.session, self.seconds = session, seconds
        self.before = float(session.model.resume["seconds"]) if session.model.resume else 0.0
        self.walked = 0.0
        self.ladder = ladder_view(session)
        self.message = say("running", device=compute.describe(session.experiment), samples=f"{len(samples):,}")

    def frame(self, snapshot: Snapshot) -> dict[str, Any]:
        """Show one snapshot: the sheet always, contents of the ladder and the walk when the weights came along."""
        session, model = self.session, self.session.model
        values: dict[str, Any] = {"status": self._status(snapshot), "buttons": RUNNING}
        with session.lock:
            session.run.add(snapshot)
            model.history, session.diagnosis = session.run.history, snapshot.diagnosis
            if snapshot.state is not None:
                model.update(snapshot.state)
            if session.past is None:  # who looks at an earlier moment goes on doing so
                values |= self._pictures(snapshot)
        return values | {
            "curves": curves(model.history),
            "diagnosis": diagnosis(session),
            "timeline": timeline(session),
        }

    def _pictures(self, snapshot: Snapshot) -> dict[str, Any]:
        session, model = self.session, self.session.model
        values = {"sheet": self._sheet(snapshot)}
        if snapshot.state is not None:
            contents = maps(model, *here(model, session.walk))
            values["ladder"] = self.ladder | {"contents": contents, "place": vars(session.walk)}
            if time.perf_counter() - self.walked > WALK_EVERY:
                values["walk"] = walk_view(session)
                self.walked = time.perf_counter()
        return values

    def _sheet(self, snapshot: Snapshot) -> dict[str, Any]:
        return sheet(self.session.experiment, snapshot.sheet, snapshot.step) | {"model": self.session.id}

    def _status(self, snapshot: Snapshot) -> dict[str, Any]:
        elapsed = snapshot.seconds - self.before
        total = self.seconds or elapsed
        numbers = say(
            "progress",
            elapsed=clock(elapsed),
            total=clock(total),
            remaining=clock(max(0.0, total - elapsed)),
            step=f"{snapshot.step:,}",
            rate=f"{snapshot.rate:,.0f}",
        )
        return status(self.message, state=RUNNING, fraction=min(1.0, elapsed / max(total, 1e-6)), numbers=numbers)


def _ended(session: Session, last: Snapshot, steps: int | None) -> dict[str, Any]:
    step = f"{last.step:,}"
    if last.status == outcomes.DIVERGED:
        return screen(session, last.message, bad=True)
    state = PAUSED if session.remaining > 0 else IDLE
    if steps == 1:
        return screen(session, say("stepped", step=step), state=state)
    if state == PAUSED:
        return screen(session, say("paused", step=step), state=state)
    if last.status == outcomes.STOPPED:
        return screen(session, say("stopped", step=step))
    if last.best is not None:
        best = last.best
        numbers = {"name": best.name, "value": figure(best.value), "last": figure(best.last)}
        return screen(session, say("finished_best", step=step, best=f"{best.step:,}", **numbers))
    return screen(session, say("finished", step=step, seconds=last.seconds))


def clock(seconds: float) -> str:
    """Write seconds as minutes and seconds, `1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
