"""The whole screen of a session, as values for the page's components."""

from __future__ import annotations

import logging
import urllib.parse
from typing import Any

import torch

from playground.checkpoint import load, shipped
from playground.datasets import DATASETS, data_root, default_dataset
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.latent.interpolation import path
from playground.model import Model, draw_latents
from playground.samples import to_pixels
from playground.training.loop import SHEET_COUNT, SHEET_SEED
from playground.ui.session import Session, Store, Walk
from playground.ui.views.curves import curves
from playground.ui.views.form import form
from playground.ui.views.image import sprite_json
from playground.ui.views.ladder import ladder
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
            "form": form(session.experiment),
            "buttons": state,
            "choices": (session.experiment.dataset, session.experiment.architecture),
            "missing": missing(session),
            "link": link(session),
        }


def ladder_view(session: Session) -> dict[str, Any]:
    """Describe the ladder: of the model that is shown, or of the networks that are about to be trained."""
    model = session.model
    experiment = model.experiment if model else session.experiment
    latent = here(model, session.walk) if model else None
    return ladder(experiment, model, latent) | {"model": session.id if model else None, "place": vars(session.walk)}


def sheet_view(session: Session) -> dict[str, Any]:
    """Describe the sample sheet, made from the same latents as in training."""
    model = session.model
    if model is None:
        return {"sprite": None, "model": None, "caption": "", "step": 0}
    pictures = sheet_pictures(model)
    return {"sprite": sprite_json(pictures), "model": session.id, "caption": caption(model), "step": model.step}


def sheet_pictures(model: Model):
    """Make the pictures of the sheet, uint8 (N, H, W, C)."""
    latents = draw_latents(SHEET_COUNT, model.experiment.generator.latent_dim, SHEET_SEED)
    return to_pixels(model.generate(latents))


def caption(model: Model) -> str:
    """Say which model it is."""
    return f"{model.experiment.architecture} · {model.experiment.dataset} · step {model.step:,}"


def walk_view(session: Session) -> dict[str, Any]:
    """Describe the walk between the session's end points, all its frames made at once."""
    if session.model is None:
        return {"model": None, "sprite": None}
    frames = walk_pictures(session.model, session.walk)
    return {
        "model": session.id,
        "sprite": sprite_json(frames),
        "seeds": list(session.walk.seeds),
        "method": session.walk.method,
    }


def walk_pictures(model: Model, walk: Walk, frames: int = WALK_FRAMES):
    """Make the frames of a walk, uint8 (N, H, W, C)."""
    return to_pixels(model.generate(path(ends(model, walk), frames, method=walk.method)))


def here(model: Model, walk: Walk) -> torch.Tensor:
    """Return the latent (latent_dim,) at the walk's position, the one that the frame there is made from."""
    index = round(walk.t * (WALK_FRAMES - 1))
    return path(ends(model, walk), WALK_FRAMES, method=walk.method)[index]


def ends(model: Model, walk: Walk) -> torch.Tensor:
    """Return the latents (2, latent_dim) of the walk's end points."""
    return torch.cat([model.latents(1, seed) for seed in walk.seeds])


def missing(session: Session) -> dict[str, Any] | None:
    """Describe the download that the chosen data set needs, or None when it is here."""
    dataset = DATASETS[session.experiment.dataset]
    if dataset.name == "images" or dataset.available(data_root()):
        return None
    return {"title": dataset.title, "size": dataset.download_bytes / 1e6}


def advice(session: Session, otherwise: str) -> str:
    """Say what stands between the session and training, or `otherwise` when nothing does."""
    absent = missing(session)
    if absent:
        return say("not_on_disk", **absent)
    if session.experiment.dataset == "images" and session.folder is None:
        return say("no_images")
    return say("broken_yet") if shape_table(session.experiment).problem else otherwise


def link(session: Session) -> str:
    """Return the query string that opens the same experiment."""
    flat = {key: ",".join(map(str, v)) if isinstance(v, list) else v for key, v in session.experiment.settings().items()}
    return "?" + urllib.parse.urlencode(flat, safe=",")
