"""The first tab: the whole story on one screen."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.checkpoint import shipped
from playground.datasets import DATASETS
from playground.ui.components import component
from playground.ui.handlers import files, latent, looking, runs, settings, shelf
from playground.ui.handlers.screen import STORE, opening, say, screen
from playground.ui.session import Session
from playground.ui.tabs.wiring import TRAINING, Wiring, arranged
from playground.ui.words import words


def build(page: gr.Blocks) -> Wiring:
    """Lay out the tab, wire it, and return its wiring for the tabs after it.

    What it shows before any script runs is the model that comes with the page.
    """
    experiment, model, name = opening()
    first = STORE.pin(Session("home", experiment, model))
    values = screen(first, say("ready", name=name) if model else say("fresh"))
    text = words("controls")
    with gr.Row(elem_id="strip"):
        parts = _controls(experiment, values["architecture"], text)
    parts["status"] = component("status", values["status"])
    parts["ladder"] = component("ladder", values["ladder"], functions=[looking.maps, looking.stage])
    parts["timeline"] = component("timeline", values["timeline"], functions=[looking.moment, shelf.keep])
    with gr.Row(elem_id="lower"):
        with gr.Column(scale=5, min_width=280):
            parts["sheet"] = component("sheet", values["sheet"], functions=[looking.sheet, looking.real, looking.picture])
        with gr.Column(scale=6, min_width=280):
            parts["curves"] = component("curves", values["curves"], parts=["axes_parts"])
            parts["diagnosis"] = component("diagnosis", values["diagnosis"])
        with gr.Column(scale=7, min_width=300):
            asks = [looking.walk, looking.picture, latent.place]
            parts["walk"] = component("walk", values["walk"], functions=asks, parts=["latent_parts", "link_parts"])
    with gr.Accordion(text["options"], open=False, elem_id="options"):
        parts["form"] = component("form", values["form"], parts=["field_parts"])
    with gr.Accordion(text["files"], open=False, elem_id="files"):
        parts |= _files(text, values["link"])
    wiring = Wiring(gr.State(""), parts)
    _wire(page, parts, wiring)
    return wiring


def _controls(experiment: Any, chosen: dict[str, str], text: dict[str, str]) -> dict[str, Any]:
    return {
        "dataset": gr.Dropdown(
            [(entry.title, name) for name, entry in DATASETS.items()], value=experiment.dataset, label=text["dataset"],
            info=text["dataset_info"], elem_id="dataset", scale=3, min_width=170, filterable=False,
        ),
        "architecture": component("gallery", chosen, functions=[looking.cards], elem_id="architecture"),
        "seconds": gr.Number(
            20, step=5, label=text["budget"], info=text["budget_info"], elem_id="seconds", scale=1, min_width=100,
        ),
        "train": gr.Button(text["train"], variant="primary", elem_id="train", scale=2, min_width=90),
        "pause": gr.Button(text["pause"], elem_id="pause", scale=1, min_width=70, interactive=False),
        "step": gr.Button(text["step"], elem_id="step", scale=1, min_width=70),
        "stop": gr.Button(text["stop"], elem_id="stop", scale=1, min_width=70, interactive=False),
        "reset": gr.Button(text["reset"], elem_id="reset", scale=1, min_width=70),
        "download": gr.Button("", elem_id="download", scale=2, min_width=140, visible=False),
    }  # fmt: skip


def _files(text: dict[str, str], link: str) -> dict[str, Any]:
    with gr.Row():
        with gr.Column(min_width=240):
            images = gr.File(label=text["upload_images"], file_count="multiple", elem_id="images", height=110)
            gr.Markdown(text["upload_images_info"])
        with gr.Column(min_width=240):
            names = [file.stem for file in shipped()]
            ready = gr.Dropdown(names, value=None, label=text["shipped"], elem_id="shipped", filterable=False)
            with gr.Row():
                opened = gr.UploadButton(text["open_checkpoint"], elem_id="open", min_width=110)
                saved = gr.Button(text["save_checkpoint"], elem_id="save", min_width=110)
            file = gr.DownloadButton("", elem_id="file", visible="hidden")
            gr.Markdown(text["share_help"])
        with gr.Column(min_width=240):
            shared = gr.Textbox(
                link,
                label=text["link"],
                info=text["link_info"],
                elem_id="link",
                interactive=False,
                buttons=["copy"],
                max_lines=2,
            )
    return {"images": images, "shipped": ready, "open": opened, "save": saved, "file": file, "link": shared}


def _wire(page: gr.Blocks, parts: dict[str, Any], wiring: Wiring) -> None:
    on = wiring.on
    page.unload(_left)
    page.load(_opened, None, [wiring.session, *wiring.outputs], show_progress="hidden", api_visibility="private")
    for button, run, inputs in (("train", runs.train, [parts["seconds"]]), ("step", runs.step, [])):
        announced = on(parts[button].click, runs.announce, queue=False)
        on(announced.then, run, *inputs, limit=TRAINING)
    on(parts["pause"].click, runs.pause, queue=False)
    on(parts["stop"].click, runs.stop, queue=False)
    on(parts["reset"].click, settings.reset, queue=False)
    on(parts["dataset"].input, settings.choose_data, parts["dataset"])
    on(parts["download"].click, files.download)
    on(parts["images"].upload, files.upload_images, parts["images"])
    on(parts["open"].upload, files.open_checkpoint, parts["open"])
    on(parts["shipped"].input, files.open_shipped, parts["shipped"])
    saving = on(parts["save"].click, files.save_checkpoint)
    saving.success(None, js="() => document.querySelector('#file a, a#file, #file button, button#file')?.click()")
    on(parts["architecture"].pick, _picked)
    on(parts["form"].edit, _edited)
    on(parts["form"].preset, _preset)
    on(parts["diagnosis"].apply, _applied)


def _edited(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return settings.edit(session_id, event.key, event.value)


def _picked(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return settings.choose_architecture(session_id, event.name)


def _applied(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return settings.apply(session_id, event.change)


def _preset(session_id: str, event: gr.EventData) -> dict[str, Any]:
    return settings.break_it(session_id, event.name)


def _opened(request: gr.Request) -> tuple:
    session, values = files.open_page(dict(request.query_params))
    session.tab = request.session_hash or ""
    session.address = (request.headers.get("referer") or "").partition("?")[0]
    return (session.id, *arranged(values | {"link": session.address + values["link"]}))


def _left(request: gr.Request) -> None:
    """A tab was closed: a run whose stream had not begun yet would never hear of it otherwise."""
    STORE.leave(request.session_hash or "")
