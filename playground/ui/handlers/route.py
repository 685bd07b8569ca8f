"""The panel "Walk" of the tab "Latent space": the way through the visitor's points or at random, its files, mixed styles."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.evaluation.features import feature_net
from playground.experiment import MAX_SEED
from playground.exporting.animations import save_animation
from playground.exporting.pictures import grid, save_picture, strip
from playground.latent.code import plane_lines, python_lines, random_lines, walk_lines
from playground.latent.curves import Curve, at_random
from playground.latent.interpolation import INTERPOLATIONS
from playground.latent.mixing import style_mixing
from playground.latent.points import Point, read_point, read_points, write_point
from playground.latent.spaces import SPACES, has_styles
from playground.latent.speed import SPEEDS
from playground.latent.walks import Route, Walked, curve_through, finish, walking
from playground.model import Model
from playground.ui.handlers.files import file_name
from playground.ui.handlers.latent import copy_of, read_choice, read_number, read_truncation, stop_task, task
from playground.ui.handlers.looking import answering, file_of, is_whole, of_model, stem_of
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session
from playground.ui.views.image import sprite_json

NAME = "route"
MAX_FRAMES, MAX_MIXED, STRIP_FRAMES = 128, 6, 16
MAX_POINTS_BYTES = 2**15  # of a picture's settings
PAUSE = 0.25  # seconds between two reports
TYPES = {"gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4", "npy": "application/octet-stream"}
KINDS = ("strip", "sheet", *TYPES)


def read_route(request: dict, model: Model) -> tuple[Route, Curve]:
    """Read how and where to walk: `{"points"}`, or `{"random": seed, "label"}`. Raises ValueError naming what is wrong."""
    frames, loop = request.get("frames", 64), request.get("loop", False)
    if not is_whole(frames, MAX_FRAMES) or frames < 2:
        raise ValueError(f"frames must be a whole number from 2 to {MAX_FRAMES}, not {shorten(frames)}")
    if not isinstance(loop, bool):
        raise ValueError(f"loop must be true or false, not {shorten(loop)}")
    space = None if request.get("space") is None else read_choice(request, "space", SPACES, "z")
    route = Route(
        frames,
        read_choice(request, "method", tuple(INTERPOLATIONS), "slerp"),
        space if has_styles(model) else None,  # it is not offered there
        loop or request.get("random") is not None,
        read_choice(request, "speed", SPEEDS, "plain"),
        read_truncation(request),
    )
    if request.get("random") is None:
        return route, curve_through(model, read_points(request.get("points"), model), route)
    if not is_whole(request["random"], MAX_SEED):
        raise ValueError(f"a seed must be a whole number from 0 to {MAX_SEED}, not {shorten(request['random'])}")
    label = read_point({"seed": 0, "label": request.get("label")}, model).label
    return route, at_random(model, request["random"], space=route.space, label=label)


def walk(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Make the pictures of a walk on a copy of the model, telling how far it is; an answer carries the request's `ask`."""
    ask = request.get("ask") if isinstance(request, dict) else None
    ask = ask if is_whole(ask, 2**53) else 0
    try:
        if not isinstance(request, dict):
            raise ValueError(f"a walk is asked for by an object, not {shorten(request)}")
        session, model = copy_of(session_id)
        with task(session, NAME) as stopping:
            route, curve = read_route(request, model)
            walked = yield from _reported(walking(model, curve, route), ask, stopping)
        yield {NAME: {"ask": ask} | ({"stopped": True} if walked is None else _shown(model, walked, request))}
    except ValueError as error:
        yield {NAME: {"ask": ask, "error": str(error)}}


def _reported(work: Generator[float, None, Walked], ask: int, stopping: Any) -> Generator[dict, None, Walked | None]:
    """Do the work, yielding now and then what share of it is done; return None when it was stopped."""
    told = time.perf_counter()
    try:
        while not stopping.is_set():
            share = next(work)
            if time.perf_counter() - told > PAUSE:
                told = time.perf_counter()
                yield {NAME: {"ask": ask, "share": round(share, 3)}}
    except StopIteration as end:
        return end.value
    return None


def stop(session_id: str) -> dict[str, Any]:
    """Stop the walk that is being made."""
    stop_task(STORE.get(session_id), NAME)
    return {}


