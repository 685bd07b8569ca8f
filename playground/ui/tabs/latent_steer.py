"""The panel "Steer": sliders that move the chosen point along directions, and how the directions are found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import latent, steer
from playground.ui.tabs.wiring import WORKING, Wiring

ASKS = (
    latent.pictures, steer.choices, steer.moved, steer.strips, steer.keep, steer.factors, steer.marked, steer.save,
    steer.opened,
)  # fmt: skip


def build(wiring: Wiring) -> None:
    """Lay out the panel and wire the search, which lasts."""
    panel = component("steer", {}, parts=["latent_parts", "steer_parts"], functions=ASKS)
    wiring.on(panel.go, _find, limit=WORKING, also={"steer": panel})
    wiring.on(panel.halt, steer.halt, queue=False)


def _find(session_id: str, event: gr.EventData) -> Iterator[dict[str, Any]]:
    return steer.find(session_id, event.request)
