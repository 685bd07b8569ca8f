"""The panel "Plane": between three or four of the visitor's points, in two directions."""

from __future__ import annotations

from playground.ui.components import component
from playground.ui.handlers import plane
from playground.ui.tabs.wiring import Wiring


def build(wiring: Wiring) -> None:
    """Lay out the panel, which asks for all it shows."""
    component("plane", parts=["latent_parts"], functions=[plane.sheet, plane.spot, plane.file])
