"""Leaving a run at a moment with one thing changed, and training that on as a run of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from playground.config import shorten
from playground.inspection import shape_table
from playground.timeline import fork
from playground.training import Snapshot
from playground.training import snapshot as outcomes
from playground.training.state import MAX_COUNT
from playground.ui import compute
from playground.ui.handlers.looking import answering, is_whole
from playground.ui.handlers.runs import announce, check_seconds, claimed, clock, samples_of
from playground.ui.handlers.screen import IDLE, PAUSED, RUNNING, STORE, say, status
from playground.ui.handlers.settings import idle
from playground.ui.handlers.shelf import changed, keep_current, made_room, run_of
from playground.ui.session import Session
from playground.ui.shelf import CURRENT, Kept, Plan
from playground.ui.views.image import sprite_json
from playground.ui.views.runs import card, fork_fields, fork_title
from playground.ui.views.sheet import sheet_columns


@answering
def choices(session: Session, request: dict) -> dict[str, Any]:
    """Return the settings that a fork of a run may change, with their values in that run."""
    return {"fields": fork_fields(run_of(session, request.get("run", CURRENT)).experiment)}


def prepare(session_id: str, request: Any) -> dict[str, Any]:
    """Check what is asked for and announce it: `{"run", "step", "key", "value", "seconds", "to_end"}`.

    `key` is empty for a fork that changes nothing; `to_end` ends it at the step that its run has come to. Raises
    ValueError for what cannot be.
    """
    session = idle(session_id)
    session.shelf.plan = None
    if not isinstance(request, dict):
        raise ValueError(f"a fork is asked for by an object, not {shorten(request)}")
    plan = _plan(session, request)
    samples_of(session, plan.fork.experiment)
    session.shelf.plan = plan
    return announce(session_id)


def _plan(session: Session, request: dict) -> Plan:
    seconds, step = check_seconds(request.get("seconds")), request.get("step")
    if step is not None and not is_whole(step, MAX_COUNT):
        raise ValueError(f"step must be a whole number or empty, not {shorten(step)}")
    with session.lock:
        run = run_of(session, request.get("run", CURRENT))
        changes = _changes(run.experiment, request.get("key"), request.get("value"))
        found = fork(run, step, changes)
        if found.experiment == run.experiment:  # it is like that already
            changes = {}
    problem = shape_table(found.experiment).problem
    if problem:
        raise ValueError(say("broken", sentence=problem.sentence))
    steps = None
    if request.get("to_end") is True:
        steps = run.step - found.parent.step
        if steps < 1:
            raise ValueError(say("nothing_left"))
    at = () if changes else tuple(record["step"] for record in run.history if record["step"] > found.parent.step)
    return Plan(found, fork_title(changes, found.parent.step), changes, seconds, steps, run is session.run, at)


def _changes(experiment: Any, key: Any, value: Any) -> dict[str, Any]:
    if key in (None, ""):
        return {}
    known = [field["key"] for field in fork_fields(experiment)]
    if not isinstance(key, str) or key not in known:
        sections = dict.fromkeys(name.partition(".")[0] for name in known)
        raise ValueError(f"a fork cannot change {shorten(key)}; choose a single setting of: {', '.join(sections)}")
    if not isinstance(value, (str, int, float, bool)) or len(str(value)[:200]) >= 200:
        raise ValueError(f"{key} must be one value, not {shorten(value)}")
    return {key: value}


def train(session_id: str) -> Iterator[dict[str, Any]]:
    """Train the fork that was prepared, and show every snapshot; its run stays on the shelf, however it ends."""
    session = STORE.get(session_id)
    plan, session.shelf.plan = session.shelf.plan, None
    if plan is None or session.cancelled:
        session.cancelled = False
        return
    with claimed(session):
        samples = samples_of(session, plan.fork.experiment)
        entry, gone = _shelved(session, plan)
        where = compute.describe(plan.fork.experiment)
        said = " ".join([say("forking", title=entry.run.title, device=where), *made_room(gone)])
        before, last = entry.run.timeline.nearest().seconds, None
        run = compute.snapshots(
            plan.fork.experiment,
            samples,
            resume=plan.fork.state,
            seconds=plan.seconds,
            steps=plan.steps,
            stop=session.stop.is_set,
            history=plan.fork.history,
            at=plan.at,
        )
        try:
            with contextlib.closing(run):
                for last in run:
                    yield _frame(session, entry, plan, last, before, said)
        finally:
            with session.lock:
                entry.live = False
                gone = session.shelf.make_room(safe=entry)
    yield _ended(session, entry, last, gone)


def _shelved(session: Session, plan: Plan) -> tuple[Kept, list[str]]:
    """Keep the first tab's run, if it has a past, and put the fork's beside it."""
    with session.lock:
        gone, own, run = [], None, plan.fork.start()
        if plan.current or (session.own and session.run is not None and session.run.step):
            own, gone = keep_current(session)
        if plan.current:
            run.parent = replace(run.parent, title=own.run.title)  # keeping it may have given it another title
        changes = dict(plan.changes)
        entry, more = session.shelf.add(run, title=plan.title, safe=own, note=plan.fork.note, changes=changes, live=True)
        return entry, gone + more


def _frame(session: Session, entry: Kept, plan: Plan, snapshot: Snapshot, before: float, message: str) -> dict[str, Any]:
    elapsed = snapshot.seconds - before
    done = max(elapsed / plan.seconds, (snapshot.step - plan.fork.parent.step) / plan.steps if plan.steps else 0.0)
    numbers = say(
        "progress",
        elapsed=clock(elapsed),
        total=clock(plan.seconds),
        remaining=clock(max(0.0, plan.seconds - elapsed)),
        step=f"{snapshot.step:,}",
        rate=f"{snapshot.rate:,.0f}",
    )
    with session.lock:
        entry.run.add(snapshot)
        entry.diagnosis = snapshot.diagnosis
        live = card(session, entry.id, entry.run, entry)
    sheet = {"sprite": sprite_json(snapshot.sheet, sheet_columns(plan.fork.experiment)), "step": snapshot.step}
    return {
        "status": status(message, state=RUNNING, fraction=min(1.0, done), numbers=numbers),
        "buttons": RUNNING,
        "columns": {"model": session.id, "live": live | {"sheet": sheet | {"seconds": round(snapshot.seconds, 2)}}},
    }


def _ended(session: Session, entry: Kept, last: Snapshot, gone: list[str]) -> dict[str, Any]:
    state = PAUSED if session.remaining > 0 else IDLE
    bad = last.status == outcomes.DIVERGED
    sentence = last.message if bad else say("forked", title=entry.run.title, step=f"{last.step:,}")
    message = " ".join([sentence, *made_room(gone)])
    return {"status": status(message, state=state, bad=bad), "buttons": state, "columns": changed()}
