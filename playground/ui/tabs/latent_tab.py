"""The tab "Latent space": the visitor's collected points on top, and below them panels that make and use points.

Each panel is a file of its own, with `build(wiring)`, under a tab inside the tab.
"""

from __future__ import annotations

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import latent
from playground.ui.tabs import latent_find
from playground.ui.tabs.wiring import Wiring
from playground.ui.words import words

PANELS = {"find": latent_find.build}  # the name of a panel's words in `page`, and the function that lays it out


def build(wiring: Wiring) -> None:
    """Lay out the tab."""
    text = words("page")
    component("tray", parts=["latent_parts"], functions=[latent.pictures])
    with gr.Tabs(elem_id="latent-tabs"):
        for name, panel in PANELS.items():
            with gr.Tab(text[f"panel_{name}"], id=name, elem_id=f"panel-{name}"):
                panel(wiring)
