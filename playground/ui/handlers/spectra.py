"""Training the visitor's experiment twice, with transposed and with resize convolutions, and comparing the spectra."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.experiment import Experiment
from playground.inspection import enlarging_pair, shape_table
from playground.inspection.spectra import RESIZES
from playground.model import Model
from playground.samples import Samples, to_unit
from playground.training import Snapshot
from playground.training import snapshot as outcomes
from playground.ui import compute
from playground.ui.handlers.latent import read_choice, read_number, stop_task, task
from playground.ui.handlers.runs import session_samples
from playground.ui.handlers.screen import STORE, say
from playground.ui.session import Session
from playground.ui.views.spectra import arm, curve

NAME = "transposed"
MIN_SECONDS, MAX_SECONDS, SECONDS = 5.0, 60.0, 15.0  # of training, each
REAL, MADE = 512, 256  # pictures whose spectra are averaged
SEED = 1  # of the latents at the end


def compare(session_id: str, request: Any) -> Iterator[dict[str, Any]]:
    """Train both by turns, step for step about, and show sheets and spectra: `{"seconds", "resize", "kernel"}`.

    What stands in the way is said in the lab itself: the status line is on another tab.
    """
    session = STORE.get(session_id)
    try:
        with task(session, NAME) as stopping, STORE.guest_run():
            for values in _compared(session, request, stopping):
                yield {NAME: {"spectra": values}}
    except (ValueError, FileNotFoundError) as error:
        yield {NAME: {"spectra": {"error": str(error)}}}


def stop(session_id: str) -> dict[str, Any]:
    """End the comparison after the steps it is in; what there is of it stays."""
    stop_task(STORE.get(session_id), NAME)
    return {}


def _compared(session: Session, request: Any, stopping: threading.Event) -> Iterator[dict[str, Any]]:
    seconds, experiments = _read(session.experiment, request)
    samples = session_samples(session)
    shown = {"seconds": seconds, "running": True, "fraction": 0.0, "real": real(samples), "arms": [None, None], "message": ""}
    yield shown
    last: list[Snapshot | None] = [None, None]
    for number, snapshot in take_turns(experiments, samples, seconds, stopping):
        last[number] = snapshot
        arms = list(shown["arms"])
        arms[number] = arm(experiments[number], snapshot)
        fraction = min(1.0, max(found.seconds for found in last if found) / seconds)
        shown = shown | {"arms": arms, "fraction": fraction, "message": snapshot.message or shown["message"]}
        yield shown
    arms = [made if found is None else made | final(experiment, found)
            for experiment, found, made in zip(experiments, last, shown["arms"], strict=True)]  # fmt: skip
    yield shown | {"arms": arms, "running": False}


def _read(experiment: Experiment, request: Any) -> tuple[float, tuple[Experiment, Experiment]]:
    """Read what is asked for. Raises ValueError with a sentence for what cannot be."""
    if not isinstance(request, dict):
        raise ValueError(f"a comparison is asked for by an object, not {shorten(request)}")
    seconds = read_number(request, "seconds", MIN_SECONDS, MAX_SECONDS, SECONDS)
    resize = read_choice(request, "resize", RESIZES, RESIZES[0])
    kernel = read_choice(request, "kernel", ("own", "3", "4", "5"), "own")
    if "upsampling" not in vars(experiment.generator):
        raise ValueError(say("no_pair"))
    pair = enlarging_pair(experiment, resize, None if kernel == "own" else int(kernel))
    for one in pair:
        problem = shape_table(one).problem
        if problem:
            raise ValueError(say("broken", sentence=problem.sentence))
    return seconds, pair


def take_turns(
    experiments: tuple[Experiment, ...], samples: Samples, seconds: float, stopping: threading.Event
) -> Iterator[tuple[int, Snapshot]]:
    """Train experiments by turns, always the one that has fewer steps, until the first has had its seconds.

    Yields each one's number and snapshot; the last of each carries its state. Same seed and data: what differs is in
    the experiments. May be closed at any yield, which ends all of them.
    """
    over = threading.Event()
    with contextlib.ExitStack() as stack:
        runs = [stack.enter_context(contextlib.closing(_run(one, samples, seconds, stopping, over))) for one in experiments]
        steps = dict.fromkeys(range(len(runs)), -1)
        while steps:
            number = min(steps, key=steps.get)
            snapshot = next(runs[number], None)  # none where a worker elsewhere was told to stop
            if snapshot is not None:
                steps[number] = snapshot.step
                yield number, snapshot
            if snapshot is None or snapshot.status != outcomes.RUNNING:
                del steps[number]
                over.set()  # the others take one more step, which comes with their weights


def _run(
    experiment: Experiment, samples: Samples, seconds: float, stopping: threading.Event, over: threading.Event
) -> Iterator[Snapshot]:
    def stop() -> bool:
        return stopping.is_set() or over.is_set()

    return compute.snapshots(experiment, samples, resume=None, seconds=seconds, steps=None, stop=stop, measure=None)


def real(samples: Samples) -> dict[str, Any]:
    """Describe the spectrum of real pictures, the same ones for the same data."""
    chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))[:REAL]
    return curve(to_unit(samples.values[chosen]).numpy())


def final(experiment: Experiment, snapshot: Snapshot) -> dict[str, Any]:
    """Describe the spectrum of many pictures from a run's last weights."""
    if snapshot.state is None:
        return {}
    model = Model.from_state(experiment, snapshot.state)
    made = model.generate(model.latents(MADE, SEED)).cpu().numpy()
    return curve(np.nan_to_num(made))
