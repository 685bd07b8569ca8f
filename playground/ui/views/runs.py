"""Runs side by side: a card for each, the settings in which they differ, and what a fork may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playground.evaluation.diagnosis import Diagnosis, diagnose
from playground.experiment import Experiment
from playground.timeline import Run, compare
from playground.timeline.comparing import MAX_RUNS
from playground.ui.session import Session
from playground.ui.shelf import CURRENT, Kept
from playground.ui.views.curves import curves
from playground.ui.views.form import form
from playground.ui.words import words

COMMON = (  # what a fork changes most often, in this order; the rest follows
    "recipe.loss", "recipe.learning_rate_generator", "recipe.learning_rate_discriminator", "recipe.batch_size",
    "recipe.penalty", "generator.normalisation", "discriminator.normalisation", "recipe.optimiser", "recipe.augment",
    "recipe.discriminator_steps",
)  # fmt: skip
FIXED = ("data.resolution", "seed", "opponent")  # a fork keeps data, seed and both architectures


def side_by_side(session: Session, hidden: Iterable[str] = ()) -> dict[str, Any]:
    """Describe the first tab's run and those on the shelf; at most four that are not `hidden` stand side by side."""
    entries = entries_of(session)
    shown = [name for name in entries if name not in set(hidden)][:MAX_RUNS]
    cards = [card(session, name, run, kept) | {"shown": name in shown} for name, (run, kept) in entries.items()]
    return {"model": session.id, "runs": cards, "differences": _differences([entries[name][0] for name in shown])}


def entries_of(session: Session) -> dict[str, tuple[Run, Kept | None]]:
    """Return each run with its entry on the shelf by its id; the current one first, and not once more as its own copy."""
    copy = session.shelf.copy_of(session.run)
    first = {CURRENT: (session.run, copy)} if session.run else {}
    return first | {entry.id: (entry.run, entry) for entry in session.shelf.kept if entry is not copy}


def card(session: Session, name: str, run: Run, kept: Kept | None) -> dict[str, Any]:
    """Describe one run: what it is, where it came from, its moments, curves, and how it is doing."""
    moments, current = run.timeline.moments, name == CURRENT
    last = run.history[-1] if run.history else {}
    return {
        "id": name,
        "title": run.name,
        "mark": 0 if current else kept.mark,
        "current": current,
        "kept": kept is not None,
        "live": bool(kept and kept.live) or (current and session.running and not any(e.live for e in session.shelf.kept)),
        "steps": [moment.step for moment in moments],
        "seconds": [round(moment.seconds, 2) for moment in moments],
        "step": last.get("step") or run.step,
        "trained": last.get("seconds") or 0.0,
        "at": session.past.step if current and session.past else None,
        "parent": vars(run.parent) if run.parent else None,
        "changes": {key: written(value) for key, value in (kept.changes if kept else {}).items()},
        "note": kept.note if kept else "",
        "quality": next((r["quality"] for r in reversed(run.history) if r.get("quality") is not None), None),
        "curves": curves(run.history),
        "diagnosis": _diagnosis(session.diagnosis if current else kept.diagnosis, run),
    }


def _diagnosis(found: Diagnosis | None, run: Run) -> dict[str, str] | None:
    if found is None and any(record.get("quality") is not None for record in run.history):
        found = diagnose(run.history, run.experiment)
    return {"state": found.state, "sentence": found.sentence} if found else None


def _differences(runs: list[Run]) -> list[dict[str, Any]]:
    """Return the settings that are not the same in all of the runs, a row each with a value for each run."""
    if len(runs) < 2:
        return []
    return [{"name": name_of(key), "values": [written(v) for v in row]} for key, row in compare(runs).fields.items()]


def written(value: Any) -> str:
    """Write a setting's value; a run that does not have it gets a dash."""
    if value is None:
        return "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(written, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def name_of(key: str) -> str:
    """Return what a person calls a setting: `recipe.beta1` -> "beta 1", with the network where it is one's."""
    section, _, name = key.rpartition(".")
    label = words("form").get(name, name.replace("_", " "))
    return f"{section} {label}" if section in ("generator", "discriminator") else label


def fork_fields(experiment: Experiment) -> list[dict[str, Any]]:
    """Return the settings that a fork of an experiment's run may change, as the form has them, the common ones first."""
    fields = [field for section in form(experiment)["sections"] for field in section["fields"] if field["key"] not in FIXED]
    order = {key: place for place, key in enumerate(COMMON)}
    fields.sort(key=lambda field: order.get(field["key"], len(order)))  # stable: the form's order among the rest
    return [
        {**field, "label": name_of(field["key"]), "common": field["key"] in order, "group": field["key"].partition(".")[0]}
        for field in fields
    ]


def fork_title(changes: Mapping[str, Any], step: int) -> str:
    """Name a fork by what it changes and where it leaves its run."""
    text = words("shelf")
    what = ", ".join(f"{name_of(key)} {written(value)[:24]}" for key, value in changes.items())
    return text["forked"].format(what=what or text["again"], step=f"{step:,}")
