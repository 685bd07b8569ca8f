"""The tab "Latent space": the visitor's collected points on top, and below them panels that make and use points.

Each panel is a file of its own, with `build(wiring)`, under a tab inside the tab.
"""

from __future__ import annotations

from playground.ui.components import component
from playground.ui.handlers import latent, route
from playground.ui.tabs import latent_find, latent_map, latent_plane, latent_seeds, latent_steer, latent_walk
from playground.ui.tabs.wiring import Wiring, inner_tabs

PANELS = {
    "walk": latent_walk.build,
    "plane": latent_plane.build,
    "steer": latent_steer.build,
    "seeds": latent_seeds.build,
    "find": latent_find.build,
    "map": latent_map.build,
}  # the name of a panel's words in `page`, and the function that lays it out


def build(wiring: Wiring) -> None:
    """Lay out the tab."""
    asks = [latent.pictures, latent.numbers, latent.address, route.lines]
    component("tray", parts=["latent_parts", "link_parts", "tray_parts"], functions=asks)
    inner_tabs(wiring, PANELS, "panel", "latent-tabs")
