"""What the batch-norm lab asks for. As in `looking`: anyone may ask anything, and the answer is never an exception."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from playground.config import shorten
from playground.datasets import DATASETS
from playground.experiment import MAX_SEED, Experiment
from playground.inspection import Arm, batch_norms, layer_statistics, recalibrated, shape_table, side_by_side, statistics_over
from playground.inspection.norm_arms import MAX_ARMS, has_setting
from playground.inspection.normalisation import in_batches, moved_on, own_share, with_mates
from playground.model import Model, draw_latents
from playground.samples import Samples
from playground.ui import compute
from playground.ui.handlers.latent import read_choice, read_number, stop_task, task
from playground.ui.handlers.looking import answering, is_whole, of_model
from playground.ui.handlers.runs import samples_of
from playground.ui.handlers.screen import STORE, say
from playground.ui.session import Session
from playground.ui.views import norms as views

SHOWN, SHOWN_SEED = 8, 0  # the latents that every view shows
MAX_SIZE = 64
LIGHT = 120_000  # numbers that a generator passes on for one picture: up to here 16 batches take about 0.1 s
STEPS = (10, 20, 60, 100, 200)
EVERY = 0.4  # seconds between signs of progress
LONGEST = 600  # seconds that arms may train


@answering
@of_model
def same(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the pictures of the same latents by the batch and by the running statistics, and again with other mates."""
    asked = read_batch(request)
    if not batch_norms(model.generator):
        return views.without(model)
    latents, alone = _latents(model), asked["size"] == 1
    seeds = (asked["mates"], (asked["mates"] + 1) % (MAX_SEED + 1))
    labels, problem, batch = model.labels(SHOWN), "", []
    try:
        for seed in seeds[: 1 if alone else 2]:
            batch.append(in_batches(model, latents, labels, size=asked["size"], seed=seed, epsilon=asked["epsilon"]))
    except ValueError as error:  # a single value a channel
        problem = str(error)
    running = [_running(model, latents, labels, asked, seed) for seed in (seeds if asked["momentum"] else seeds[:1])]
    return views.same(model, batch, running, problem)


