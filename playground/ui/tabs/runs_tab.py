"""The tab "Runs": runs side by side, forks of them, and a run's past in one picture."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.components import component
from playground.ui.handlers import forks, pasts, runs, shelf
from playground.ui.tabs.wiring import TRAINING, Wiring
from playground.ui.words import words

FILE_TYPES = [".safetensors"]
RUN_FILE = "#run-file a, a#run-file, #run-file button, button#run-file"


def build(wiring: Wiring) -> None:
    """Lay out the tab and wire it."""
    text = words("controls")
    asks = [shelf.look, shelf.sheets, shelf.keep, shelf.rename, shelf.remove]
    columns = component("columns", {}, functions=asks, parts=["axes_parts", "runs_parts"])
    with gr.Row(elem_id="runs-files"):
        opened = gr.UploadButton(text["open_run"], file_types=FILE_TYPES, elem_id="open-run", size="sm", min_width=150, scale=0)
        gr.Markdown(text["open_run_info"])
    file = gr.DownloadButton("", elem_id="run-file", visible="hidden")
    with gr.Row(elem_id="runs-compared"):
        with gr.Column(scale=3, min_width=280):
            component("overlay", {}, parts=["axes_parts", "runs_parts"])
        with gr.Column(scale=2, min_width=280):
            component("differences", {}, parts=["runs_parts"])
    with gr.Row(elem_id="runs-tools"):
        with gr.Column(scale=2, min_width=280):
            forking = component("forking", {}, functions=[forks.choices], parts=["field_parts"])
        with gr.Column(scale=3, min_width=280):
            component("past", {}, functions=[pasts.history, pasts.cell, pasts.keepsake])
    _wire(wiring, columns, forking, opened, file)


def _wire(wiring: Wiring, columns: Any, forking: Any, opened: Any, file: Any) -> None:
    drawn = {"columns": columns}
    announced = wiring.on(forking.fork, _fork, queue=False)
    wiring.on(announced.then, forks.train, limit=TRAINING, also=drawn)
    wiring.on(forking.halt, runs.stop, queue=False)
    wiring.on(columns.show, _show, also=drawn)
    wiring.on(opened.upload, shelf.open_file, opened, also=drawn)
    saving = wiring.on(columns.save, _save, also={"run_file": file})
    saving.success(None, js=f"() => document.querySelector('{RUN_FILE}')?.click()")


def _fork(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return forks.prepare(session_id, event.request)


def _show(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return shelf.show(session_id, event.run)


def _save(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return shelf.save(session_id, event.run)
