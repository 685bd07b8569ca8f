"""The panel "Samples": as many seeds as a person cares to look at, sorted and starred, and how smooth the space is."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import seeds, smoothness
from playground.ui.tabs.wiring import WORKING, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the panel and wire it."""
    sheet = component("seeds", {}, parts=["latent_parts", "seeds_parts"], functions=[seeds.pictures, seeds.about])
    measured = component("smoothness", {})
    wiring.on(sheet.go, _rank, limit=WORKING, also={"seeds": sheet})
    wiring.on(sheet.halt, seeds.halt, queue=False)
    wiring.on(measured.go, smoothness.measure, limit=WORKING, also={"smoothness": measured})
    wiring.on(measured.halt, smoothness.halt, queue=False)


def _rank(session_id: str, event: gr.EventData) -> Any:
    yield from seeds.rank(session_id, event.request)
