"""What the panel "Plane" of the tab "Latent space" asks for: the pictures of a plane through the visitor's points."""

from __future__ import annotations

import io
from typing import Any

import torch

from playground.exporting.pictures import grid, save_picture
from playground.latent.plane import on_plane
from playground.latent.plane import plane as plane_of
from playground.latent.points import Point, read_points, write_point
from playground.latent.spaces import decode
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.handlers.latent import read_number, read_truncation
from playground.ui.handlers.looking import answering, file_of, of_model
from playground.ui.session import Session
from playground.ui.views.image import sprite_json

SIDE = 9  # pictures along each edge
SCALE = 2


@answering
@of_model
def sheet(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the pictures of the plane, row by row."""
    made = plane_of(model, _corners(request, model), rows=SIDE, columns=SIDE, truncation=read_truncation(request))
    return {"sprite": sprite_json(made.images, SIDE)}


@answering
@of_model
def spot(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the picture at one place of the plane, and describe the place as a point."""
    u, v = (read_number(request, name, 0, 1, 0.5) for name in ("u", "v"))
    codes, labels = on_plane(model, _corners(request, model), torch.tensor([u]), torch.tensor([v]))
    picture = to_pixels(decode(model, codes, labels, read_truncation(request)))
    point = write_point(Point(codes[0], None if labels is None else labels[0]))
    return {"sprite": sprite_json(picture), "point": point, "u": u, "v": v}


@answering
@of_model
def file(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make a PNG of the plane, with what it takes to make it again inside."""
    truncation = read_truncation(request)
    made = plane_of(model, _corners(request, model), rows=SIDE, columns=SIDE, truncation=truncation)
    settings = {"experiment": model.experiment.settings(), "step": model.shown_step, "kind": "plane"}
    settings |= {"points": request["points"], "truncation": truncation}
    buffer = io.BytesIO()
    save_picture(buffer, grid(made.images, columns=SIDE, scale=SCALE), settings=settings)
    name = f"{model.experiment.architecture}-{model.experiment.dataset}-step{model.shown_step}-plane.png"
    return file_of(buffer, name, "image/png")


def _corners(request: dict, model: Model) -> list[Point]:
    return read_points(request.get("points"), model, least=3, most=4)
