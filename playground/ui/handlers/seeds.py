"""What the panel "Samples" asks for: pictures of seeds, what there is to say of one, and thousands of them in order."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from playground.config import shorten
from playground.experiment import MAX_SEED
from playground.latent.points import read_point
from playground.latent.ranking import ORDERS, check, measure_of, rank_pieces, scores_of, seed_labels, seed_samples
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.handlers.latent import copy_of, read_choice, read_truncation, stop_task, task
from playground.ui.handlers.looking import answering, is_whole, of_model, read_label
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session
from playground.ui.views.image import sprite_json
from playground.ui.views.sheet import class_names

MOST = 256  # pictures in an answer
COUNTS = (500, 1000, 4000)  # seeds that are put in order; 1,000 take 0.2 s by small networks and 1.5 s by large ones
EVERY = 0.3  # seconds between two signs of progress


@answering
@of_model
def pictures(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the pictures of up to 256 seeds, of one class or of each seed's own, and say what classes there are."""
    seeds = request.get("seeds")
    if not isinstance(seeds, (list, tuple)) or not 1 <= len(seeds) <= MOST or not all(is_whole(s, MAX_SEED) for s in seeds):
        raise ValueError(f"seeds must be 1 to {MOST} whole numbers from 0 to {MAX_SEED}, not {shorten(seeds)}")
    samples = seed_samples(model, seeds, read_label(request, model), read_truncation(request))
    return {"sprite": sprite_json(to_pixels(samples)), "names": class_names(model.experiment)}


@answering
@of_model
def about(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Say what D gives the sample of one seed, and show it."""
    seed, label = request.get("seed"), read_label(request, model)
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number from 0 to {MAX_SEED}, not {shorten(seed)}")
    samples = seed_samples(model, [seed], label, read_truncation(request))
    score = scores_of(model, samples, seed_labels(model, [seed], label))
    return {"sprite": sprite_json(to_pixels(samples)), "score": _plain(score)[0]}


def rank(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Give the first seeds their values, with signs of progress: `{"id", "by", "count", "label", "to", "truncation"}`.

    The last answer has `values`, one a seed from 0 on, null where one is no number. What cannot be is said as `error`.
    """
    asked = request.get("id") if isinstance(request, dict) else None
    said = {"id": asked if is_whole(asked, 2**53) else None}
    try:
        yield from ({"seeds": said | answer} for answer in _ranked(session_id, request))
    except ValueError as error:
        yield {"seeds": said | {"error": str(error)}}


def _ranked(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(request, dict):
        raise ValueError(f"an order is asked for by an object, not {shorten(request)}")
    session, model = copy_of(session_id)
    by = read_choice(request, "by", ORDERS, "score")
    count, label, truncation = request.get("count", COUNTS[1]), read_label(request, model), read_truncation(request)
    if count not in COUNTS or isinstance(count, bool):
        raise ValueError(f"count must be one of: {', '.join(map(str, COUNTS))}; not {shorten(count)}")
    to = read_point(request.get("to"), model) if by == "similarity" else None
    check(model, range(count), by, to, label)
    with task(session, "seeds") as stopping:
        values, began, told = [], time.monotonic(), 0.0
        yield {"fraction": 0.0, "elapsed": 0.0}
        for piece in rank_pieces(model, range(count), by=by, to=to, label=label, truncation=truncation):
            if stopping.is_set():
                yield {"stopped": True}
                return
            values.append(piece)
            elapsed = time.monotonic() - began
            if elapsed - told > EVERY:
                told = elapsed
                yield {"fraction": sum(map(len, values)) / count, "elapsed": round(elapsed, 1)}
        found = {"values": _plain(np.concatenate(values)), "measure": measure_of(model, by), "step": model.shown_step}
        yield {"fraction": 1.0, **found}


def _plain(values: np.ndarray) -> list[float | None]:
    """Return numbers of five digits as JSON has them."""
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in values.tolist()]


def halt(session_id: str) -> dict[str, Any]:
    """Ask the sorting to stop, if there is any."""
    stop_task(STORE.get(session_id), "seeds")
    return {}
