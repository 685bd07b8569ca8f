"""What the lab "Feature maps" asks for. As in `looking`: anyone may ask anything, and the answer is never an exception."""

from __future__ import annotations

import io
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.experiment import MAX_SEED
from playground.exporting.animations import KINDS, save_animation
from playground.exporting.pictures import save_picture
from playground.inspection import (
    ORDERS,
    Ablation,
    Edit,
    ModuleMap,
    dead_channels,
    ladder_frames,
    ladder_picture,
    module_maps,
    trace_back,
)
from playground.inspection import fields as fields_of
from playground.inspection.module_maps import watched
from playground.latent.points import read_point
from playground.model import Model
from playground.ui.handlers.latent import copy_of, read_choice, read_number, stop_task, task
from playground.ui.handlers.looking import answering, file_of, is_whole, of_model, place_of, stem_of
from playground.ui.handlers.screen import STORE, here, say, walk_inputs
from playground.ui.session import Session
from playground.ui.views.maps import Page, caused, explored, page_of

NAME = "maps"
MAX_EDITS, MAX_FACTOR, MAX_PAGE = 32, 100, 4096
FRAMES, FPS, PAUSE = 48, 12, 0.3
TYPES = {"gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4"}
Place = tuple[torch.Tensor, "torch.Tensor | None"]


