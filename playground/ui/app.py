"""The page, from its tabs."""

from __future__ import annotations

import pathlib
import threading
from typing import Any

import gradio as gr

from playground.datasets import DATASETS, data_root, default_dataset
from playground.ui import endpoints
from playground.ui.tabs import latent_tab, layers_tab, playground_tab, runs_tab, slow_tab, wants_tab
from playground.ui.words import words

STYLE = pathlib.Path(__file__).with_name("page.css")
MAX_UPLOAD = "64mb"
HOUR = 3600
ACCENT = "#0072B2"  # white text on it has a contrast of 5.2 to 1


def build() -> gr.Blocks:
    """Build the page with its tabs and the endpoints that programs call."""
    text = words("page")
    with gr.Blocks(title=text["title"], analytics_enabled=False, fill_width=True, delete_cache=(HOUR, HOUR)) as page:
        gr.HTML(f"<h1>{text['heading']}</h1><p>{text['tagline']}</p>", elem_id="heading", padding=False)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(text["tab_playground"], id="playground", elem_id="tab-playground"):
                wiring = playground_tab.build(page)
            with gr.Tab(text["tab_latent"], id="latent", elem_id="tab-latent"):
                latent_tab.build(wiring)
            with gr.Tab(text["tab_layers"], id="layers", elem_id="tab-layers"):
                layers_tab.build(wiring)
            with gr.Tab(text["tab_runs"], id="runs", elem_id="tab-runs"):
                runs_tab.build(wiring)
            with gr.Tab(text["tab_slow"], id="slow", elem_id="tab-slow"):
                slow_tab.build(wiring)
            with gr.Tab(text["tab_wants"], id="wants", elem_id="tab-wants"):
                wants_tab.build()
        endpoints.build()
    page.queue(default_concurrency_limit=8, max_size=64)
    return page


def warm_up() -> None:
    """Load the default data set once, in the background: the libraries behind it take a second or two to import."""
    dataset = DATASETS[default_dataset()]
    threading.Thread(target=dataset.load, args=(dataset.config(), data_root()), daemon=True).start()


def launch_settings() -> dict[str, Any]:
    """Return what `launch` needs for the page to look and behave as meant."""
    font = ["system-ui", "sans-serif"]
    theme = gr.themes.Default(primary_hue="blue", font=font, font_mono=["ui-monospace", "monospace"], spacing_size="sm")
    theme = theme.set(**dict.fromkeys((f"button_primary_background_fill{dark}" for dark in ("", "_dark")), ACCENT))
    return {
        "theme": theme,
        "css_paths": [STYLE],
        "max_file_size": MAX_UPLOAD,
        "enable_monitoring": False,
        "footer_links": ["api", "gradio", "settings"],
    }
