"""What the tabs share: the visitor's session, and events whose handlers change the page or say what is wrong.

The first tab makes the one `Wiring` of the page; `app.build` hands it to the tabs after it. A handler takes the
session's id first and returns (or yields) a dict of what changes, by the names in `OUTPUTS`. A tab that only looks
needs none of this: its component asks through server functions, with the id that the scripts share (`shared.js`).
"""

from __future__ import annotations

import contextlib
import inspect
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gradio as gr

from playground.ui.handlers import runs
from playground.ui.handlers.screen import IDLE, PAUSED, RUNNING, STORE, say, status
from playground.ui.words import words

logger = logging.getLogger(__name__)
TRAINING, WORKING, LIGHT = "training", "working", "light"
LIMITS = {TRAINING: runs.RUNS, WORKING: 2, LIGHT: 16}  # how many of a kind there may be at once
OUTPUTS = (
    "status", "ladder", "timeline", "sheet", "curves", "diagnosis", "walk", "form", "dataset", "architecture", "train", "pause",
    "stop", "step", "reset", "seconds", "download", "link", "file",
)  # fmt: skip
DRAWN = (  # given to the page as they are
    "status", "ladder", "timeline", "sheet", "curves", "diagnosis", "walk", "form", "architecture", "link",
)  # fmt: skip


class Wiring:
    """Hold the visitor's session, an id in a `gr.State`, and the page's `parts` by the names in `OUTPUTS`."""

    def __init__(self, session: gr.State, parts: dict[str, Any]) -> None:
        self.session, self.parts = session, parts

    @property
    def outputs(self) -> list[Any]:
        return [self.parts[name] for name in OUTPUTS]

    def on(
        self,
        event: Any,
        handler: Callable,
        *inputs: Any,
        limit: str = LIGHT,
        also: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """Call `handler(session_id, *inputs)` at a component's event, and change the page as it answers.

        `limit` says what it may have to wait for: `TRAINING` for other runs, `WORKING` for other work of some seconds,
        `LIGHT` for next to nothing. `also` names
        the components of another tab that the handler changes too; what it gives for them they get as it is.
        """
        also = also or {}
        concurrency = {"concurrency_id": limit, "concurrency_limit": LIMITS[limit]}
        return event(
            guarded(handler, also),
            [self.session, *inputs],
            [*self.outputs, *also.values()],
            show_progress="hidden",
            api_visibility="private",
            **concurrency,
            **options,
        )


def inner_tabs(wiring: Wiring, entries: Mapping[str, Callable[[Wiring], None]], kind: str, elem_id: str) -> None:
    """Lay out a bar of tabs inside a tab: one for each entry, called `KIND_NAME` among the words of the page."""
    text = words("page")
    with gr.Tabs(elem_id=elem_id):
        for name, build in entries.items():
            with gr.Tab(text[f"{kind}_{name}"], id=name, elem_id=f"{kind}-{name}"):
                build(wiring)


def guarded(handler: Callable, also: Iterable[str] = ()) -> Callable:
    """Turn a handler's values into the outputs' order, and what goes wrong into a sentence on the status line."""
    also = tuple(also)
    takes_event = "event" in inspect.signature(handler).parameters

    def answer(*inputs: Any) -> Iterator[tuple]:
        try:
            result = handler(*inputs)
            if not inspect.isgenerator(result):
                yield arranged(_linked(inputs[0], result), also)
                return
            with contextlib.closing(result):  # a closed tab ends the run at once, not when memory is tidied up
                for values in result:
                    yield arranged(_linked(inputs[0], values), also)
        except (ValueError, OSError) as error:
            yield arranged(refused(inputs[0], _sentence(error)), also)
        except Exception:
            logger.exception("handling %s", handler.__name__)
            yield arranged(refused(inputs[0], say("failed")), also)

    def with_event(session_id: str, event: gr.EventData) -> Iterator[tuple]:
        yield from answer(session_id, event)

    return with_event if takes_event else answer


def _sentence(error: Exception) -> str:
    text = str(error).strip() or say("failed")
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def refused(session_id: str, sentence: str) -> dict[str, Any]:
    """Say what stands in the way; what was chosen in the browser and not taken goes back to what it was."""
    try:
        session = STORE.get(session_id)
    except ValueError:
        return {"status": status(sentence, bad=True), "buttons": IDLE}
    state = RUNNING if session.running else PAUSED if session.remaining > 0 else IDLE
    return {"status": status(sentence, bad=True), "buttons": state, "dataset": session.experiment.dataset}


def _linked(session_id: str, values: dict[str, Any]) -> dict[str, Any]:
    return values | {"link": STORE.get(session_id).address + values["link"]} if "link" in values else values


def arranged(values: dict[str, Any], also: Iterable[str] = ()) -> tuple:
    """Put a handler's values in the order of `OUTPUTS` and then of `also`; what it does not name stays as it is."""
    found = {name: values[name] for name in DRAWN if name in values}
    text = words("controls")
    if "buttons" in values:
        found |= _buttons(values["buttons"], text)
        chosen = {"value": values["dataset"]} if "dataset" in values else {}
        found["dataset"] = gr.update(interactive=values["buttons"] != RUNNING, **chosen)
    if "missing" in values:
        absent = values["missing"]
        found["download"] = gr.Button(text["download"].format(**absent) if absent else "", visible=absent is not None)
    if "file" in values:
        found["file"] = gr.DownloadButton(value=values["file"])
    return (*(found.get(name, gr.skip()) for name in OUTPUTS), *(values.get(name, gr.skip()) for name in also))


def _buttons(state: str, text: dict[str, str]) -> dict[str, Any]:
    running = state == RUNNING
    return {
        "train": gr.Button(text["resume"] if state == PAUSED else text["train"], interactive=not running),
        "pause": gr.Button(interactive=running),
        "stop": gr.Button(interactive=state != IDLE),
        "step": gr.Button(interactive=not running),
        "reset": gr.Button(interactive=not running),
        "seconds": gr.Number(interactive=state == IDLE),
    }
