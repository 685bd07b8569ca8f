"""The labs of layers, measured: what one question takes on the server, and what a hand waits for in the browser."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

from playground.benchmark import page
from playground.benchmark.figure import Figure
from playground.model import Model

ROUNDS = 21

# writes a value into a field of a lab and waits until the lab has drawn its answer
WRITE = """async ([lab, selector, value]) => {
  const panel = document.querySelector(`#${lab} [data-painted]`);
  const before = panel.dataset.painted;
  const field = document.querySelector(`#${lab} ${selector}`);
  const start = performance.now();
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  while (panel.dataset.painted === before) {
    if (performance.now() - start > 5000) return null;
    await new Promise((done) => setTimeout(done, 1));
  }
  return performance.now() - start;
}"""

# presses a button of a lab and waits in the same way
PRESS = WRITE.replace("field.value = value;\n  field.dispatchEvent(new Event('input', { bubbles: true }));", "field.click();")


def figures() -> Iterator[Figure]:
    """Measure on the model that comes with the page, in this process and then in Chromium."""
    from playground.checkpoint import load, shipped

    torch.set_num_threads(1)  # as the page does
    yield from _questions(load(next(file for file in shipped() if file.stem == "sn-dcgan-mnist")))
    problem = page.missing()
    if problem:
        yield Figure("the tab Layers", None, "", problem)
        return
    with page.running_app() as (address, _), page.browser() as chromium:
        opened = chromium.new_page()
        opened.goto(address)
        opened.wait_for_selector("#sheet [data-painted]", timeout=30_000)
        opened.get_by_role("tab", name="Layers", exact=True).click()
        yield from _hands(opened)


def _questions(model: Model) -> Iterator[Figure]:
    from playground.inspection import Edit, ablate, module_maps
    from playground.inspection.chains import default_chain
    from playground.inspection.solver import repairs

    latent = model.latents(1, 1)[0]
    edit = [Edit("generator", "up2", "2", 3, 0.0)]
    yield _timed("feature maps of every module", lambda: module_maps(model, latent))
    yield _timed("a channel switched off: pictures and scores", lambda: ablate(model, latent, edit))
    chain = default_chain((64, 4, 4), (28, 28))
    yield _timed("repairs of a chain of three stages", lambda: repairs(chain))


def _timed(what: str, act: Callable[[], Any]) -> Figure:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return Figure(what, statistics.median(times), "ms", f"median of {ROUNDS}, the slowest {max(times):.0f}")


def _hands(opened: Any) -> Iterator[Figure]:
    """Measure what a visitor's hand waits for in each lab."""
    _open(opened, "Feature maps", "maps")
    opened.locator("#maps .wall").click(position={"x": 30, "y": 30})
    presses = [["maps", f"[data-factor='{n % 2 * 2}']", None] for n in range(ROUNDS)]
    yield _median("a channel switched off or up, to the picture", [opened.evaluate(PRESS, press) for press in presses])
    _open(opened, "Shape solver", "shapes")
    edits = [["shapes", ".card .field[data-field='padding'] input", str(1 + n % 2)] for n in range(ROUNDS)]
    yield _median("a shape edited, to the chain drawn anew", [opened.evaluate(WRITE, edit) for edit in edits])
    _open(opened, "Batch norm", "norms")
    sizes = [["norms", "input.size", str(2 + n * 13 % 62)] for n in range(ROUNDS)]
    yield _median("batch size of the batch-norm lab, to the pictures", [opened.evaluate(WRITE, size) for size in sizes])
    _open(opened, "Pooling", "pooling")
    opened.locator("#pooling .views button").nth(1).click()
    moves = [["pooling", "input.across", str(n % 4 - 2)] for n in range(ROUNDS)]
    yield _median("a picture moved by a pixel, to the pooled ones", [opened.evaluate(WRITE, move) for move in moves])
    _open(opened, "Gradients and memory", "gradients")
    lengths = [["gradients", "input[type=range]", str(32 + n)] for n in range(ROUNDS)]
    yield _median("length of a series, to the four gradients", [opened.evaluate(WRITE, length) for length in lengths])


def _open(opened: Any, title: str, lab: str) -> None:
    opened.get_by_role("tab", name=title, exact=True).click()
    opened.wait_for_selector(f"#{lab} [data-painted]", timeout=30_000)
    opened.wait_for_timeout(1500)  # the first answers come in several parts


def _median(what: str, times: list[float | None]) -> Figure:
    known = [value for value in times if value is not None]
    if not known:
        return Figure(what, None, "ms", "nothing was drawn")
    return Figure(what, statistics.median(known), "ms", f"median of {len(known)}, the slowest {max(known):.0f}")
