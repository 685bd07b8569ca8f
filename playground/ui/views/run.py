"""A run's past and its state: the timeline of moments, and the diagnosis."""

from __future__ import annotations

from typing import Any

from playground.evaluation.diagnosis import Diagnosis, diagnose
from playground.ui.session import Session


def timeline(session: Session) -> dict[str, Any]:
    """Describe the moments that a visitor can go back to, and where among them they are; none without a run."""
    moments = session.run.timeline.moments if session.run else ()
    model = session.shown
    return {
        "model": session.id if model else None,
        "steps": [moment.step for moment in moments],
        "seconds": [round(moment.seconds, 2) for moment in moments],
        "at": session.past.step if session.past else None,
        "best": session.model.best_step if session.model else None,
    }


def diagnosis(session: Session) -> dict[str, Any] | None:
    """Describe the state of the session's run; None where there is nothing to tell it from."""
    found = session.diagnosis or _from_history(session)
    if found is None:
        return None
    return {"state": found.state, "sentence": found.sentence, "advice": found.advice, "change": dict(found.change)}


def _from_history(session: Session) -> Diagnosis | None:
    model = session.model
    if model is None or all(record.get("quality") is None for record in model.history):
        return None
    return diagnose(model.history, model.experiment)
