"""What the shape solver asks for. As in `looking`: anyone may ask anything, and the answer is never an exception."""

from __future__ import annotations

from typing import Any

from playground.inspection import read_chain, to_settings
from playground.ui.handlers import settings
from playground.ui.handlers.looking import answering
from playground.ui.handlers.screen import say, status
from playground.ui.session import Session
from playground.ui.views.shapes import first_chain, solved


@answering
def solve(session: Session, request: dict) -> dict[str, Any]:
    """Describe the chain of a request, or the one to begin with where it has none."""
    given = request.get("chain")
    chain = first_chain(session.experiment) if given is None else read_chain(given)
    return solved(chain, session.experiment)


def use(session_id: str, given: Any) -> dict[str, Any]:
    """Give the session's generator the stages of a chain, as an edit of the form would; weights that fit are kept.

    The sentence goes to the lab too, for the status line is on another tab.
    """
    try:
        session = settings.idle(session_id)
        wanted = to_settings(read_chain(given), session.experiment)
        changes = {key: value for key, value in wanted.items() if not _is_so(session, key, value)}
        if not changes:
            return _said(say("chain_same"))
        if session.own:
            values = settings.apply(session_id, changes)
        else:  # the model that came with the page may be of another experiment: there is nothing to keep of it
            values = settings.other_networks(session, session.experiment.with_settings(changes))
    except ValueError as error:
        return _said(f"{str(error)[0].upper()}{str(error)[1:].rstrip('.')}.", bad=True)
    return values | {"shapes": {"said": values["status"]["message"], "bad": False}}


def _is_so(session: Session, key: str, value: list[int]) -> bool:
    current = getattr(session.experiment.generator, key.partition(".")[2])
    return list(current) == value or (len(set(value)) == 1 and current == (value[0],))


def _said(sentence: str, *, bad: bool = False) -> dict[str, Any]:
    return {"status": status(sentence, bad=bad), "shapes": {"said": sentence, "bad": bad}}
