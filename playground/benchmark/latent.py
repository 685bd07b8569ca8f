"""Latent space, measured: walks, directions and maps on the server, and what a hand on a slider waits for in the browser."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import torch

from playground.benchmark import page
from playground.benchmark.figure import Figure
from playground.model import Model

MOVES = 41

# moves the first slider and waits until the moved picture is drawn
MOVE = """async (value) => {
  const panel = document.querySelector('#steer [data-painted]');
  const before = panel.dataset.painted;
  const slider = document.querySelector('#steer .slide input');
  const start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  while (panel.dataset.painted === before) {
    if (performance.now() - start > 5000) return null;
    await new Promise((done) => setTimeout(done, 1));
  }
  return performance.now() - start;
}"""


# drags the slider of the walk over all its frames and says how long the slowest took to draw
SCRUB = """() => {
  const [panel, slider] = [document.querySelector('#route [data-painted]'), document.querySelector('#route-scrub')];
  panel.dataset.slowest = 0;
  for (let frame = 0; frame <= Number(slider.max); frame++) {
    slider.value = frame;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return Number(panel.dataset.slowest);
}"""

# puts the dot of the plane somewhere and waits for its picture
PLACE = """async (share) => {
  const [panel, field] = [document.querySelector('#plane [data-painted]'), document.querySelector('#plane .field')];
  const before = panel.dataset.here;
  const box = field.getBoundingClientRect();
  const start = performance.now();
  field.setPointerCapture = () => {};
  const place = { clientX: box.left + share * box.width, clientY: box.top + share * box.height };
  field.dispatchEvent(new PointerEvent('pointerdown', place));
  while (panel.dataset.here === before) {
    if (performance.now() - start > 5000) return null;
    await new Promise((done) => setTimeout(done, 1));
  }
  return performance.now() - start;
}"""


def figures() -> Iterator[Figure]:
    """Measure on the model that comes with the page, in this process and then in Chromium."""
    from playground.checkpoint import load, shipped

    torch.set_num_threads(1)  # as the page does
    model = load(next(file for file in shipped() if file.stem == "sn-dcgan-mnist"))
    yield from _walks(model)
    yield from _searches(model)
    yield from _maps(model)
    problem = page.missing()
    if problem:
        yield Figure("the tab Latent space", None, "", problem)
        return
    with page.running_app() as (address, _), page.browser() as chromium:
        opened = chromium.new_page()
        opened.goto(address)
        opened.wait_for_selector("#sheet [data-painted]", timeout=30_000)
        yield from _hands(opened)


def _hands(opened: Any) -> Iterator[Figure]:
    """Measure what a visitor's hand waits for."""
    opened.get_by_role("tab", name="Latent space", exact=True).click()
    opened.wait_for_selector("#route [data-frames]", timeout=30_000)
    yield Figure("scrubbing a walk of 64 frames, the slowest frame", max(opened.evaluate(SCRUB) for _ in range(3)), "ms")
    opened.get_by_role("tab", name="Plane", exact=True).click()
    opened.wait_for_selector("#plane [data-here]", timeout=30_000)
    yield _median("dot on the plane to its picture", [opened.evaluate(PLACE, n / 60 + 0.1) for n in range(MOVES)])
    opened.get_by_role("tab", name="Steer", exact=True).click()
    opened.wait_for_selector("#steer [data-strips]", timeout=30_000)
    yield _median("slider of a direction to the moved picture", [opened.evaluate(MOVE, -3 + n % 60 / 10) for n in range(MOVES)])


def _median(what: str, times: list[float | None]) -> Figure:
    known = [value for value in times if value is not None]
    return Figure(what, statistics.median(known), "ms", f"median of {len(known)}, the slowest {max(known):.0f}")


def _walks(model: Model) -> Iterator[Figure]:
    from playground.exporting import sprite
    from playground.latent import read_points, walk

    points = read_points([{"seed": seed} for seed in (1, 2, 3)], model)
    for speed in ("plain", "pixels", "features"):
        times = []
        for _ in range(7):
            start = time.perf_counter()
            walked = walk(model, points, frames=64, speed=speed)
            sprite(walked.images)
            times.append(1000 * (time.perf_counter() - start))
        note = f"median of {len(times)}; change varies by {walked.unevenness:.0%}"
        yield Figure(f"walk of 64 frames with its sprite, speed {speed}", statistics.median(times), "ms", note)


def _searches(model: Model) -> Iterator[Figure]:
    from playground.latent import factors, principal_components
    from playground.latent.entering import steered_stages

    start = time.perf_counter()
    factors(model, 24)
    yield Figure("factors of the first layer", 1000 * (time.perf_counter() - start), "ms")
    for stage, shape in steered_stages(model).items():
        start = time.perf_counter()
        principal_components(model, stage, 24)
        note = f"2,000 samples of {'×'.join(map(str, shape))}"
        yield Figure(f"24 principal components at {stage}", time.perf_counter() - start, "s", note)


def _maps(model: Model) -> Iterator[Figure]:
    from playground.datasets import DATASETS, data_root
    from playground.latent import sample_map

    dataset = DATASETS[model.experiment.dataset]
    if not dataset.available(data_root()):
        yield Figure("a map of samples", None, "", f"{dataset.title} is not on this machine")
        return
    samples = dataset.load(model.experiment.data, data_root())
    for method in ("pca", "tsne"):
        start = time.perf_counter()
        sample_map(model, samples, count=1000, method=method)
        yield Figure(f"map of 1,000 made and 1,000 real samples, {method}", time.perf_counter() - start, "s")
