"""Visitors of the page who have no browser: small sessions, and handlers called as the page calls them."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import gradio as gr

from playground.checkpoint import load, shipped
from playground.experiment import Experiment
from playground.model import Model
from playground.ui.handlers import runs
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session
from playground.ui.tabs import wiring

SMALL = {
    "architecture": "mlp",
    "dataset": "digits",
    "data.resolution": 16,
    "generator.width": 16,
    "discriminator.width": 16,
    "recipe.batch_size": 8,
}


def visitor(model: bool = False, **settings: Any) -> Session:
    """Open a session of small networks, untrained ones in view where `model` says so; `generator__width` sets a width."""
    experiment = Experiment.from_settings(SMALL | {key.replace("__", "."): value for key, value in settings.items()})
    return STORE.open(experiment, Model.untrained(experiment) if model else None)


def conditional(**settings: Any) -> Session:
    """Open a session with an untrained model that knows classes, and whose pictures show it."""
    session = visitor(model=True, architecture="cgan", generator__width=4, discriminator__width=4, **settings)
    for parameter in session.model.generator.parameters():
        parameter.data.mul_(8)  # untrained pictures are all but grey, in every class
    return session


def shipped_file(*, with_classes: bool = False) -> pathlib.Path:
    """Return the first model that comes with the page and knows classes, or knows none."""
    return next(file for file in shipped() if bool(load(file).experiment.num_classes) == with_classes)


def shipped_name(*, with_classes: bool = False) -> str:
    """Return its name."""
    return shipped_file(with_classes=with_classes).stem


def guest() -> Session:
    """Open a session that looks at the model that comes with the page, as every new visitor does."""
    model = load(shipped_file())
    return STORE.open(model.experiment, model)


def trained(session: Session, steps: int) -> Session:
    """Train a session step by step, so that its run has a moment for every step."""
    for _ in range(steps):
        list(runs.step(session.id))
    return session


def answers(handler: Callable, *inputs: Any) -> list[dict[str, Any]]:
    """Call a handler as the page does, and return what each of its answers changes on the page, by component."""
    return [changed(values) for values in wiring.guarded(handler)(*inputs)]


def changed(values: tuple) -> dict[str, Any]:
    """Name the outputs of one answer, without those that stay as they are."""
    return {name: value for name, value in zip(wiring.OUTPUTS, values, strict=True) if value != gr.skip()}


def is_sentence(text: Any) -> bool:
    """Say whether a person can be shown `text`: one line of moderate length with an end, and no innards of the program."""
    short = isinstance(text, str) and 8 < len(text) < 600 and "\n" not in text
    return short and text.endswith((".", "!", "?", "…")) and not any(word in text for word in ("Traceback", "Error:", "0x"))


def refusal(handler: Callable, *inputs: Any) -> str:
    """Return the sentence with which a handler refuses. Fails when it does not, or says it badly."""
    message = answers(handler, *inputs)[-1]["status"]
    assert message["bad"] and is_sentence(message["message"]), message
    return message["message"]
