"""What the page's components ask while a person looks around: feature maps, walks, pictures to keep.

Anyone can call these with anything: each takes one JSON object, checks all of it, and answers `{"error": sentence}`
rather than raise.
"""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Callable
from typing import Any

from playground.config import shorten
from playground.datasets import DATASETS
from playground.experiment import MAX_SEED
from playground.exporting.animations import save_animation
from playground.exporting.pictures import grid, save_picture, strip
from playground.latent.interpolation import INTERPOLATIONS
from playground.model import Model
from playground.training.state import MAX_COUNT
from playground.ui.handlers.runs import session_samples
from playground.ui.handlers.screen import STORE, here, say, sheet_pictures, sheet_view, walk_pictures, walk_view
from playground.ui.session import Session, Walk
from playground.ui.views.gallery import gallery
from playground.ui.views.image import sprite_json
from playground.ui.views.ladder import maps as ladder_maps
from playground.ui.views.ladder import sheet_of_stage
from playground.ui.views.run import timeline
from playground.ui.views.sheet import real_pictures, sheet_columns
from playground.ui.views.sheet import sheet as sheet_of

logger = logging.getLogger(__name__)
SHEET_SCALE, STRIP_SCALE = 4, 2


def answering(function: Callable[[Session, dict], dict]) -> Callable[[Any], dict]:
    """Wrap a function of (session, request) into one that takes the page's request and never raises."""

    def answer(request: Any = None) -> dict:
        try:
            session = STORE.get(request.get("model") if isinstance(request, dict) else None)
            return function(session, request)
        except (ValueError, FileNotFoundError) as error:
            return {"error": str(error)}
        except Exception:
            logger.exception("answering %s", function.__name__)
            return {"error": say("failed")}

    answer.__name__ = function.__name__  # not functools.wraps: gradio would go by the inner function's signature
    return answer


def of_model(function: Callable[[Session, Model, dict], dict]) -> Callable[[Session, dict], dict]:
    """Wrap a function of (session, model, request): it has the model to itself, and is not called without one."""

    def looked(session: Session, request: dict) -> dict:
        with session.lock:
            if session.shown is None:
                raise ValueError(say("edited"))
            return function(session, session.shown, request)

    looked.__name__ = function.__name__
    return looked


def read_walk(request: dict, model: Model) -> Walk:
    """Read end points, method and position from a request. Raises ValueError naming what is wrong."""
    seeds = _pair("seeds", request.get("seeds", [1, 2]), MAX_SEED)
    last = model.experiment.num_classes - 1
    classes = _pair("classes", request.get("classes", [0, 0]), last) if last >= 0 else (0, 0)
    method, t = request.get("method", "slerp"), request.get("t", 0.0)
    if not isinstance(method, str) or method not in INTERPOLATIONS:
        raise ValueError(f"unknown method {shorten(method)}; choose from: {', '.join(INTERPOLATIONS)}")
    if isinstance(t, bool) or not isinstance(t, (int, float)) or not 0 <= t <= 1:
        raise ValueError(f"t must be a number between 0 and 1, not {shorten(t)}")
    return Walk(seeds, classes, method, float(t))


def _pair(name: str, values: Any, high: int) -> tuple[int, int]:
    if not isinstance(values, (list, tuple)) or len(values) != 2 or not all(is_whole(value, high) for value in values):
        raise ValueError(f"{name} must be two whole numbers between 0 and {high}, not {shorten(values)}")
    return values[0], values[1]


def is_whole(value: Any, high: int) -> bool:
    """Say whether a request's value is a whole number from 0 to `high`."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= high


def read_label(request: dict, model: Model) -> int | None:
    """Read the one class that a sheet shows, None for all. Raises ValueError naming what is none."""
    label, last = request.get("label"), model.experiment.num_classes - 1
    if label is not None and not is_whole(label, last):
        raise ValueError(f"label must be empty or a class that the model knows, not {shorten(label)}")
    return label


@answering
def cards(session: Session, request: dict) -> dict[str, Any]:
    """Describe every architecture as it would be for the session's data."""
    return {"cards": gallery(session.experiment)}


