"""The lab "Batch norm": the same latents under other statistics, the statistics themselves, and normalisations side by side."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import norms
from playground.ui.tabs.wiring import TRAINING, WORKING, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the lab and wire it: moments are measured and arms trained by events, all else is asked for."""
    asks = [norms.same, norms.standing, norms.statistics]
    lab = component("norms", {}, functions=asks, parts=["axes_parts", "lab_parts", "norms_parts"])
    wiring.on(lab.over, norms.over, limit=WORKING, also={"norms": lab})
    wiring.on(lab.go, _race, limit=TRAINING, also={"norms": lab})
    wiring.on(lab.halt, norms.halt, queue=False)


def _race(session_id: str, event: gr.EventData) -> Any:
    yield from norms.race(session_id, event.request)
