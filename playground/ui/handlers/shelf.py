"""The shelf of kept runs: look at them side by side, keep, name, remove, take over, save and open."""

from __future__ import annotations

import pathlib
import re
import secrets
import tempfile
import weakref
from typing import Any

from playground.config import shorten
from playground.model import sheet_inputs
from playground.samples import to_pixels
from playground.timeline import Moment, Run, Timeline, load_run, save_run
from playground.training.state import MAX_COUNT
from playground.ui.handlers.looking import answering, is_whole
from playground.ui.handlers.screen import IDLE, STORE, say, screen, sheet_pictures, status
from playground.ui.handlers.settings import idle
from playground.ui.session import Session
from playground.ui.shelf import CURRENT, MAX_KEPT, MAX_TITLE, Kept
from playground.ui.views.image import sprite_json
from playground.ui.views.runs import side_by_side
from playground.ui.views.sheet import sheet_columns

MAX_SAVED = 60 * 2**20  # bytes of moments in a file from the page, which takes uploads of at most 64 MB
MAX_NAME = 16  # characters of an id


@answering
def look(session: Session, request: dict) -> dict[str, Any]:
    """Describe all runs; those named in `hidden` do not stand side by side."""
    return looked(session, request)


def looked(session: Session, request: dict, said: str = "") -> dict[str, Any]:
    """Describe all runs, with a sentence on what was done to them."""
    hidden = request.get("hidden", [])
    if not isinstance(hidden, list) or len(hidden) > MAX_KEPT + 1 or not all(isinstance(name, str) for name in hidden):
        raise ValueError(f"hidden must be a list of at most {MAX_KEPT + 1} runs' ids, not {shorten(hidden)}")
    with session.lock:
        return side_by_side(session, hidden) | {"said": said}


@answering
def sheets(session: Session, request: dict) -> dict[str, Any]:
    """Make the sample sheets of some runs, each at its moment nearest to a step: `{"moments": {id: step}}`."""
    wanted = request.get("moments")
    if not isinstance(wanted, dict) or not 1 <= len(wanted) <= MAX_KEPT + 1:
        raise ValueError(f"moments must name one to {MAX_KEPT + 1} runs, not {shorten(wanted)}")
    for step in wanted.values():
        if step is not None and not is_whole(step, MAX_COUNT):
            raise ValueError(f"a step must be a whole number or empty, not {shorten(step)}")
    return {"sheets": {name: sheet_at(session, name, step) for name, step in wanted.items()}}


def sheet_at(session: Session, name: str, step: int | None) -> dict[str, Any]:
    """Make the sheet of one run at its moment nearest to `step`, by default the newest; each is made once."""
    with session.lock:
        run = run_of(session, name)
        experiment, moment = run.experiment, run.timeline.nearest(step) if len(run.timeline) else None
        if moment is None:  # a model that came without its past
            pictures = sheet_pictures(session.model)
            sprite = sprite_json(pictures, sheet_columns(session.model.experiment))
            return {"sprite": sprite, "step": session.model.shown_step, "seconds": None}
    shelf = session.shelf
    with shelf.drawing:
        if moment not in shelf.sheets:
            viewer = shelf.viewer(experiment)
            pictures = pictures_at(viewer, moment)
            shelf.sheets[moment] = sprite_json(pictures, sheet_columns(experiment))
        return {"sprite": shelf.sheets[moment], "step": moment.step, "seconds": round(moment.seconds, 2)}


def pictures_at(viewer: Any, moment: Moment) -> Any:
    """Make the sheet's pictures with a moment's averaged weights, uint8 (N, H, W, C)."""
    viewer.update(moment.state)
    viewer.resume = None
    return to_pixels(viewer.generate(*sheet_inputs(viewer.experiment)))


def run_of(session: Session, name: object) -> Run:
    """Return the run of an id. Raises ValueError with a sentence where there is none."""
    if name == CURRENT:
        if session.run is None:
            raise ValueError(say("nothing_to_keep"))
        return session.run
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise ValueError(f"a run is named by its id, not {shorten(name)}")
    return session.shelf.get(name).run


@answering
def keep(session: Session, request: dict) -> dict[str, Any]:
    """Keep the first tab's run as it is now; one that is kept already is brought up to date."""
    with session.lock:
        known = session.shelf.copy_of(session.run)
        entry, gone = keep_current(session)
        names = {"title": entry.run.title, "step": f"{entry.run.step:,}"}
        sentence = say("kept_again", **names) if known else say("kept", **names)
        return looked(session, request, " ".join([sentence, *made_room(gone)]))


