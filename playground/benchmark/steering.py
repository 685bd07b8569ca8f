"""Steering, measured: how long directions take to find, and a picture to follow the slider in the browser."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from playground.benchmark import page
from playground.benchmark.figure import Figure

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


def figures() -> Iterator[Figure]:
    """Measure the search on the model that comes with the page, and the panel "Steer" in Chromium."""
    yield from _searches()
    problem = page.missing()
    if problem:
        yield Figure("the panel Steer", None, "", problem)
        return
    with page.running_app() as (address, _), page.browser() as chromium:
        opened = chromium.new_page()
        opened.goto(address)
        opened.wait_for_selector("#sheet [data-painted]", timeout=30_000)
        opened.get_by_role("tab", name="Latent space", exact=True).click()
        opened.get_by_role("tab", name="Steer", exact=True).click()
        opened.wait_for_selector("#steer [data-strips]", timeout=30_000)
        times = [opened.evaluate(MOVE, -3 + n % 60 / 10) for n in range(MOVES)]
        known = [value for value in times if value is not None]
        yield Figure("slider of a direction to the moved picture", statistics.median(known), "ms", f"median of {len(known)}")


def _searches() -> Iterator[Figure]:
    from playground.checkpoint import load, shipped
    from playground.latent import factors, principal_components
    from playground.latent.entering import steered_stages

    model = load(next(file for file in shipped() if file.stem == "sn-dcgan-mnist"))
    start = time.perf_counter()
    factors(model, 24)
    yield Figure("factors of the first layer", 1000 * (time.perf_counter() - start), "ms")
    for stage, shape in steered_stages(model).items():
        start = time.perf_counter()
        principal_components(model, stage, 24)
        note = f"2,000 samples of {'×'.join(map(str, shape))}"
        yield Figure(f"24 principal components at {stage}", time.perf_counter() - start, "s", note)