@answering
@of_model
def sheet(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the sample sheet of every class or of one."""
    label = read_label(request, model)
    return sheet_of(model.experiment, sheet_pictures(model, label), model.shown_step, label)


@answering
def real(session: Session, request: dict) -> dict[str, Any]:
    """Show real samples of the session's data as the sheet shows generated ones."""
    pictures = real_pictures(session.experiment, session_samples(session))
    title = DATASETS[session.experiment.dataset].title
    return sheet_of(session.experiment, pictures, 0) | {"caption": title, "real": True}


@answering
@of_model
def walk(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make all frames of a walk, and remember it as what the visitor looks at."""
    wanted = read_walk(request, model)
    session.walk = wanted
    return {"sprite": sprite_json(walk_pictures(model, wanted))}


@answering
@of_model
def maps(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the feature maps of the ladder at one position of a walk."""
    session.walk = read_walk(request, model)
    return maps_here(session)


@answering
@of_model
def stage(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make every channel of one stage at one position of a walk."""
    latent, label = here(model, read_walk(request, model))
    return sheet_of_stage(model, latent, str(request.get("network")), str(request.get("stage")), label)


@answering
@of_model
def picture(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make a file to keep: the sheet or the walk's strip as PNG, the walk as GIF or WebP; settings inside the PNGs."""
    kind, place = request.get("kind"), read_walk(request, model)
    name = stem_of(model)
    settings = {"experiment": model.experiment.settings(), "step": model.shown_step, "kind": kind}
    buffer = io.BytesIO()
    if kind == "sheet":
        label = read_label(request, model)
        pictures = grid(sheet_pictures(model, label), columns=sheet_columns(model.experiment, label), scale=SHEET_SCALE)
        save_picture(buffer, pictures, settings=settings | ({} if label is None else {"label": label}))
        return file_of(buffer, f"{name}-samples.png", "image/png")
    if kind == "png":
        image = strip(walk_pictures(model, place, frames=16), scale=STRIP_SCALE)
        save_picture(buffer, image, settings=settings | place_of(model, place))
        return file_of(buffer, f"{name}-walk.png", "image/png")
    if kind in ("gif", "webp"):
        save_animation(buffer, walk_pictures(model, place), kind=kind, ping_pong=True)
        return file_of(buffer, f"{name}-walk.{kind}", f"image/{kind}")
    raise ValueError(f"unknown kind {shorten(kind)}; choose from: sheet, png, gif, webp")


def place_of(model: Model, walk: Walk) -> dict[str, Any]:
    """Return what a picture's settings say of the walk that it shows."""
    classes = {"classes": walk.classes} if model.experiment.num_classes else {}
    return {"seeds": walk.seeds, "method": walk.method} | classes


def stem_of(model: Model) -> str:
    """Return what the name of a file made with the model in view begins with."""
    return f"{model.experiment.architecture}-{model.experiment.dataset}-step{model.shown_step}"


def file_of(buffer: io.BytesIO, name: str, media_type: str) -> dict[str, Any]:
    """Hand a file over to the page, which gives it to the browser's downloads."""
    return {"name": name, "data": f"data:{media_type};base64,{base64.b64encode(buffer.getvalue()).decode()}"}


@answering
def moment(session: Session, request: dict) -> dict[str, Any]:
    """Go back to the moment nearest to `step`, or to the newest when it is empty, and show all that the model makes there."""
    step = request.get("step")
    if step is not None and not is_whole(step, MAX_COUNT):
        raise ValueError(f"step must be a whole number or empty, not {shorten(step)}")
    return go_to(session, step)


def go_to(session: Session, step: int | None) -> dict[str, Any]:
    """Go back to the moment nearest to `step`, by default the newest, and describe what the first tab shows there."""
    with session.lock:
        if session.model is None or session.run is None:
            raise ValueError(say("edited"))
        newest = step is None or session.run.timeline.nearest(step).step == session.run.step
        session.past = None if newest else session.run.model(step)
        return {
            "sheet": sheet_view(session),
            "ladder": maps_here(session),
            "walk": walk_view(session),
            "timeline": timeline(session),
        }


def maps_here(session: Session) -> dict[str, Any]:
    """Make the feature maps of the ladder where the visitor is on the walk."""
    return ladder_maps(session.shown, *here(session.shown, session.walk))
