"""The panel "Find": draw or choose a picture, and see where in latent space it lies and what the data have near it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import find
from playground.ui.tabs.wiring import WORKING, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the panel and wire it."""
    panel = component("find", {}, parts=["latent_parts", "find_parts"], functions=[find.target])
    wiring.on(panel.go, _find, limit=WORKING, also={"find": panel})
    wiring.on(panel.near, _near, limit=WORKING, also={"find": panel})
    wiring.on(panel.halt, find.halt, queue=False)


def _find(session_id: str, event: gr.EventData) -> Any:
    yield from find.find(session_id, event.request)


def _near(session_id: str, event: gr.EventData) -> Any:
    yield from find.near(session_id, event.request)