@answering
@of_model
def lines(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Write the Python that makes what is in view again: the plane, the walk, or the points' pictures where it is neither."""
    name = session.unchanged
    file = f"checkpoints/{name}.safetensors" if name else file_name(model)
    if request.get("plane") is True:
        read_points(request.get("points"), model, least=3, most=4)
        text = plane_lines(file, request["points"], truncation=read_truncation(request))
    elif request.get("random") is not None:
        route, _ = read_route(request, model)
        label = request.get("label") if model.experiment.num_classes else None
        text = random_lines(file, request["random"], label, route)
    elif len(read_points(request.get("points"), model)) >= 2 and request.get("walk", True):
        text = walk_lines(file, request["points"], read_route(request, model)[0])
    else:
        text = python_lines(file, request["points"], truncation=read_truncation(request))
    return {"code": text, "file": "" if name else file}


def _shown(model: Model, walked: Walked, request: dict) -> dict[str, Any]:
    """Describe a walk to the page: its pictures, positions and changes, and at which frames its points are."""
    styles = has_styles(model)
    return {
        "sprite": sprite_json(walked.images),
        "positions": walked.positions.tolist(),
        "change": np.round(walked.change, 4).tolist(),
        "unevenness": round(walked.unevenness, 4),
        "measure": walked.measure,
        "speed": walked.route.speed,
        "loop": walked.route.loop,
        "space": "w" if walked.codes.ndim == 3 else "z",
        "styles": styles,
        "net": feature_net(model.experiment.dataset) is not None,
        "sizes": [model.experiment.spec.shape[-1] >> n for n in range(model.generator.num_layers)][::-1] if styles else [],
        "marks": [] if request.get("random") is not None else _marks(walked, len(request["points"])),
    }


def _marks(walked: Walked, num_points: int) -> list[int]:
    """Return the frame nearest to each way point."""
    num_segments = num_points if walked.route.loop else num_points - 1
    return [int(np.abs(walked.positions - n / num_segments).argmin()) for n in range(num_points)]


@answering
@of_model
def keep(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Return the point at position `t` of a walk, before truncation: that belongs to how a point is looked at."""
    _, curve = read_route(request, model)
    t = torch.tensor([read_number(request, "t", 0, 1, 0)], dtype=torch.float64)
    codes, labels = curve(t)
    return {"point": write_point(Point(codes[0], None if labels is None else labels[0]))}


@answering
@of_model
def mix(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Mix the styles of up to six points: each a row for its coarse sizes, and a column for its fine ones."""
    points, size = read_points(request.get("points"), model), request.get("size", 1)
    table = style_mixing(model, points[:MAX_MIXED], points[:MAX_MIXED], size, truncation=read_truncation(request), sources=True)
    return {"sprite": sprite_json(table.reshape(-1, *table.shape[2:]), columns=table.shape[1])}


@answering
def file(session: Session, request: dict) -> dict[str, Any]:
    """Make a file of a walk: a strip or a sheet as PNG with its settings, an animation, or the codes as .npy."""
    kind = read_choice(request, "kind", KINDS, "strip")
    session, model = copy_of(session.id)
    route, curve = read_route(request, model)
    walked = finish(walking(model, curve, route))
    name = stem_of(model)
    buffer = io.BytesIO()
    if kind in ("strip", "sheet"):
        save_picture(buffer, _picture(walked, kind), settings=_settings(model, route, request, kind))
        return file_of(buffer, f"{name}-walk-{kind}.png", "image/png")
    if kind == "npy":
        np.save(buffer, walked.codes.cpu().numpy())
    else:
        save_animation(buffer, walked.images, kind=kind, ping_pong=not route.loop)
    return file_of(buffer, f"{name}-walk.{kind}", TYPES[kind])


def _picture(walked: Walked, kind: str) -> np.ndarray:
    if kind == "sheet":
        return grid(walked.images, columns=min(len(walked.images), STRIP_FRAMES))
    frames = np.linspace(0, len(walked.images) - 1, min(len(walked.images), STRIP_FRAMES)).round().astype(int)
    return strip(walked.images[frames], scale=2)


def _settings(model: Model, route: Route, request: dict, kind: str) -> dict[str, Any]:
    """Return what it takes to make a picture again; points of very many numbers are only counted."""
    if request.get("random") is not None:
        place = {"random_walk": request["random"], "label": request.get("label")}
    else:
        points = request["points"]
        place = {"points": points if len(json.dumps(points)) < MAX_POINTS_BYTES else len(points)}
    return {"experiment": model.experiment.settings(), "step": model.shown_step, "kind": kind} | place | vars(route)
