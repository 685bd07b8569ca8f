"""What the panels of the tab "Latent space" share: reading their requests, pictures of points, long work that can be stopped.

As in `looking`: anyone may ask anything, and the answer is never an exception.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from playground.config import shorten
from playground.exporting.pictures import NEUTRAL
from playground.latent.points import MAX_DEPTH, MAX_POINTS, Point, codes_of, labels_of, read_point, write_point
from playground.latent.spaces import check_truncation, decode
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.handlers.looking import answering, of_model, read_walk
from playground.ui.handlers.screen import STORE, here, say, view_link
from playground.ui.session import Session
from playground.ui.views.image import sprite_json
from playground.ui.views.sheet import class_names


@answering
@of_model
def pictures(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the pictures of up to 64 points, and say what classes there are.

    A point of another model may not fit this one: `misfits` names their places in the list, and they stay grey. `unlabelled`
    names those that do but for their class, which this model does not know: their pictures are of the first one.
    """
    specs, truncation = request.get("points"), read_truncation(request)
    if not isinstance(specs, list) or not 1 <= len(specs) <= MAX_POINTS:
        raise ValueError(f"points must be a list of 1 to {MAX_POINTS}, not {shorten(specs)}")
    points = {n: point for n, spec in enumerate(specs) if (point := _fitting(spec, model))}
    unlabelled = {n: point for n, spec in enumerate(specs) if n not in points and (point := _fitting(_unlabelled(spec), model))}
    points |= unlabelled
    height, width = model.experiment.spec.shape[1:]
    images = np.full((len(specs), height, width, model.experiment.spec.shape[0]), NEUTRAL, np.uint8)
    if points:
        images[list(points)] = pictures_of(model, list(points.values()), truncation)
    misfits = [n for n in range(len(specs)) if n not in points]
    found = {"names": class_names(model.experiment), "misfits": misfits, "unlabelled": list(unlabelled)}
    return {"sprite": sprite_json(images)} | found


def _fitting(spec: Any, model: Model) -> Point | None:
    try:
        return read_point(spec, model)
    except ValueError:
        return None


def _unlabelled(spec: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a point's JSON without classes; what is deeper than a point can be is cut off, and then is none."""
    if not isinstance(spec, dict) or depth < 0:
        return None
    bare = {key: value for key, value in spec.items() if key != "label"}
    if isinstance(bare.get("sum"), list):
        if not all(isinstance(term, list) and len(term) == 2 for term in bare["sum"]):
            return None
        bare["sum"] = [[weight, _unlabelled(point, depth - 1)] for weight, point in bare["sum"]]
    return bare


@answering
@of_model
def numbers(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Write a point as its numbers: one that is made of many others cannot be part of yet another sum."""
    return {"point": write_point(read_point(request.get("point"), model))}


@answering
@of_model
def place(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Turn the place on the first tab's walk into a point."""
    return {"point": write_point(Point(*here(model, read_walk(request, model))))}


@answering
def address(session: Session, request: dict) -> dict[str, Any]:
    """Return the query string of a link to the model in view, and whether its weights come along."""
    return {"query": view_link(session), "weights": bool(session.unchanged)}


def pictures_of(model: Model, points: list[Point], truncation: float = 1.0) -> np.ndarray:
    """Make pictures of points, uint8 (N, H, W, C)."""
    return to_pixels(decode(model, codes_of(points, model), labels_of(points), truncation))


def read_truncation(request: dict) -> float:
    """Read how far codes move to the middle of their space. Raises ValueError naming what is no number from 0 to 1."""
    truncation = request.get("truncation", 1.0)
    check_truncation(truncation)
    return float(truncation)


def read_number(request: dict, name: str, low: float, high: float, default: float) -> float:
    """Read a number from a request. Raises ValueError naming what is none from `low` to `high`."""
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, not {shorten(value)}")
    return float(value)


def read_choice(request: dict, name: str, choices: tuple[str, ...], default: str) -> str:
    """Read one of `choices` from a request. Raises ValueError naming what is none of them."""
    value = request.get(name, default)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of: {', '.join(choices)}; not {shorten(value)}")
    return value


def copy_of(session_id: str) -> tuple[Session, Model]:
    """Copy the model that a session shows: for work that lasts, while a run or the visitor goes on with the first.

    Raises ValueError with a sentence when there is none.
    """
    session = STORE.get(session_id)
    with session.lock:
        if session.shown is None:
            raise ValueError(say("edited"))
        networks = {name: copy.deepcopy(getattr(session.shown, name)) for name in ("generator", "discriminator")}
        return session, dataclasses.replace(session.shown, **networks, history=[], resume=None)


@contextlib.contextmanager
def task(session: Session, name: str) -> Iterator[threading.Event]:
    """Do work that lasts under a name: the event is set when the visitor stops it, or begins another of that name."""
    stopping = threading.Event()
    stop_task(session, name)
    session.tasks[name] = stopping
    try:
        yield stopping
    finally:
        if session.tasks.get(name) is stopping:
            del session.tasks[name]


def stop_task(session: Session, name: str) -> None:
    """Ask the work of that name to stop, if there is any."""
    if name in session.tasks:
        session.tasks[name].set()