def keep_current(session: Session, safe: Kept | None = None) -> tuple[Kept, list[str]]:
    """Keep the session's run, or bring its copy up to date; return it, and the titles of those that made room."""
    if session.run is None or not len(session.run.timeline):
        raise ValueError(say("nothing_to_keep"))
    entry, own = session.shelf.copy_of(session.run), session.run
    if entry is not None:
        entry.run.timeline, entry.run.history, entry.diagnosis = own.timeline.copy(), list(own.history), session.diagnosis
        return entry, session.shelf.make_room(safe=entry)
    origin = weakref.ref(own)
    entry, gone = session.shelf.add(own.copy(), safe=safe, origin=origin, diagnosis=session.diagnosis)
    own.title = entry.run.title
    return entry, gone


def changed() -> dict[str, Any]:
    """Return what tells the page to ask again; every one is new, for the page heeds changes only."""
    return {"changed": secrets.token_hex(4)}


def made_room(gone: list[str]) -> list[str]:
    """Say which runs made room."""
    return [say("made_room", titles="”, “".join(gone))] if gone else []


@answering
def rename(session: Session, request: dict) -> dict[str, Any]:
    """Give a run another title."""
    title, name = request.get("title"), request.get("run")
    if not isinstance(title, str) or not title.strip() or not title.isprintable() or len(title) > MAX_TITLE:
        raise ValueError(f"a title is one line of 1 to {MAX_TITLE} characters, not {shorten(title)}")
    with session.lock:
        run, copy = run_of(session, name), session.shelf.copy_of(session.run)
        entry = copy if name == CURRENT else session.shelf.get(name)
        run.title = session.shelf.free_title(title, but=entry)
        if entry is not None:
            entry.run.title = run.title
        return looked(session, request)


@answering
def remove(session: Session, request: dict) -> dict[str, Any]:
    """Take a run off the shelf."""
    with session.lock:
        name = request.get("run")
        entry = session.shelf.copy_of(session.run) if name == CURRENT else session.shelf.get(name)
        if entry is None:
            raise ValueError(say("not_on_shelf"))
        if entry.live:
            raise ValueError(say("busy"))
        session.shelf.kept.remove(entry)
        return looked(session, request, say("removed", title=entry.run.title))


def show(session_id: str, name: Any) -> dict[str, Any]:
    """Show a kept run on the first tab, where it can be trained on; the run that was there is kept before."""
    session = idle(session_id)
    with session.lock:
        if not isinstance(name, str):
            raise ValueError(f"a run is named by its id, not {shorten(name)}")
        entry, gone = session.shelf.get(name), []
        if session.own and session.run is not None and session.run.step:
            gone = keep_current(session, safe=entry)[1]
        session.take_run(entry.run)
        session.diagnosis, entry.origin = entry.diagnosis, weakref.ref(session.run)
        sentence = say("shown", title=entry.run.title, step=f"{entry.run.step:,}")
        return screen(session, " ".join([sentence, *made_room(gone)])) | {"columns": changed()}


def save(session_id: str, name: Any) -> dict[str, Any]:
    """Write a run with its moments to a file of the session's folder, for the browser to download."""
    session = STORE.get(session_id)
    with session.lock:
        run = run_of(session, name).copy()
    if not len(run.timeline):
        raise ValueError(say("nothing_to_keep"))
    count, run.timeline = len(run.timeline), thinned(run.timeline)
    run.title = run.name
    session.saved = tempfile.TemporaryDirectory(prefix="gan-playground-")  # the one before goes
    stem = re.sub(r"[^a-z0-9]+", "-", run.title.lower()).strip("-") or "run"
    path = pathlib.Path(session.saved.name) / f"{stem}-step{run.step}.run.safetensors"
    save_run(run, path)
    numbers = {"title": run.title, "kept": len(run.timeline), "count": count}
    whole = len(run.timeline) == count
    message = say("run_saved", **numbers) if whole else say("run_saved_thinned", **numbers)
    return {"run_file": str(path), "status": status(message, state="running" if session.running else IDLE)}


def thinned(timeline: Timeline) -> Timeline:
    """Return a timeline of as many of the moments as a file from the page may hold."""
    fewer = Timeline(timeline.max_moments, min(timeline.max_bytes, MAX_SAVED))
    for moment in timeline.moments:
        fewer.add(moment.state)
    return fewer


def open_file(session_id: str, file: Any) -> dict[str, Any]:
    """Put a run from a file that the visitor uploads on the shelf."""
    session = STORE.get(session_id)
    if not file:
        return {}
    run = load_run(file)
    with session.lock:
        entry, gone = session.shelf.add(run, title=run.name)
    moments = len(entry.run.timeline)
    sentence = say("run_opened", title=entry.run.title, step=f"{entry.run.step:,}", moments=moments)
    message = " ".join([sentence, *made_room(gone)])
    return {"status": status(message, state="running" if session.running else IDLE), "columns": changed()}
