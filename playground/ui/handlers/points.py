"""What the plane of points asks for: a step of one network alone, and a person's own drawing as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.ui.handlers import runs
from playground.ui.handlers.screen import say
from playground.ui.handlers.settings import idle, other_networks
from playground.ui.views.points import KIND, read_drawing


def turn(session_id: str, whose: Any) -> Iterator[dict[str, Any]]:
    """Let one network alone take a step, `discriminator` or `generator`. Raises ValueError for another."""
    yield runs.announce(session_id)
    yield from runs.step(session_id, whose)


def draw(session_id: str, drawn: Any) -> dict[str, Any]:
    """Take what a person has drawn as the points to imitate. Raises ValueError for what is no drawing."""
    session = idle(session_id)
    if session.experiment.spec.kind != KIND:
        raise ValueError(say("no_plane"))
    shape = {"data.shape": "drawn", "data.drawn": read_drawing(drawn)}
    return other_networks(session, session.experiment.with_settings(shape))
