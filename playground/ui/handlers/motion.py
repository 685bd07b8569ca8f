"""What the panel "Content × motion" asks for: films of some points' contents in the motions of others."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.experiment import MAX_SEED
from playground.exporting import film_grid, grid, save_animation, save_picture
from playground.latent.content_motion import ContentMotion, content_motion, recompose, tells_apart
from playground.latent.points import Point, codes_of, read_points, write_point
from playground.model import Model
from playground.ui.handlers.latent import copy_of, read_choice, read_truncation
from playground.ui.handlers.looking import answering, file_of, is_whole, of_model, stem_of
from playground.ui.session import Session
from playground.ui.views.image import sprite_json

MOST = 6  # rows and columns
KINDS = {"png": "image/png", "gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4"}
SCALE = 4  # of the still picture


@answering
@of_model
def sheet(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make all frames of all films, row by row; or say with `fits` that the model does not tell content from motion."""
    if not tells_apart(model):
        return {"fits": False}
    made = _made(model, request)
    rows, columns, num_frames = made.frames.shape[:3]
    tiles = made.frames.reshape(-1, *made.frames.shape[3:])
    shape = {"rows": rows, "columns": columns, "frames": num_frames, "rate": model.experiment.spec.rate}
    return {"fits": True, "sprite": sprite_json(tiles, columns * num_frames)} | shape


@answering
@of_model
def point(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Describe the film of one row and column as a point."""
    codes = recompose(model, *_latents(model, request))
    for name, count in (("row", len(codes)), ("column", codes.shape[1])):
        if not is_whole(request.get(name), count - 1):
            raise ValueError(f"{name} must be a whole number from 0 to {count - 1}, not {shorten(request.get(name))}")
    return {"point": write_point(Point(codes[request["row"], request["column"]]))}


@answering
def file(session: Session, request: dict) -> dict[str, Any]:
    """Make a file of all films: an animation, or a still picture as PNG with what it takes to make it again inside."""
    kind = read_choice(request, "kind", tuple(KINDS), "gif")
    session, model = copy_of(session.id)
    made, columns = _made(model, request), len(_motions(request) or request["points"])
    buffer = io.BytesIO()
    if kind == "png":
        settings = {"experiment": model.experiment.settings(), "step": model.shown_step, "kind": "content-motion"}
        settings |= {name: request.get(name) for name in ("points", "seeds", "truncation")}
        save_picture(buffer, grid(_flat(made.pictures), columns=columns, scale=SCALE), settings=settings)
    else:
        rate = model.experiment.spec.rate or 10.0
        save_animation(buffer, film_grid(_flat(made.frames), columns=columns), kind=kind, fps=rate)
    return file_of(buffer, f"{stem_of(model)}-content-motion.{kind}", KINDS[kind])


def _made(model: Model, request: dict) -> ContentMotion:
    return content_motion(model, *_latents(model, request), truncation=read_truncation(request))


def _latents(model: Model, request: dict) -> tuple[torch.Tensor, torch.Tensor]:
    """Read the latents of contents and of motions, (R, D) and (C, D): those of the same points where no `seeds` are given."""
    points = read_points(request.get("points"), model, most=MOST)
    contents, seeds = codes_of(points, model, "z"), _motions(request)
    return contents, contents if seeds is None else torch.cat([model.latents(1, seed) for seed in seeds])


def _motions(request: dict) -> list[int] | None:
    seeds = request.get("seeds")
    if seeds is None:
        return None
    if not isinstance(seeds, list) or not 1 <= len(seeds) <= MOST or not all(is_whole(seed, MAX_SEED) for seed in seeds):
        raise ValueError(f"seeds must be 1 to {MOST} whole numbers from 0 to {MAX_SEED}, not {shorten(seeds)}")
    return seeds


def _flat(cells: np.ndarray) -> np.ndarray:
    return cells.reshape(-1, *cells.shape[2:])