@answering
@of_model
def standing(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Make the pictures of the same latents by statistics taken anew."""
    epsilon = read_batch(request)["epsilon"]
    if not batch_norms(model.generator):
        return views.without(model)
    latents, batches = _latents(model), _batches(model.experiment)
    anew = recalibrated(model, batches, epsilon=epsilon)
    return views.standing(model, anew.generate(latents), model.generate(latents), batches)


@answering
@of_model
def statistics(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Describe every batch-norm layer with a batch going through, one layer and channel of them in full."""
    asked, source = read_batch(request), read_choice(request, "source", ("batch", "running"), "batch")
    names = [f"{name}.{path}" for name in ("generator", "discriminator") for path in batch_norms(getattr(model, name))]
    if not names:
        return views.without(model)
    layer = request.get("layer") if request.get("layer") in names else names[0]  # another model may have come meanwhile
    channel = request.get("channel", 0)
    if not is_whole(channel, 2**20):
        raise ValueError(f"channel must be a whole number, not {shorten(channel)}")
    own = own_share(asked["size"], SHOWN)
    batch, labels = with_mates(model, _latents(model)[:own], None, (asked["mates"], asked["size"] - own))
    found = layer_statistics(model, batch, labels, source=source, epsilon=asked["epsilon"], counted=(layer,))
    return views.statistics(found, layer, channel, source)


def over(session_id: str) -> Iterator[dict[str, Any]]:
    """Measure the layers at every moment of the session's run, with signs of progress; what cannot be is said as `error`."""
    session = STORE.get(session_id)
    with session.lock:
        run = session.run.copy() if session.run is not None else None
    moments = len(run.timeline) if run else 0
    with task(session, "norms_over") as stopping:
        found, told = [], 0.0
        for step, layers in statistics_over(run) if run else ():
            found.append((step, layers))
            if stopping.is_set():
                return
            if time.monotonic() - told > EVERY or len(found) == moments:
                told = time.monotonic()
                yield {"norms": views.over(found, moments)}
    if not found:
        yield {"norms": views.over(found, 0)}


def race(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Train arms side by side, and show all that was recorded; what cannot be is said as `error`."""
    try:
        arms, steps = read_arms(request)
        session = STORE.get(session_id)
        with session.lock:  # networks that were edited and not trained yet will do
            experiment = session.shown.experiment if session.shown else session.experiment
        base, samples, instead = _data(session, experiment)
        told, end = 0.0, time.monotonic() + LONGEST
        with task(session, "norms") as stopping:
            rounds = side_by_side(
                base, arms, steps, samples, "cpu" if compute.ZERO_GPU else None,
                lambda: stopping.is_set() or time.monotonic() > end,
            )  # fmt: skip
            with contextlib.closing(rounds):
                for taken, courses in enumerate(rounds, 1):
                    if time.monotonic() - told > EVERY:
                        told = time.monotonic()
                        yield {"norms": views.arms(courses, taken, steps) | {"instead": instead}}
            yield {"norms": views.arms(courses, taken, steps) | {"instead": instead, "done": True}}
    except (ValueError, OSError) as error:
        yield {"norms": {"kind": "arms", "error": str(error)}}


def halt(session_id: str) -> dict[str, Any]:
    """Ask the arms to stop, if there are any."""
    stop_task(STORE.get(session_id), "norms")
    return {}


def read_batch(request: dict) -> dict[str, Any]:
    """Read the batch's size, the seed of its mates, the momentum and epsilon, None for that of the layers.

    Raises ValueError naming what is out of range.
    """
    size, mates, epsilon = request.get("size", 16), request.get("mates", 1), request.get("epsilon")
    if not is_whole(size, MAX_SIZE) or not size:
        raise ValueError(f"size must be a whole number from 1 to {MAX_SIZE}, not {shorten(size)}")
    if not is_whole(mates, MAX_SEED):
        raise ValueError(f"mates must be a whole number from 0 to {MAX_SEED}, not {shorten(mates)}")
    if epsilon is not None:
        epsilon = read_number(request, "epsilon", 1e-12, 10.0, 1e-5)
    return {"size": size, "mates": mates, "epsilon": epsilon, "momentum": read_number(request, "momentum", 0, 1, 0.0)}


def read_arms(request: Any) -> tuple[list[Arm], int]:
    """Read `{"arms": [{"normalisation", "where"}…], "steps"}`. Raises ValueError naming what is wrong."""
    if not isinstance(request, dict) or not isinstance(request.get("arms"), list):
        raise ValueError(f"arms must be a list, not {shorten(request)}")
    given, steps = request["arms"], request.get("steps")
    if not 1 <= len(given) <= MAX_ARMS or not all(isinstance(arm, dict) for arm in given):
        raise ValueError(f"arms must be 1 to {MAX_ARMS} objects, not {shorten(given)}")
    if isinstance(steps, bool) or steps not in STEPS:
        raise ValueError(f"steps must be one of {', '.join(map(str, STEPS))}, not {shorten(steps)}")
    arms = [Arm(str(arm.get("normalisation")), str(arm.get("where"))) for arm in given]
    if len(set(arms)) < len(arms):
        raise ValueError(say("arms_twice"))
    return arms, steps


def _latents(model: Model) -> torch.Tensor:
    return draw_latents(SHOWN, model.experiment.generator.latent_dim, SHOWN_SEED)


def _running(model: Model, latents: torch.Tensor, labels: Any, asked: dict[str, Any], seed: int) -> torch.Tensor:
    """Make the pictures by the running statistics after one more batch of mates, where the momentum is not 0."""
    others = draw_latents(asked["size"], model.experiment.generator.latent_dim, seed)
    moved = moved_on(model, others, model.labels(len(others)), asked["momentum"], asked["epsilon"])
    return moved.generate(latents, labels)


@functools.lru_cache(maxsize=64)
def _batches(experiment: Experiment) -> int:
    passed_on = sum(row.activations for row in shape_table(experiment).generator)
    return max(2, min(16, 16 * LIGHT // passed_on))


def _data(session: Session, experiment: Experiment) -> tuple[Experiment, Samples, bool]:
    """Return what the arms learn from: the model's own data, or the embedded digits where those are not at hand."""
    try:
        return experiment, samples_of(session, experiment), False
    except (ValueError, FileNotFoundError):
        base = _on_digits(experiment)
        return base, samples_of(session, base), True


def _on_digits(experiment: Experiment) -> Experiment:
    """Return the same on the embedded digits; where their size is another, stages may not fit: then a small DCGAN's."""
    try:
        data = DATASETS["digits"].config(resolution=experiment.spec.shape[1])
        if experiment.spec.shape[1] == experiment.spec.shape[2] and has_setting(experiment):
            return replace(experiment, dataset="digits", data=data)
    except ValueError:
        data = None
    return Experiment(architecture="mlp", seed=experiment.seed, dataset="digits", data=data)
