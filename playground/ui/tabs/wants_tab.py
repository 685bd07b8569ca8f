"""The tab that shows what the discriminator wants: its scores, and how each pixel would have to change to raise them."""

from __future__ import annotations

from playground.ui.components import component
from playground.ui.handlers import wants


def build() -> None:
    """Lay out the tab. It asks for all it shows, when it is opened and whenever the model is another."""
    component("wants", functions=[wants.tiles, wants.follow, wants.spread])
