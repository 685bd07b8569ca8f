"""A run's past in one picture: training time down, a walk through latent space across; and the film of its learning."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from playground.config import shorten
from playground.exporting.animations import KINDS, save_animation
from playground.exporting.pictures import grid as laid_out
from playground.exporting.pictures import save_picture
from playground.timeline import Run, film, grid
from playground.training.state import MAX_COUNT
from playground.ui.handlers.looking import answering, file_of, go_to, is_whole, place_of, read_walk
from playground.ui.handlers.screen import classes_of, say
from playground.ui.handlers.shelf import run_of
from playground.ui.session import Session
from playground.ui.shelf import CURRENT
from playground.ui.views.image import sprite_json

SIZES = (4, 16)  # rows and columns
FILM_COLUMNS, FILM_SEEDS, FILM_FPS = 4, 16, 6
PICTURE_SCALE = 2


@answering
def history(session: Session, request: dict) -> dict[str, Any]:
    """Make the grid of a run: moments of its training down, a walk across."""
    *_, pictures, steps = _grid(session, request)
    return {"sprite": sprite_json(pictures.reshape(-1, *pictures.shape[2:]), pictures.shape[1]), "steps": steps}


@answering
def keepsake(session: Session, request: dict) -> dict[str, Any]:
    """Make a file to keep: the grid as PNG with its settings inside, or the film of the run as GIF, WebP or MP4."""
    kind, buffer = request.get("kind"), io.BytesIO()
    if kind == "png":
        run, walk, pictures, steps = _grid(session, request)
        image = laid_out(pictures.reshape(-1, *pictures.shape[2:]), columns=pictures.shape[1], scale=PICTURE_SCALE)
        about = {"experiment": run.experiment.settings(), "step": run.step, "kind": "history", "steps": steps}
        save_picture(buffer, image, settings=about | walk)
        return file_of(buffer, f"{_name(run)}-history.png", "image/png")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"unknown kind {shorten(kind)}; choose from: png, {', '.join(KINDS)}")
    run = _copy(session, request)
    pictures, _ = film(run, range(FILM_SEEDS))  # (moments, seeds, H, W, C)
    frames = np.stack([laid_out(frame, columns=FILM_COLUMNS) for frame in pictures])
    save_animation(buffer, frames, kind=kind, fps=FILM_FPS)
    return file_of(buffer, f"{_name(run)}-film.{kind}", f"{'video' if kind == 'mp4' else 'image'}/{kind}")


@answering
def cell(session: Session, request: dict) -> dict[str, Any]:
    """Take the first tab to one cell of its own run's grid: a moment of training and a place on a walk."""
    step = request.get("step")
    if not is_whole(step, MAX_COUNT):
        raise ValueError(f"step must be a whole number, not {shorten(step)}")
    with session.lock:
        if session.shown is None or session.run is None or not len(session.run.timeline):
            raise ValueError(say("nothing_to_keep"))
        own = {"classes": classes_of(session.shown, session.walk) or (0, 0)}
        wanted = read_walk(own | request, session.shown)
        session.walk = wanted
        return go_to(session, step)


def _copy(session: Session, request: dict) -> Run:
    with session.lock:
        run = run_of(session, request.get("run", CURRENT)).copy()
    if not len(run.timeline):
        raise ValueError(say("nothing_to_keep"))
    return run


def _grid(session: Session, request: dict) -> tuple[Run, dict[str, Any], np.ndarray, list[int]]:
    """Return the run, what the picture's settings say of the walk, pictures (rows, columns, H, W, C), and the rows' steps."""
    rows, columns = request.get("rows", 8), request.get("columns", 8)
    for name, value in (("rows", rows), ("columns", columns)):
        if not is_whole(value, SIZES[1]) or value < SIZES[0]:
            raise ValueError(f"{name} must be a whole number between {SIZES[0]} and {SIZES[1]}, not {shorten(value)}")
    run, shelf = _copy(session, request), session.shelf
    with shelf.drawing:
        viewer = shelf.viewer(run.experiment)
    own = {"classes": classes_of(viewer, session.walk) or (0, 0)}
    walk = read_walk(own | request, viewer)
    classes = classes_of(viewer, walk)
    pictures, steps = grid(run, walk.seeds, rows, columns, walk.method, classes)
    return run, place_of(viewer, walk), pictures, steps.tolist()


def _name(run: Run) -> str:
    return f"{run.experiment.architecture}-{run.experiment.dataset}-step{run.step}"
