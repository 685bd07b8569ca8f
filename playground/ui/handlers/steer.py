"""What the panel "Steer" asks for: pictures moved along directions, and the search for directions.

As in `latent`: anyone may ask anything, and the answer is never an exception.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from playground.config import check_whole, shorten
from playground.exporting.pictures import grid, save_picture
from playground.latent.components import finding_components
from playground.latent.contrasts import finding_class_direction, marked_direction, why_no_classes
from playground.latent.direction_files import load_directions, read_direction, save_directions, write_direction
from playground.latent.directions import MAX_STRENGTH, Direction, model_key, move, space_of
from playground.latent.entering import entries_of, steered_stages
from playground.latent.factors import factors as factors_of
from playground.latent.points import Point, codes_of, labels_of, read_point, read_points, write_point
from playground.latent.spaces import decode
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.handlers.latent import copy_of, read_choice, read_truncation, stop_task, task
from playground.ui.handlers.looking import answering, file_of, of_model
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session
from playground.ui.views.image import sprite_json

COUNT = 24  # directions found at once: four pages of six
STRIP = np.linspace(-3, 3, 7)  # strengths of a strip's pictures
SHOWN = 6
NAME = "steer"
Steps = list[tuple[Direction, float]]


@answering
@of_model
def choices(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Say what there is to steer: the stages with components, the entries that directions may act on, the classes."""
    shapes = steered_stages(model)
    sizes = {name: "×".join(map(str, shape[1:])) for name, shape in shapes.items() if len(shape) == 3}
    problem = why_no_classes(model)
    return {
        "key": hashlib.sha256(model_key(model.experiment).encode()).hexdigest()[:16],
        "space": space_of(model),
        "stages": [{"name": name, "size": sizes.get(name, "")} for name in shapes],
        "entries": [{"name": entry.name, "size": sizes.get(entry.name, "")} for entry in entries_of(model)],
        "classes": [] if problem else list(model.experiment.spec.classes),
        "problem": problem,
    }


