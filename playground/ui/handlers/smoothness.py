"""How smooth the shown model's latent space is, measured while a person waits."""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Iterator
from typing import Any

from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.latent.path_length import path_length_pieces
from playground.ui.handlers.latent import copy_of, stop_task, task
from playground.ui.handlers.screen import STORE

PAIRS, LEAST = 64, 16  # walks between two latents each: 64 are measured within about 10 % and 4 %
LIGHT = 60_000  # numbers that a generator passes on for one picture: up to here PAIRS take about 2 s
EVERY = 0.3


def measure(session_id: str) -> Iterator[dict[str, Any]]:
    """Measure, with signs of progress; what cannot be is said as `error`."""
    try:
        session, model = copy_of(session_id)
    except ValueError as error:
        yield {"smoothness": {"error": str(error)}}
        return
    experiment, told = model.experiment, time.monotonic()
    with task(session, "smoothness") as stopping:
        yield {"smoothness": {"fraction": 0.0}}
        for fraction, result in path_length_pieces(model, pairs_of(experiment), 0):
            if stopping.is_set():
                yield {"smoothness": {"stopped": True}}
                return
            if result is None and time.monotonic() - told > EVERY:
                told = time.monotonic()
                yield {"smoothness": {"fraction": round(fraction, 3)}}
    caption = {"caption": f"{experiment.architecture} · {experiment.dataset}", "step": model.shown_step}
    yield {"smoothness": {"fraction": 1.0, "result": _plain(dataclasses.asdict(result)) | caption}}


@functools.lru_cache(maxsize=64)
def pairs_of(experiment: Experiment) -> int:
    """Return how many pairs are measured: fewer by large networks, which a person should not wait long for."""
    passed_on = sum(row.activations for row in shape_table(experiment).generator)
    return max(LEAST, min(PAIRS, PAIRS * LIGHT // passed_on))


def halt(session_id: str) -> dict[str, Any]:
    """Ask the measuring to stop, if there is any."""
    stop_task(STORE.get(session_id), "smoothness")
    return {}


def _plain(value: Any) -> Any:
    """Return what a result holds as JSON has it: numbers that are none become null."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
