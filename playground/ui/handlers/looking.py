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
from playground.experiment import MAX_SEED
from playground.exporting.animations import save_animation
from playground.exporting.pictures import grid, save_picture, strip
from playground.latent.interpolation import INTERPOLATIONS
from playground.model import Model
from playground.ui.handlers.screen import STORE, here, say, sheet_pictures, walk_pictures
from playground.ui.session import Session, Walk
from playground.ui.views.image import sprite_json
from playground.ui.views.ladder import maps as ladder_maps
from playground.ui.views.ladder import sheet_of_stage

logger = logging.getLogger(__name__)
SHEET_SCALE, STRIP_SCALE = 4, 2


def answering(function: Callable[[Session, Model, Any], dict]) -> Callable[[Any], dict]:
    """Wrap a function of (session, model, request) into one that takes the page's request and never raises."""

    def answer(request: Any = None) -> dict:
        try:
            session = STORE.get(request.get("model") if isinstance(request, dict) else None)
            with session.lock:
                if session.model is None:
                    raise ValueError(say("edited"))
                return function(session, session.model, request)
        except ValueError as error:
            return {"error": str(error)}
        except Exception:
            logger.exception("answering %s", function.__name__)
            return {"error": say("failed")}

    answer.__name__ = function.__name__  # not functools.wraps: gradio would go by the inner function's signature
    return answer


def read_walk(request: dict) -> Walk:
    """Read end points, method and position from a request. Raises ValueError naming what is wrong."""
    seeds, method, t = request.get("seeds", [1, 2]), request.get("method", "slerp"), request.get("t", 0.0)
    if not isinstance(seeds, (list, tuple)) or len(seeds) != 2 or not all(_whole(seed) for seed in seeds):
        raise ValueError(f"seeds must be two whole numbers between 0 and {MAX_SEED}, not {shorten(seeds)}")
    if not isinstance(method, str) or method not in INTERPOLATIONS:
        raise ValueError(f"unknown method {shorten(method)}; choose from: {', '.join(INTERPOLATIONS)}")
    if isinstance(t, bool) or not isinstance(t, (int, float)) or not 0 <= t <= 1:
        raise ValueError(f"t must be a number between 0 and 1, not {shorten(t)}")
    return Walk((seeds[0], seeds[1]), method, float(t))


def _whole(seed: Any) -> bool:
    return isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= MAX_SEED


@answering
def walk(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make all frames of a walk, and remember it as what the visitor looks at."""
    wanted = read_walk(request)
    session.walk = wanted
    return {"sprite": sprite_json(walk_pictures(model, wanted))}


@answering
def maps(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the feature maps of the ladder at one position of a walk."""
    session.walk = read_walk(request)
    return ladder_maps(model, here(model, session.walk))


@answering
def stage(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make every channel of one stage at one position of a walk."""
    network, name = request.get("network"), request.get("stage")
    return sheet_of_stage(model, here(model, read_walk(request)), str(network), str(name))


@answering
def picture(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make a file to keep: the sheet or the walk's strip as PNG, the walk as GIF or WebP; settings inside the PNGs."""
    kind, place = request.get("kind"), read_walk(request)
    name = f"{model.experiment.architecture}-{model.experiment.dataset}-step{model.step}"
    settings = {"experiment": model.experiment.settings(), "step": model.step, "kind": kind}
    buffer = io.BytesIO()
    if kind == "sheet":
        save_picture(buffer, grid(sheet_pictures(model), scale=SHEET_SCALE), settings=settings)
        return _file(buffer, f"{name}-samples.png", "image/png")
    if kind == "png":
        image = strip(walk_pictures(model, place, frames=16), scale=STRIP_SCALE)
        save_picture(buffer, image, settings=settings | {"seeds": place.seeds, "method": place.method})
        return _file(buffer, f"{name}-walk.png", "image/png")
    if kind in ("gif", "webp"):
        save_animation(buffer, walk_pictures(model, place), kind=kind, ping_pong=True)
        return _file(buffer, f"{name}-walk.{kind}", f"image/{kind}")
    raise ValueError(f"unknown kind {shorten(kind)}; choose from: sheet, png, gif, webp")


def _file(buffer: io.BytesIO, name: str, media_type: str) -> dict[str, Any]:
    return {"name": name, "data": f"data:{media_type};base64,{base64.b64encode(buffer.getvalue()).decode()}"}
