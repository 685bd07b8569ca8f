"""What the panel "Plane" of the tab "Latent space" asks for: the pictures of a plane through the visitor's points."""

from __future__ import annotations

import io
import time
from typing import Any

import numpy as np
import torch

from playground.exporting.pictures import grid, save_picture
from playground.latent.plane import on_plane
from playground.latent.plane import plane as plane_of
from playground.latent.points import Point, read_points, write_point
from playground.latent.spaces import decode
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.handlers.latent import copy_of, read_number, read_truncation
from playground.ui.handlers.looking import answering, file_of, is_whole, of_model, stem_of
from playground.ui.session import Session
from playground.ui.views.image import sprite_json

SIDE = 9  # pictures along each edge
SCALE = 2
SECONDS = 0.15  # of one answer: it has the model to itself, and a sheet of large networks takes longer than a second


@answering
@of_model
def sheet(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make as many rows of the plane's pictures as take a moment, from row `first` on; the page asks again for the others."""
    first, corners, truncation = request.get("first", 0), _corners(request, model), read_truncation(request)
    if not is_whole(first, SIDE - 1):
        raise ValueError(f"first must be a row from 0 to {SIDE - 1}")
    rows, start = [], time.perf_counter()
    for row in range(first, SIDE):
        rows.append(_pictures(model, corners, torch.linspace(0, 1, SIDE), torch.full((SIDE,), row / (SIDE - 1)), truncation))
        if time.perf_counter() - start > SECONDS:
            break
    return {"sprite": sprite_json(np.concatenate(rows), SIDE), "first": first, "rows": SIDE}


@answering
@of_model
def spot(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the picture at one place of the plane, and describe the place as a point."""
    u, v = (read_number(request, name, 0, 1, 0.5) for name in ("u", "v"))
    places, corners = (torch.tensor([u]), torch.tensor([v])), _corners(request, model)
    codes, labels = on_plane(model, corners, *places)
    picture = _pictures(model, corners, *places, read_truncation(request))
    point = write_point(Point(codes[0], None if labels is None else labels[0]))
    return {"sprite": sprite_json(picture), "point": point, "u": u, "v": v}


@answering
def file(session: Session, request: dict) -> dict[str, Any]:
    """Make a PNG of the plane, with what it takes to make it again inside."""
    session, model = copy_of(session.id)
    truncation = read_truncation(request)
    made = plane_of(model, _corners(request, model), rows=SIDE, columns=SIDE, truncation=truncation)
    settings = {"experiment": model.experiment.settings(), "step": model.shown_step, "kind": "plane"}
    settings |= {"points": request["points"], "truncation": truncation}
    buffer = io.BytesIO()
    save_picture(buffer, grid(made.images, columns=SIDE, scale=SCALE), settings=settings)
    name = f"{stem_of(model)}-plane.png"
    return file_of(buffer, name, "image/png")


def _pictures(model: Model, corners: list[Point], u: torch.Tensor, v: torch.Tensor, truncation: float) -> np.ndarray:
    codes, labels = on_plane(model, corners, u, v)
    return to_pixels(decode(model, codes, labels, truncation))


def _corners(request: dict, model: Model) -> list[Point]:
    return read_points(request.get("points"), model, least=3, most=4)
