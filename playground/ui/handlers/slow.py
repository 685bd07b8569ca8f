"""Slow motion: one true step at a time on the session's own model, with all that happens in it.

The page asks through server functions, as in `looking`: anyone can call these with anything.
"""

from __future__ import annotations

import contextlib
import functools
import pathlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.model import Model
from playground.samples import Samples
from playground.training.game import TURNS
from playground.training.substeps import SlowStep
from playground.ui import compute
from playground.ui.handlers.looking import answering
from playground.ui.handlers.runs import RUNS, claimed, session_samples
from playground.ui.handlers.screen import IDLE, PAUSED, STORE, missing, say, screen
from playground.ui.session import Session
from playground.ui.views.slow import curve, slow, stages_of
from playground.ui.words import words

OWN, COPY, NOISE = "own", "copy", "noise"
NETWORKS = ("architecture", "opponent", "dataset", "data", "generator", "discriminator")
PATIENCE = 15  # seconds that a step waits for the steps of other visitors
_slots = threading.BoundedSemaphore(RUNS)


@answering
def start(session: Session, request: dict) -> dict[str, Any]:
    """Say where the next step starts from, and what stands in its way."""
    kind, resume = beginning(session)
    model = session.model
    where = {"step": int(resume["step"]), "samples_seen": int(resume["samples_seen"])} if resume else {}
    history = model.history if model and kind != NOISE else []
    return {"step": 0, "samples_seen": 0, "kind": kind, "curve": curve(history)} | where | {
        "note": _note(session, kind),
        "obstacle": obstacle(session) or "",
        "stages": stages_of(shape_table(session.experiment)),
    }  # fmt: skip


@answering
def step(session: Session, request: dict) -> dict[str, Any]:
    """Take one step, or one of a network alone, and tell its moments; `fresh` begins again from noise."""
    turn, fresh = request.get("turn", "both"), request.get("fresh", False)
    if not isinstance(turn, str) or turn not in TURNS:
        raise ValueError(f"unknown turn {shorten(turn)}; choose from: {', '.join(TURNS)}")
    if not isinstance(fresh, bool):
        raise ValueError(f"fresh must be true or false, not {shorten(fresh)}")
    if STORE.is_pinned(session):
        raise ValueError(say("opening"))
    with claimed(session), _slot():
        if problem := obstacle(session):
            raise ValueError(problem)
        samples = _samples(session)
        resume = None if fresh else beginning(session)[1]
        taken = compute.one_step(session.experiment, samples, resume, turn)
        if taken.message:
            raise ValueError(taken.message)
        with session.lock:
            _keep(session, taken, resume)
        where = {name: taken.record[name] for name in ("step", "samples_seen")}
        return slow(session.experiment, taken) | where | {"turn": turn, "curve": curve(session.model.history)}


def shown(session_id: str) -> dict[str, Any]:
    """Show on the first tab what the slow steps have made of the model."""
    session = STORE.get(session_id)
    if session.running or session.model is None:
        return {}
    state = PAUSED if session.remaining > 0 else IDLE
    return screen(session, say("slow_steps", step=f"{session.model.step:,}"), state=state)


def beginning(session: Session) -> tuple[str, Mapping[str, np.ndarray] | None]:
    """Return where a step starts from: the visitor's own model, a copy of the one that is shown, or noise; and its state.

    A model that came with the page is copied where the session is set to train the same networks on the same data.
    """
    model = session.model
    if model is None or model.resume is None:
        return NOISE, None
    if session.own:
        return OWN, model.resume
    return (COPY, model.resume) if _same(session.experiment, model.experiment) else (NOISE, None)


def obstacle(session: Session) -> str | None:
    """Say why the session's experiment cannot take a slow step; None when it can."""
    absent = missing(session)
    if absent:
        return say("not_on_disk", **absent)
    problem, too_slow = _fitness(session.experiment)
    return say("broken", sentence=problem) if problem else say("too_slow") if too_slow else None


@functools.lru_cache(maxsize=64)
def _fitness(experiment: Experiment) -> tuple[str, bool]:
    """Say what is wrong with the chain of sizes, and whether a step would take too long: asked before every step."""
    problem = shape_table(experiment).problem
    return (problem.sentence, False) if problem else ("", compute.too_slow(experiment))


def _samples(session: Session) -> Samples:
    """Load the session's data; to read a set from the disk takes longer than a step, so the last one is kept."""
    experiment = session.experiment
    if experiment.dataset == "images":
        return session_samples(session)
    return _loaded(experiment.dataset, experiment.data, data_root())


@functools.lru_cache(maxsize=1)
def _loaded(dataset: str, config: Any, root: pathlib.Path) -> Samples:
    return DATASETS[dataset].load(config, root)


def _same(first: Experiment, second: Experiment) -> bool:
    return all(getattr(first, name) == getattr(second, name) for name in NETWORKS)


def _note(session: Session, kind: str) -> str:
    sentences, model = words("slow"), session.model
    note = sentences[f"from_{kind}"]
    if kind == COPY:
        note = note.format(architecture=model.experiment.architecture, dataset=model.experiment.dataset, step=f"{model.step:,}")
    elif kind == NOISE and model is not None and not session.own:
        note = sentences["from_noise_instead"]
    return f"{note} {sentences['on_cpu']}" if compute.ZERO_GPU else note


def _keep(session: Session, taken: SlowStep, resume: Mapping[str, np.ndarray] | None) -> None:
    """Give the session the model after the step; one that came with the page stays as it is."""
    if resume is None:
        session.take(Model.untrained(session.experiment), own=True)
    elif not session.own:
        session.take(Model.from_state(session.experiment, taken.state, session.model.history), own=True)
    model, run = session.model, session.run
    model.experiment = run.experiment = session.experiment
    session.past = None
    model.update(taken.state)
    run.timeline.add(taken.state)
    run.history.append(taken.record)
    model.history = run.history


@contextlib.contextmanager
def _slot() -> Iterator[None]:
    """Let only as many steps be taken at once as there may be runs."""
    if not _slots.acquire(timeout=PATIENCE):
        raise ValueError(say("crowded"))
    try:
        yield
    finally:
        _slots.release()
