"""The panel "Walk": through the visitor's points, or at random."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import route
from playground.ui.tabs.wiring import LIGHT, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the panel and wire it."""
    way = component("route", parts=["latent_parts", "route_parts"], functions=[route.keep, route.mix, route.file])
    # a walk that is asked for while another is made stops that one, instead of being dropped
    wiring.on(way.go, _go, limit=LIGHT, also={route.NAME: way}, trigger_mode="multiple")
    wiring.on(way.halt, route.stop, queue=False, trigger_mode="multiple")


def _go(session_id: str, event: gr.EventData) -> Iterator[dict[str, Any]]:
    yield from route.walk(session_id, event.request)