@answering
@of_model
def look(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make every module's map, with the edits in force, and the sample before and after them."""
    (code, label), edits = _place(session, model, request), read_edits(request)
    plain, before, score = watched(model, code, label)
    found, after, score_after = watched(model, code, label, edits) if edits else (plain, before, score)
    chosen = _chosen(found, request)
    made = Ablation(before, after, score, score_after)
    return explored(model, found, chosen, made, _page_of(plain, chosen, request))


@answering
@of_model
def cause(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Follow one pixel of the sample back: `y`, `x`, and otherwise what `look` was asked."""
    (code, label), edits = _place(session, model, request), read_edits(request)
    y, x = request.get("y"), request.get("x")
    if not is_whole(y, MAX_SEED) or not is_whole(x, MAX_SEED):
        raise ValueError(f"y and x must be whole numbers, not {shorten(y)} and {shorten(x)}")
    plain = module_maps(model, code, label)
    chosen = _chosen(plain, request)
    page = _page_of(plain, chosen, request)
    causes = trace_back(model, code, y, x, label, edits)
    return caused(causes, page, (chosen.stage, chosen.row.module) if chosen.network == "generator" else ("", ""))


@answering
@of_model
def dead(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Say which channels of every module are never above 0, over many latents: their numbers by `network.stage.module`."""
    return {"dead": {".".join(key): np.flatnonzero(found).tolist() for key, found in dead_channels(model).items()}}


@answering
def reach(session: Session, request: dict) -> dict[str, Any]:
    """Say how far every module sees, or is seen: [height, width, whether that is all] by `network.stage.module`."""
    with session.lock:
        model = session.shown
    if model is None:
        raise ValueError(say("edited"))
    return {"fields": {".".join(key): [field.height, field.width, field.whole] for key, field in _reach(model).items()}}


_known: OrderedDict[tuple, dict] = OrderedDict()  # measured fields: they depend on the networks' form, not on weights
MAX_KNOWN = 32


def _reach(model: Model) -> dict:
    experiment = model.experiment
    networks = (experiment.architecture, experiment.opponent, experiment.generator, experiment.discriminator)
    key = (*networks, experiment.spec.shape, experiment.num_classes, _grown(model))
    if key not in _known:
        _known[key] = fields_of(model)
        while len(_known) > MAX_KNOWN:
            _known.popitem(last=False)
    return _known[key]


def _grown(model: Model) -> tuple:
    """Return what tells apart the forms of networks that grow: which modules run."""
    if not hasattr(model.generator, "clock"):
        return ()
    return tuple(found.key for found in module_maps(model, model.latents(1, 0)[0]))


def _place(session: Session, model: Model, request: dict) -> Place:
    """Return the latent and class that are looked at: of a seed, or where the visitor is on the first tab's walk."""
    if request.get("seed") is None:
        return here(model, session.walk)
    seed = request["seed"]
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    label = request.get("label") if model.experiment.num_classes else None
    point = read_point({"seed": seed} | ({} if label is None else {"label": label}), model)
    return point.code, point.label


def read_edits(request: dict) -> list[Edit]:
    """Read `[[network, stage, module, channel, factor], …]`. Raises ValueError naming what is none."""
    specs = request.get("edits") or []
    if not isinstance(specs, list) or len(specs) > MAX_EDITS:
        raise ValueError(f"edits must be a list of at most {MAX_EDITS}, not {shorten(specs)}")
    return [_edit(spec) for spec in specs]


def _edit(spec: Any) -> Edit:
    if not isinstance(spec, list) or len(spec) != 5 or not all(isinstance(name, str) for name in spec[:3]):
        raise ValueError(f"an edit must be [network, stage, module, channel, factor], not {shorten(spec)}")
    if not is_whole(spec[3], MAX_SEED):
        raise ValueError(f"a channel must be a whole number, not {shorten(spec[3])}")
    return Edit(*spec[:4], read_number({"factor": spec[4]}, "factor", -MAX_FACTOR, MAX_FACTOR, 1))


def _chosen(found: list[ModuleMap], request: dict) -> ModuleMap:
    """Return the module that is asked for; without one, or where the networks have none such, G's largest maps at work."""
    own = next((one for one in found if list(one.key) == request.get("chosen")), None)
    if own is not None:
        return own
    last = [one.stage for one in found if one.network == "generator"][-1]  # the picture itself
    inside = [one for one in found if one.network == "generator" and one.stage != last] or found
    return max(inside, key=lambda one: (len(one.channels) > 1, one.num_bytes, inside.index(one)))


def _page_of(plain: list[ModuleMap], chosen: ModuleMap, request: dict) -> Page:
    """Sort the channels of the chosen module as they are without edits: a channel that is changed stays in its place."""
    own = next(one for one in plain if one.key == chosen.key)
    return page_of(own, _sort(request), _page(request))


def _sort(request: dict) -> str:
    return read_choice(request, "sort", tuple(ORDERS), "activity")


def _page(request: dict) -> int:
    page = request.get("page", 0)
    if not is_whole(page, MAX_PAGE):
        raise ValueError(f"page must be a whole number from 0 to {MAX_PAGE}, not {shorten(page)}")
    return page


def film(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Draw the ladder along the walk of the first tab as a video, or at the place looked at as a picture, telling how far."""
    try:
        request = request if isinstance(request, dict) else {}
        kind = read_choice(request, "kind", ("png", *KINDS), "mp4")
        session, model = copy_of(session_id)
        with task(session, NAME) as stopping:
            if kind == "png":
                yield {NAME: {"file": _picture_file(session, model, request)}}
                return
            yield from _filmed(session, model, kind, stopping)
    except ValueError as error:
        yield {NAME: {"error": str(error)}}


def _filmed(session: Session, model: Model, kind: str, stopping: Any) -> Iterator[dict[str, Any]]:
    frames, told = [], time.perf_counter()
    yield {NAME: {"share": 0.0}}
    for frame in ladder_frames(model, *walk_inputs(model, session.walk, FRAMES)):
        if stopping.is_set():
            yield {NAME: {"stopped": True}}
            return
        frames.append(frame)
        if time.perf_counter() - told > PAUSE:
            told = time.perf_counter()
            yield {NAME: {"share": round(len(frames) / FRAMES, 3)}}
    buffer = io.BytesIO()
    save_animation(buffer, np.stack(frames), kind=kind, fps=FPS, scale=1, ping_pong=True)
    yield {NAME: {"file": file_of(buffer, f"{_name(model)}.{kind}", TYPES[kind])}}


def _picture_file(session: Session, model: Model, request: dict) -> dict[str, Any]:
    seeded = request.get("seed") is not None
    place = {name: request.get(name) for name in ("seed", "label")} if seeded else place_of(model, session.walk)
    settings = {"experiment": model.experiment.settings(), "step": model.shown_step, "kind": "ladder"} | place
    buffer = io.BytesIO()
    save_picture(buffer, ladder_picture(model, *_place(session, model, request)), settings=settings)
    return file_of(buffer, f"{_name(model)}.png", "image/png")


def _name(model: Model) -> str:
    return f"{stem_of(model)}-ladder"


def halt(session_id: str) -> dict[str, Any]:
    """Stop the video that is being made."""
    stop_task(STORE.get(session_id), NAME)
    return {}
