"""What the pooling bench asks for. As in `looking`: anyone may ask anything, and the answer is never an exception."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.nn.functional import interpolate

from playground.config import shorten
from playground.experiment import MAX_SEED, Experiment
from playground.inspection import Lap, ShiftTest, race, shift_test, shifted
from playground.inspection.pooling_race import in_family
from playground.inspection.pooling_shifts import AXES, BLACK, REACH
from playground.layers import POOLINGS
from playground.model import Model, draw_latents
from playground.samples import Samples, to_unit
from playground.ui import compute
from playground.ui.handlers.latent import read_choice, read_number, stop_task, task
from playground.ui.handlers.looking import answering, is_whole
from playground.ui.handlers.runs import samples_of
from playground.ui.handlers.screen import STORE, say
from playground.ui.handlers.wants import real_samples
from playground.ui.session import Session
from playground.ui.views import pooling as views

NAME = "pooling"
SOURCES = ("real", "fake", "drawn")
SIDES = (8, 16)  # of a picture that a person draws
SIZES = (2, 4)  # the smallest and the largest
SHORTEST, LONGEST = 2, 120  # seconds of a race
TOLD = 0.3  # seconds between signs of progress
JUDGED = 32  # real pictures, and as many made ones, that the runners' steadiness is measured on


@answering
def look(session: Session, request: dict) -> dict[str, Any]:
    """Put a picture, moved by some pixels, through every kind of pooling."""
    across, down = (_whole(request, name, -REACH, REACH, 0) for name in AXES)
    size = _whole(request, "size", *SIZES, 2)
    with session.lock:
        image = views.brightness(_picture(session.shown, session, request)[0][0])
    return views.bench(shifted(image, across, down), size)


@answering
def moves(session: Session, request: dict) -> dict[str, Any]:
    """Follow a picture's moves in each kind's output, and in the shown discriminator where there is one."""
    size, axis = _whole(request, "size", *SIZES, 2), read_choice(request, "axis", AXES, AXES[0])
    with session.lock:
        model = session.shown
        image, label = _picture(model, session, request)
        judged = None
        if model is not None:
            fitting = interpolate(image, size=model.experiment.spec.shape[1:])  # a drawing has another size
            fitting = fitting.expand(-1, model.experiment.spec.shape[0], -1, -1)
            judged = shift_test(model, fitting, label, axis=axis, last_only=True)
    return views.curves(views.brightness(image[0]), size, axis, judged)


@answering
def costs(session: Session, request: dict) -> dict[str, Any]:
    """Measure what stages that shrink a map cost, for the size of the session's data."""
    return views.costs(session.experiment.spec)


def go(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Train a discriminator with each kind of pooling, in turns, and then move pictures before each of them."""
    try:
        session = STORE.get(session_id)
        request = request if isinstance(request, dict) else {}
        seconds = read_number(request, "seconds", SHORTEST, LONGEST, 20)
        experiment = session.experiment
        samples = samples_of(session, experiment)
    except (ValueError, FileNotFoundError) as error:
        yield {NAME: {"error": str(error)}}
        return
    note = {"kept": in_family(experiment), "dataset": experiment.dataset}
    try:
        with STORE.guest_run(), task(session, NAME) as stopping:
            for told in _raced(experiment, samples, seconds, stopping.is_set):
                yield {NAME: told | note}
    except ValueError as error:  # networks that do not fit one another
        yield {NAME: {"error": str(error)}}


def _raced(experiment: Experiment, samples: Samples, seconds: float, stop: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    laps: dict[str, list[Lap]] = {kind: [] for kind in POOLINGS}
    yield views.told(laps, 0.0, {}, "running")
    started = last = time.monotonic()
    for lap in race(experiment, samples, seconds=seconds, stop=stop, device="cpu" if compute.ZERO_GPU else None):
        laps[lap.kind].append(lap)
        if (now := time.monotonic()) - last > TOLD:
            last = now
            yield views.told(laps, (now - started) / seconds, {}, "running")
    shifts: dict[str, ShiftTest] = {}
    for kind, made in laps.items():
        shifts[kind] = _steadiness(made[-1].model, samples)
        yield views.told(laps, 1.0, shifts, "over" if len(shifts) == len(laps) else "judging")


def _steadiness(model: Model, samples: Samples) -> ShiftTest:
    """Move the same real pictures before each runner, and pictures that its own generator makes of the same latents."""
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))[:JUDGED]
    fake = model.generate(draw_latents(JUDGED, model.experiment.generator.latent_dim, 0))
    return shift_test(model, torch.cat([to_unit(samples.values[order]).to(fake.device), fake]), last_only=True)


def halt(session_id: str) -> dict[str, Any]:
    """Ask a race to stop, if there is any: its runners are still moved pictures before."""
    stop_task(STORE.get(session_id), NAME)
    return {}


def _picture(model: Model | None, session: Session, request: dict) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the picture that a request means, (1, C, H, W) in [-1, 1], and its class. Raises ValueError for none."""
    source, seed = read_choice(request, "source", SOURCES, "drawn"), request.get("seed", 0)
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number between 0 and {MAX_SEED}, not {shorten(seed)}")
    if source == "drawn":
        return _drawn(request.get("drawn")), None
    if model is None:
        raise ValueError(say("edited"))
    num_classes = model.experiment.num_classes
    if source == "fake":
        label = model.labels(1, seed % num_classes) if num_classes else None
        return model.generate(draw_latents(1, model.experiment.generator.latent_dim, seed), label).cpu(), label
    samples = real_samples(session, model)
    place = torch.randint(len(samples), (1,), generator=torch.Generator().manual_seed(seed))
    return to_unit(samples.values[place]), samples.labels[place] if num_classes else None


def _drawn(values: Any) -> torch.Tensor:
    counts = [side * side for side in SIDES]
    if not isinstance(values, list) or len(values) not in counts:
        raise ValueError(f"drawn must be a list of {' or '.join(map(str, counts))} numbers, not {shorten(values)}")
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1 for value in values):
        raise ValueError("drawn must hold numbers from 0 to 1")
    side = SIDES[counts.index(len(values))]
    return torch.tensor(values, dtype=torch.float32).reshape(1, 1, side, side) * (1 - BLACK) + BLACK


def _whole(request: dict, name: str, low: int, high: int, default: int) -> int:
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, not {shorten(value)}")
    return value
