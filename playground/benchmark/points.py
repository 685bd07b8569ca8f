"""Points in the plane, measured: modes found by half a minute of one core, a frame of the plane, its motion in Chromium."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import torch

from playground.benchmark import page
from playground.benchmark.figure import Figure
from playground.experiment import Experiment
from playground.model import Model

SECONDS = 30  # of the processor
RUN_SECONDS = 12  # of the run that the browser watches
ROUNDS = 21


def figures() -> Iterator[Figure]:
    """Train on eight Gaussians and on 5×5, then time the plane on the server and in the browser."""
    torch.set_num_threads(1)  # as the page does
    for shape in ("gaussians", "grid"):
        experiment = Experiment.from_settings({"dataset": "points", "data.shape": shape, "engine.threads": 1})
        model, spent = _trained(experiment)
        yield from _judged(experiment, model, spent)
    yield _frame(model)
    problem = page.missing()
    if problem:
        yield Figure("the plane in the browser", None, "", problem)
        return
    with page.running_app() as (address, _), page.browser() as chromium:
        yield _in_motion(chromium.new_page(), address)


def _trained(experiment: Experiment) -> tuple[Model, float]:
    """Train for SECONDS of the processor's time, however busy it is, and return the model and what was spent."""
    from playground.training import train

    start = time.process_time()
    run = train(experiment, seconds=20 * SECONDS, measure=None, every=1.0, stop=lambda: time.process_time() - start > SECONDS)
    *_, last = run
    return Model.from_state(experiment, last.state), time.process_time() - start


def _judged(experiment: Experiment, model: Model, spent: float) -> Iterator[Figure]:
    from playground.datasets import DATASETS, data_root

    dataset = DATASETS["points"]
    real = dataset.load(experiment.data, data_root()).values[:2000]
    made, best = (dataset.figures(values, experiment.data) for values in (model.values(2000, 1), real))
    for name, value in made.items():
        note = f"{model.step:,} steps, {spent:.0f} s of one core; real points {best[name]:.3g}"
        yield Figure(f"{experiment.data.shape}: {name}", value, "", note)


def _frame(model: Model) -> Figure:
    from playground.ui.views.points import plane, samples_of

    samples, times = samples_of(model.experiment), []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        plane(model, samples)
        times.append(1000 * (time.perf_counter() - start))
    return Figure("a frame of the plane on the server", statistics.median(times), "ms", f"median of {ROUNDS}")


def _in_motion(opened: Any, address: str) -> Figure:
    """Count the frames that Chromium draws in each second of a run."""
    opened.goto(f"{address}?dataset=points")
    opened.wait_for_selector("#cloud [data-shown=true]", timeout=30_000)
    opened.fill("#seconds input", str(RUN_SECONDS))
    opened.keyboard.press("Tab")
    opened.click("button#train")
    opened.wait_for_function("Number(document.querySelector('#cloud [data-step]').dataset.step) > 0", timeout=30_000)
    drawn = []
    for _ in range(RUN_SECONDS - 4):
        before = int(opened.get_attribute("#cloud [data-painted]", "data-painted"))
        start = time.perf_counter()
        opened.wait_for_timeout(1000)
        count = int(opened.get_attribute("#cloud [data-painted]", "data-painted")) - before
        drawn.append(count / (time.perf_counter() - start))
    note = f"median of {len(drawn)} seconds of a run, the slowest {min(drawn):.0f}; the server sends two"
    return Figure("frames a second of the plane in Chromium", statistics.median(drawn), "", note)
