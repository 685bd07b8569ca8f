"""What the panel "Map" asks for: real and made samples laid out in two dimensions, and where collected points lie there.

As in `looking`: anyone may ask anything, and the answer is never an exception.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.evaluation.embedding import embed_pictures
from playground.evaluation.layout import METHODS
from playground.experiment import MAX_SEED
from playground.inspection.wants import logits
from playground.latent.mapping import LEAST, Progress, SampleMap, sample_map
from playground.latent.points import read_points
from playground.model import Model
from playground.samples import Samples
from playground.ui.handlers.latent import copy_of, pictures_of, read_choice, read_truncation, stop_task, task
from playground.ui.handlers.looking import answering, is_whole, of_model
from playground.ui.handlers.screen import STORE, say
from playground.ui.handlers.wants import real_samples
from playground.ui.session import Session
from playground.ui.views.map import map_of

COUNTS = (250, 500, 1000)
TASK = "map"
PAUSE = 0.25  # seconds between two words of how far it is
DRAWN = 0.9  # of all work, when D begins to score
PIECE = 256


class _Stopped(Exception):
    """The visitor wants no map any more."""


@dataclass(frozen=True)
class _Wanted:
    method: str
    count: int
    seed: int
    truncation: float


def draw(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Make a map of the shown model: `{"method", "count", "seed", "truncation"}`; say how far it is, then show it.

    The work is done in a thread of its own, which ends at the next moment it can when nobody waits for it any more.
    """
    try:
        wanted = _read(request)
        session, model = copy_of(session_id)
    except ValueError as error:
        yield {"map": {"error": str(error)}}
        return
    with task(session, TASK) as stopping:
        told, worker = {"share": 0.0, "stage": "start"}, ThreadPoolExecutor(1, "map", torch.set_num_threads, (1,))

        def progress(share: float, stage: str) -> None:
            if stopping.is_set():
                raise _Stopped
            told.update(share=round(share, 3), stage=stage)

        try:
            yield from _awaited(worker.submit(_drawn, session, model, wanted, progress), told, stopping)
        finally:
            stopping.set()
            worker.shutdown(wait=False)


def _awaited(pending: Future, told: dict[str, Any], stopping: Any) -> Iterator[dict[str, Any]]:
    started = time.monotonic()
    while not pending.done() and not stopping.is_set():
        yield {"map": {"working": told | {"seconds": round(time.monotonic() - started, 1)}}}
        wait([pending], PAUSE)
    if not pending.done():
        yield {"map": {"stopped": True}}
        return
    try:
        found = pending.result()
    except _Stopped:
        found = {"stopped": True}
    except (ValueError, FileNotFoundError) as error:
        found = {"error": str(error)}
    yield {"map": found | {"seconds": round(time.monotonic() - started, 1)}}


def halt(session_id: str) -> dict[str, Any]:
    """Stop drawing."""
    stop_task(STORE.get(session_id), TASK)
    return {}


@answering
@of_model
def place(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Find where points lie on the session's last map, which must be one of PCA; nowhere on any other."""
    if session.projection is None:
        return {"places": []}
    pictures = torch.from_numpy(pictures_of(model, read_points(request.get("points"), model), read_truncation(request)))
    rows = embed_pictures(pictures.permute(0, 3, 1, 2), model.experiment.dataset).numpy()
    if rows.shape[1] != len(session.projection.mean):  # the map is of another model
        return {"places": []}
    return {"places": session.projection.place(rows).round(4).tolist()}


def _read(request: Any) -> _Wanted:
    if not isinstance(request, dict):
        raise ValueError(f"a map is asked for by an object, not {shorten(request)}")
    method, count, seed = read_choice(request, "method", METHODS, "pca"), request.get("count", 1000), request.get("seed", 0)
    if not is_whole(count, max(COUNTS)) or count not in COUNTS:
        raise ValueError(f"count must be one of: {', '.join(map(str, COUNTS))}; not {shorten(count)}")
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    return _Wanted(method, count, seed, read_truncation(request))


def _drawn(session: Session, model: Model, wanted: _Wanted, progress: Progress) -> dict[str, Any]:
    samples, note = _real(session, model)
    found = sample_map(
        model,
        samples,
        count=wanted.count,
        method=wanted.method,
        seed=wanted.seed,
        truncation=wanted.truncation,
        progress=lambda share, stage: progress(share * DRAWN, stage),
    )
    scores = _scores(model, found, lambda share: progress(DRAWN + share * (1 - DRAWN), "score"))
    session.projection = found.projection
    return map_of(model, found, scores) | {"note": note, "seed": wanted.seed}


def _real(session: Session, model: Model) -> tuple[Samples | None, str]:
    """Return real samples, half of them to be held out. Without any, a sentence says why."""
    try:
        samples = real_samples(session, model, 2 * max(COUNTS))
    except (ValueError, FileNotFoundError) as error:
        return None, str(error)
    return (samples, "") if len(samples) >= 2 * LEAST else (None, say("few_real", least=2 * LEAST))


def _scores(model: Model, found: SampleMap, progress: Any) -> np.ndarray:
    """Return D's logit of every sample, as the class that it was made for or is known to be."""
    images = torch.from_numpy(found.pictures).permute(0, 3, 1, 2)
    labels = None
    if model.experiment.num_classes:
        labels = torch.from_numpy(np.concatenate([found.classes[found.real], found.labels])).clamp_min(0)
    scores = []
    for start in range(0, len(images), PIECE):
        piece = slice(start, start + PIECE)
        scores.append(logits(model, images[piece], None if labels is None else labels[piece]))
        progress(min(1.0, (start + PIECE) / len(images)))
    return np.concatenate(scores)
