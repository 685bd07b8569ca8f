"""The lab "Unrolled": states, gates, attention and judgements of the model in view, step by step beside its sample."""

from __future__ import annotations

from playground.ui.components import component
from playground.ui.handlers import unrolled
from playground.ui.tabs.wiring import Wiring


def build(wiring: Wiring) -> None:
    """Lay out the lab; all of it is asked for and answered at once."""
    parts = ["lab_parts", "axes_parts", "gradients_parts", "latent_parts", "unrolled_parts"]
    component("unrolled", {}, functions=[unrolled.look], parts=parts)
