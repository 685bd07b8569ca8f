"""Visitors whose small networks took some steps, each of them a moment of their run."""

from __future__ import annotations

from typing import Any

import numpy as np
from visitors import answers, visitor

from playground.ui.handlers import forks, runs, shelf
from playground.ui.session import Session


def trained(steps: int = 3, **settings: Any) -> Session:
    """Open a session and take some steps in it."""
    session = visitor(**settings)
    train_on(session, steps)
    return session


def train_on(session: Session, steps: int) -> None:
    for _ in range(steps):
        answers(runs.step, session.id)


def looked(session: Session, ask: Any = shelf.look, **request: Any) -> dict[str, Any]:
    """Ask as the page does, and fail where it is refused."""
    answer = ask({"model": session.id} | request)
    assert "error" not in answer, answer
    return answer


def forked(session: Session, **request: Any) -> list[dict[str, Any]]:
    """Fork as the page does, and return the answers of the training."""
    wanted = {"run": "now", "step": None, "key": "", "value": None, "seconds": 5, "to_end": False} | request
    announced = answers(forks.prepare, session.id, wanted)[-1]
    assert not announced["status"]["bad"], announced
    return answers(forks.train, session.id)


def assert_same_state(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    """Check that two states are equal bit for bit, but for the seconds that they took."""
    assert set(one) == set(other)
    for name in set(one) - {"seconds"}:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
