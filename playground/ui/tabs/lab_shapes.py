"""The lab "Shape solver": a chain of layers to edit, with what would repair it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import shapes
from playground.ui.tabs.wiring import Wiring


def build(wiring: Wiring) -> None:
    """Lay out the lab. Every edit asks for all that is shown; only taking a chain over changes the page's other tabs."""
    lab = component("shapes", {}, functions=[shapes.solve], parts=["lab_parts", "shapes_parts"])
    wiring.on(lab.use, _used, also={"shapes": lab})


def _used(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return shapes.use(session_id, event.chain)
