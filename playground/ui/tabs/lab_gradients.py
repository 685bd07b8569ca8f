"""The lab "Gradients and memory": how far a gradient reaches back, what states hold, where attention looks."""

from __future__ import annotations

from playground.ui.components import component
from playground.ui.handlers import gradients
from playground.ui.tabs.wiring import WORKING, Wiring


def build(wiring: Wiring) -> None:
    """Lay out the lab and wire it. Only measuring along a run lasts; all else is asked for and answered at once."""
    asks = [gradients.memory, gradients.states, gradients.attention, gradients.inside, gradients.look, gradients.lengths]
    parts = ["lab_parts", "axes_parts", "gradients_parts", "gradients_model_parts"]
    lab = component("gradients", {}, functions=asks, parts=parts)
    wiring.on(lab.go, gradients.over, limit=WORKING, also={"gradients": lab})
    wiring.on(lab.halt, gradients.halt, queue=False)
