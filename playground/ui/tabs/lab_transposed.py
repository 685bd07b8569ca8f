"""The lab of transposed convolutions: step by step in two ways, any value as a sum, and what they do to pictures."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import spectra, transposed
from playground.ui.tabs.wiring import TRAINING, Wiring

PARTS = ["lab_parts", "transposed_parts", "transposed_spectra_parts", "transposed_views_parts", "transposed_steps_parts"]


def build(wiring: Wiring) -> None:
    """Lay out the lab and wire it."""
    asks = [transposed.look, transposed.frames, transposed.pixel]
    lab = component("transposed", {}, functions=asks, parts=PARTS)
    wiring.on(lab.go, _compare, limit=TRAINING, also={spectra.NAME: lab})
    wiring.on(lab.halt, spectra.stop, queue=False)


def _compare(session_id: str, event: gr.EventData) -> Any:
    return spectra.compare(session_id, event.request)
