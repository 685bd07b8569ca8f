"""The whole screen of a session, as values for the page's components."""

from __future__ import annotations

import logging
import urllib.parse
from typing import Any

import numpy as np
import torch

from playground.architectures import ARCHITECTURES
from playground.checkpoint import load, shipped
from playground.datasets import DATASETS, data_root, default_dataset
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.latent.interpolation import labels_on_path, path
from playground.model import Model, sheet_inputs
from playground.samples import to_pixels
from playground.ui.session import Session, Store, Walk
from playground.ui.views.curves import curves
from playground.ui.views.form import form
from playground.ui.views.image import sprite_json
from playground.ui.views.ladder import ladder
from playground.ui.views.run import diagnosis, timeline
from playground.ui.views.sheet import class_names, sheet
from playground.ui.words import words

logger = logging.getLogger(__name__)
STORE = Store()
WALK_FRAMES = 48
IDLE, RUNNING, PAUSED = "idle", "running", "paused"
FIRST_MODEL = "sn-dcgan-mnist"


def opening() -> tuple[Experiment, Model | None, str]:
    """Return what a new page starts with: an experiment to train, a model to look at, and the model's name."""
    model = None
    for file in shipped():
        if file.stem == FIRST_MODEL:
            try:
                model = load(file)
            except ValueError:
                logger.exception("the model that comes with the page cannot be opened; it starts without one")
    return Experiment(dataset=default_dataset()), model, FIRST_MODEL


def say(sentence: str, /, **gaps: Any) -> str:
    """Return a sentence of the status line."""
    return words("status")[sentence].format(**gaps)


def status(message: str, *, state: str = IDLE, bad: bool = False, fraction: float = 0.0, numbers: str = "") -> dict[str, Any]:
    """Describe the status line: a sentence, a bar from 0 to 1, and the numbers beside it."""
    return {"message": message, "bad": bad, "state": state, "fraction": round(fraction, 3), "numbers": numbers}


def screen(session: Session, message: str, *, state: str = IDLE, bad: bool = False) -> dict[str, Any]:
    """Return a value for every component of the page."""
    with session.lock:
        return {
            "status": status(message, state=state, bad=bad),
            "ladder": ladder_view(session),
            "sheet": sheet_view(session),
            "walk": walk_view(session),
            "curves": curves(session.model.history if session.model else []),
            "diagnosis": diagnosis(session),
            "timeline": timeline(session),
            "form": form(session.experiment),
            "buttons": state,
            "dataset": session.experiment.dataset,
            "architecture": architecture_view(session),
            "missing": missing(session),
            "link": link(session),
        }


def ladder_view(session: Session) -> dict[str, Any]:
    """Describe the ladder: of the model that is shown, or of the networks that are about to be trained."""
    model = session.shown
    experiment = model.experiment if model else session.experiment
    place = here(model, session.walk) if model else (None, None)
    names = {"session": session.id, "model": session.id if model else None}
    return ladder(experiment, model, *place) | names | {"place": vars(session.walk)}


def sheet_view(session: Session) -> dict[str, Any]:
    """Describe the sample sheet, made from the same latents as in training."""
    model = session.shown
    if model is None:
        return {"sprite": None, "model": None, "caption": "", "step": 0, "classes": []}
    return sheet(model.experiment, sheet_pictures(model), model.shown_step) | {"model": session.id}


def sheet_pictures(model: Model, label: int | None = None) -> np.ndarray:
    """Make the pictures of the sheet, uint8 (N, H, W, C): of every class, or of class `label` alone."""
    return to_pixels(model.generate(*sheet_inputs(model.experiment, label)))


def walk_view(session: Session) -> dict[str, Any]:
    """Describe the walk between the session's end points, all its frames made at once."""
    model = session.shown
    if model is None:
        return {"model": None, "sprite": None, "names": []}
    frames = walk_pictures(model, session.walk)
    return {
        "model": session.id,
        "sprite": sprite_json(frames),
        "seeds": list(session.walk.seeds),
        "names": class_names(model.experiment),
        "classes": list(classes_of(model, session.walk) or (0, 0)),
        "method": session.walk.method,
    }


def walk_pictures(model: Model, walk: Walk, frames: int = WALK_FRAMES) -> np.ndarray:
    """Make the frames of a walk, uint8 (N, H, W, C)."""
    return to_pixels(model.generate(*walk_inputs(model, walk, frames)))


def here(model: Model, walk: Walk) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the latent (latent_dim,) and the mixture of classes (num_classes,) that the frame at the walk's position has."""
    index = round(walk.t * (WALK_FRAMES - 1))
    latents, labels = walk_inputs(model, walk, WALK_FRAMES)
    return latents[index], None if labels is None else labels[index]


def walk_inputs(model: Model, walk: Walk, frames: int) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the latents (frames, latent_dim) and the mixtures of classes (frames, num_classes) of a walk, if it has any."""
    ends = torch.cat([model.latents(1, seed) for seed in walk.seeds])  # (2, latent_dim)
    return path(ends, frames, method=walk.method), labels_on_path(model, classes_of(model, walk), 2, frames)


def classes_of(model: Model, walk: Walk) -> tuple[int, ...] | None:
    """Return the classes of a walk's ends, which may have been set for a model with more of them; None without classes."""
    last = model.experiment.num_classes - 1
    return tuple(min(label, last) for label in walk.classes) if last >= 0 else None


def architecture_view(session: Session) -> dict[str, Any]:
    """Describe the choice of architecture."""
    chosen = ARCHITECTURES[session.experiment.architecture]
    return {"session": session.id, "name": chosen.name, "title": chosen.title}


def missing(session: Session) -> dict[str, Any] | None:
    """Describe the download that the chosen data set needs, or None when it is here."""
    return absent(session.experiment)


def absent(experiment: Experiment) -> dict[str, Any] | None:
    """Describe the download that an experiment's data set needs, or None when it is here."""
    dataset = DATASETS[experiment.dataset]
    if dataset.name == "images" or dataset.available(data_root()):
        return None
    return {"title": dataset.title, "size": dataset.download_bytes / 1e6}


def advice(session: Session, otherwise: str) -> str:
    """Say what stands between the session and training, or `otherwise` when nothing does."""
    needed = missing(session)
    if needed:
        return say("not_on_disk", **needed)
    if session.experiment.dataset == "images" and session.folder is None:
        return say("no_images")
    return say("broken_yet") if shape_table(session.experiment).problem else otherwise


def link(session: Session) -> str:
    """Return the query string that opens the same model, where it comes with the page, or else the same experiment."""
    if session.unchanged and session.model and session.experiment == session.model.experiment:
        return view_link(session)
    flat = {key: ",".join(map(str, v)) if isinstance(v, list) else v for key, v in session.experiment.settings().items()}
    return "?" + urllib.parse.urlencode(flat, safe=",")


def view_link(session: Session) -> str:
    """Return the query string that opens the model in view: its weights come along only where the page has them."""
    return f"?model={session.unchanged}" if session.unchanged else link(session)
