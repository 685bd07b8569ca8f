"""The tab that takes training steps in slow motion."""

from __future__ import annotations

from playground.ui.components import component
from playground.ui.handlers import slow
from playground.ui.tabs.wiring import Wiring


def build(wiring: Wiring) -> None:
    """Lay out the tab. Who leaves it after a step finds the new state on the first tab."""
    steps = component("slow", parts=["slow_parts"], functions=[slow.start, slow.step])
    wiring.on(steps.left, slow.shown)