@answering
@of_model
def moved(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the picture of a point before and after it is moved."""
    point, steps = read_point(request.get("point"), model), read_steps(request, model)
    start = codes_of([point], model, space_of(model))
    return {"sprite": sprite_json(_pictures(model, torch.cat([start, move(model, start, steps)]), point, request))}


@answering
@of_model
def strips(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make, for each of the first directions, the pictures at strengths from -3 to 3 with all others where they are."""
    point, steps = read_point(request.get("point"), model), read_steps(request, model)
    codes = _strip_codes(model, point, steps, steps[:SHOWN])
    return {"sprite": sprite_json(_pictures(model, codes, point, request), len(STRIP)), "strengths": STRIP.tolist()}


def _strip_codes(model: Model, point: Point, steps: Steps, shown: Steps) -> torch.Tensor:
    """Return codes, a row of strengths for each direction shown: (len(shown) * len(STRIP), …)."""
    here = move(model, codes_of([point], model, space_of(model)), steps)
    return torch.cat([move(model, here, [(direction, float(s - strength))]) for direction, strength in shown for s in STRIP])


def _pictures(model: Model, codes: torch.Tensor, point: Point, request: dict) -> np.ndarray:
    return to_pixels(decode(model, codes, labels_of([point] * len(codes)), read_truncation(request)))


def read_steps(request: dict, model: Model) -> Steps:
    """Read directions with strengths from a request. Raises ValueError naming what is wrong."""
    pairs = request.get("moves")
    if not isinstance(pairs, list) or not 1 <= len(pairs) <= 2 * COUNT or not all(_is_pair(pair) for pair in pairs):
        raise ValueError(f"moves must be a list of up to {2 * COUNT} [direction, strength], not {shorten(pairs)}")
    return [(read_direction(spec, model), float(strength)) for spec, strength in pairs]


def _is_pair(pair: Any) -> bool:
    if not isinstance(pair, list) or len(pair) != 2 or isinstance(pair[1], bool) or not isinstance(pair[1], (int, float)):
        return False
    return abs(pair[1]) <= MAX_STRENGTH / 2  # a strip goes further by up to 3


@answering
@of_model
def keep(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Return the moved point."""
    point, steps = read_point(request.get("point"), model), read_steps(request, model)
    code = move(model, codes_of([point], model, space_of(model)), steps)[0]
    return {"point": write_point(Point(code, point.label))}


@answering
@of_model
def factors(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Find the factors of the first layer, or of the layers of one entry."""
    stage = request.get("stage") or None
    if stage is not None and not isinstance(stage, str):
        raise ValueError(f"stage must be a name, not {shorten(stage)}")
    return {"found": _written(factors_of(model, COUNT, at=None if stage is None else (stage,)))}


@answering
@of_model
def marked(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Find the direction from points that are disliked to those that are liked."""
    liked, disliked = (
        read_points(request[side], model) if request.get(side) not in (None, []) else [] for side in ("liked", "disliked")
    )
    return {"found": _written([marked_direction(model, liked, disliked)])}


@answering
@of_model
def save(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make a file of the directions, or a picture of their strips."""
    name = f"{model.experiment.architecture}-{model.experiment.dataset}-directions"
    steps, buffer = read_steps(request, model), io.BytesIO()
    if read_choice(request, "kind", ("json", "png"), "json") == "json":
        save_directions(buffer, [direction for direction, _ in steps])
        return file_of(buffer, f"{name}.json", "application/json")
    point, shown = read_point(request.get("point"), model), steps[:SHOWN]
    pictures = _pictures(model, _strip_codes(model, point, steps, shown), point, request)
    settings = {"experiment": model.experiment.settings(), "step": model.shown_step, "point": write_point(point)}
    moves = [[write_direction(direction), strength] for direction, strength in shown]
    save_picture(buffer, grid(pictures, columns=len(STRIP), scale=2), settings=settings | {"moves": moves})
    return file_of(buffer, f"{name}.png", "image/png")


@answering
@of_model
def opened(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Read a file of directions, given as its text."""
    text = request.get("text")
    if not isinstance(text, str):
        raise ValueError(f"text must be a file's text, not {shorten(text)}")
    return {"found": _written(load_directions(io.BytesIO(text.encode("utf-8", "replace")), model))}


def _written(directions: list[Direction]) -> list[dict[str, Any]]:
    return [write_direction(direction) for direction in directions]


def find(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Search for components of a stage, or for the direction between two classes; show how far it is, then what was found."""
    token = request.get("token") if isinstance(request, dict) else None
    token = token if isinstance(token, (int, str)) and len(str(token)) < 100 else None
    try:
        session, model = copy_of(session_id)
        with task(session, NAME) as stopping, contextlib.closing(_search(model, request)) as search:
            for news in search:
                if stopping.is_set():
                    yield {NAME: {"token": token, "stopped": True}}
                    return
                yield {NAME: {"token": token} | ({"progress": news} if isinstance(news, float) else {"found": _written(news)})}
    except ValueError as error:
        yield {NAME: {"token": token, "error": str(error)}}


def _search(model: Model, request: Any) -> Iterator[float | list[Direction]]:
    if not isinstance(request, dict):
        raise ValueError(f"directions are asked for by an object, not {shorten(request)}")
    if read_choice(request, "method", ("pca", "classes"), "pca") == "pca":
        stage = request.get("stage")
        if not isinstance(stage, str):
            raise ValueError(f"stage must be a name, not {shorten(stage)}")
        label = read_point(request.get("point", {"seed": 0}), model).label
        yield from finding_components(model, stage, COUNT, label=label)
        return
    for name in ("start", "stop"):
        check_whole(f"{name} class", request.get(name), 0, 10_000)
    for news in finding_class_direction(model, request["start"], request["stop"]):
        yield news if isinstance(news, float) else [news]


def halt(session_id: str) -> dict[str, Any]:
    """Stop the search."""
    stop_task(STORE.get(session_id), NAME)
    return {}
