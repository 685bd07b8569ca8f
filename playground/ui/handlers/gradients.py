"""What the lab "Gradients and memory" asks for. As in `looking`: anyone may ask anything, and no answer is an exception."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any

from playground.config import shorten
from playground.experiment import MAX_SEED, Experiment
from playground.inspection import Unrolling, attentions, gradients_now, gradients_over, shape_table
from playground.inspection.gradients import MOMENTS
from playground.layers import CELLS
from playground.model import Model
from playground.ui.handlers.latent import read_choice, read_number, stop_task, task
from playground.ui.handlers.looking import answering, is_whole, of_model
from playground.ui.handlers.screen import STORE, here, say
from playground.ui.handlers.wants import real_samples
from playground.ui.session import Session
from playground.ui.views import gradients as views

COUNT, LEAST = 32, 8  # samples of the batch whose gradients are shown
LIGHT = 150_000  # numbers that both networks pass on for one picture: up to here COUNT take about 0.2 s
SHORTEST, LONGEST = 8, 256


def read_unrolling(request: dict) -> Unrolling:
    """Read what the sandbox is to show. Raises ValueError naming what is out of range."""
    length, seed = request.get("length", 64), request.get("seed", 0)
    if not is_whole(length, LONGEST) or length < SHORTEST:
        raise ValueError(f"length must be a whole number from {SHORTEST} to {LONGEST}, not {shorten(length)}")
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    return Unrolling(
        length=length,
        forget_bias=read_number(request, "bias", -5, 8, 0.0),
        radius=read_number(request, "radius", 0.05, 3, 0.58),
        input_scale=read_number(request, "scale", 0, 5, 1.0),
        start=read_choice(request, "start", ("uniform", "orthogonal"), "uniform"),
        seed=seed,
    )


@answering
def memory(session: Session, request: dict) -> dict[str, Any]:
    """Send the loss's gradient back through each backbone."""
    return views.memory_lines(read_unrolling(request))


@answering
def states(session: Session, request: dict) -> dict[str, Any]:
    """Show what one cell of the sandbox remembers, step by step."""
    return views.cell_states(read_choice(request, "cell", CELLS, "lstm"), read_unrolling(request))


@answering
def attention(session: Session, request: dict) -> dict[str, Any]:
    """Show where the sandbox's transformer looks."""
    return views.sandbox_attention(read_unrolling(request))


def of_networks(function: Callable[[Session, Model, dict], dict]) -> Callable[[Session, dict], dict]:
    """Wrap a function as `of_model` does; where nothing is trained yet it gets the networks that training would start with."""
    of_trained = of_model(function)

    def looked(session: Session, request: dict) -> dict:
        if session.shown is not None:
            return of_trained(session, request)
        return function(session, Model.untrained(session.experiment), request)

    looked.__name__ = function.__name__
    return looked


@answering
@of_networks
def inside(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Show the states, the attention layers and the gradient by row of the model in view."""
    return views.model_view(model, *here(model, session.walk))


@answering
@of_networks
def look(session: Session, model: Model, request: dict) -> dict[str, Any]:
    """Show where one place of one attention layer of the model in view looks."""
    name = read_choice(request, "network", views.NETWORKS, "generator")
    batch = views.batches(model, *here(model, session.walk))[name]
    layers, number = (
        attentions(getattr(model, name), *batch, in_line=model.experiment.spec.kind != "image"),
        request.get("number", 0),
    )
    if not is_whole(number, len(layers) - 1):
        raise ValueError(f"number must be one of the {len(layers)} attention layers of this {name}, not {shorten(number)}")
    query, last = request.get("query", 0), layers[number].weights.shape[1] - 1
    if not is_whole(query, last):
        raise ValueError(f"query must be a whole number from 0 to {last}, not {shorten(query)}")
    return views.look(layers[number], query)


@answering
def lengths(session: Session, request: dict) -> dict[str, Any]:
    """Measure the gradient of every stage of the model in view, on a copy: a run goes on meanwhile."""
    model = _copied(session)
    stages = gradients_now(model, real_samples(session, model), count_of(model.experiment))
    moments = len(session.run.timeline) if session.run is not None else 0
    return {"bars": views.bars(stages), "step": model.step, "moments": min(moments, MOMENTS)}


def over(session_id: str) -> Iterator[dict[str, Any]]:
    """Measure the same at the moments of the session's run, one after the other; what cannot be is said as `error`."""
    try:
        session = STORE.get(session_id)
        with session.lock:
            if session.shown is None or session.run is None or not len(session.run.timeline):
                raise ValueError(say("no_moments"))
            run, samples = session.run.copy(), real_samples(session, session.shown)
    except (ValueError, FileNotFoundError) as error:
        yield {"gradients": {"error": str(error)}}
        return
    found: list[dict[str, Any]] = []
    states = [moment.state for moment in run.timeline.moments]
    total = min(len(states), MOMENTS)
    with task(session, "gradients") as stopping:
        yield {"gradients": {"course": [], "total": total, "busy": True}}
        for at in gradients_over(run.experiment, states, samples, MOMENTS, count_of(run.experiment)):
            found.append({"step": at.step, "bars": views.bars(at.stages)})
            stopped = stopping.is_set()
            yield {"gradients": {"course": found, "total": total, "busy": len(found) < total and not stopped}}
            if stopped:
                return


def halt(session_id: str) -> dict[str, Any]:
    """Ask the measuring to stop, if there is any."""
    stop_task(STORE.get(session_id), "gradients")
    return {}


def _copied(session: Session) -> Model:
    with session.lock:
        shown = session.shown
        if shown is None:
            return Model.untrained(session.experiment)
        if shown.resume is not None:  # networks are built from it
            return dataclasses.replace(shown, history=[])
        networks = {name: copy.deepcopy(getattr(shown, name)) for name in views.NETWORKS}
        return dataclasses.replace(shown, **networks, history=[])


@functools.lru_cache(maxsize=64)
def count_of(experiment: Experiment) -> int:
    """Return how many samples gradients are asked of: fewer by large networks, which a person should not wait long for."""
    table = shape_table(experiment)
    passed_on = sum(row.activations for row in (*table.generator, *table.discriminator))
    return max(LEAST, min(COUNT, COUNT * LIGHT // passed_on))
