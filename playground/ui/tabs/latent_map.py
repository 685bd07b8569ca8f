"""The panel "Map": real and made samples laid out by how alike they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import map as mapping
from playground.ui.tabs.wiring import WORKING, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the panel and wire it."""
    drawn = component("map", {}, functions=[mapping.place], parts=["latent_parts", "map_parts"])
    wiring.on(drawn.draw, _draw, limit=WORKING, also={"map": drawn})
    wiring.on(drawn.halt, mapping.halt, queue=False)


def _draw(session_id: str, event: gr.EventData) -> Iterator[dict[str, Any]]:
    return mapping.draw(session_id, getattr(event, "request", None))
