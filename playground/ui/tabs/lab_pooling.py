"""The lab "Pooling": one picture through every way of making it smaller, and discriminators trained with each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import pooling
from playground.ui.tabs.wiring import TRAINING, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the lab and wire its races."""
    asks = [pooling.look, pooling.moves, pooling.costs]
    lab = component("pooling", {}, functions=asks, parts=["lab_parts", "pooling_parts"])
    wiring.on(lab.go, _go, limit=TRAINING, also={pooling.NAME: lab})
    wiring.on(lab.halt, pooling.halt, queue=False)


def _go(session_id: str, event: gr.EventData) -> Iterator[dict[str, Any]]:
    yield from pooling.go(session_id, event.request)
