"""The panel "Content × motion": what one point shows, moving as another one does."""

from __future__ import annotations

from playground.ui.components import component
from playground.ui.handlers import motion
from playground.ui.tabs.wiring import Wiring


def build(wiring: Wiring) -> None:
    """Lay out the panel, which asks for all it shows."""
    component("motion", parts=["latent_parts"], functions=[motion.sheet, motion.point, motion.file])
