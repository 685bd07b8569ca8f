"""The lab "Feature maps": what every module gives, what a changed channel does, and what caused a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import maps
from playground.ui.tabs.wiring import WORKING, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the lab and wire it."""
    lab = component("maps", {}, parts=["lab_parts", "maps_parts"], functions=[maps.look, maps.cause, maps.dead, maps.reach])
    wiring.on(lab.go, _go, limit=WORKING, also={maps.NAME: lab})
    wiring.on(lab.halt, maps.halt, queue=False)


def _go(session_id: str, event: gr.EventData) -> Iterator[dict[str, Any]]:
    yield from maps.film(session_id, event.request)
