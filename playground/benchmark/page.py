"""The page, measured from outside: start-up, first pictures, scrubbing, and what the live page costs training.

Needs Chromium and the playwright package (tests/requirements.txt); without them it says so.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from playground.benchmark.figure import Figure

ROOT = pathlib.Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
VISITORS, TRAINING, VISIT_SECONDS = 8, 2, 15.0
RUN_SECONDS = 15  # of the run that shows what the page costs
START_LIMIT = 60.0

# moves the slider and waits for the frame that belongs to it; the canvas is drawn in the same task
SCRUB = """() => {
  const slider = document.querySelector('#walk-scrub');
  const times = [];
  for (let n = 0; n <= 100; n++) {
    slider.value = n * 10;
    const start = performance.now();
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    document.querySelector('#walk .now canvas').getContext('2d').getImageData(0, 0, 1, 1);
    times.push(performance.now() - start);
  }
  return times;
}"""

# moves the slider and waits until the ladder has drawn the feature maps that the server made for it
ASK = """async (value) => {
  const ladder = document.querySelector('#ladder [data-painted]');
  const before = ladder.dataset.painted;
  const slider = document.querySelector('#walk-scrub');
  const start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  while (ladder.dataset.painted === before) {
    if (performance.now() - start > 5000) return null;
    await new Promise((done) => setTimeout(done, 1));
  }
  return performance.now() - start;
}"""


def latencies() -> Iterator[Figure]:
    """Measure the page alone on this machine."""
    problem = missing()
    if problem:
        yield Figure("the page", None, "", problem)
        return
    with running_app() as (address, started):
        yield Figure("python app.py until it answers", started, "s")
        with browser() as chromium:
            chromium.new_page().goto(address)  # the first visitor after a start pays for cold caches
            page = chromium.new_page()
            start = time.perf_counter()
            page.goto(address, wait_until="commit")  # "load" would come later than the picture
            page.wait_for_selector("#sheet [data-painted]", timeout=30_000)
            yield Figure("page load until the first samples are drawn", time.perf_counter() - start, "s")
            page.wait_for_timeout(1500)
            yield Figure(
                "scrubbing, slider to canvas, in the browser", statistics.median(page.evaluate(SCRUB)), "ms", "median of 101"
            )
            page.wait_for_timeout(500)
            asked = [page.evaluate(ASK, 40 + 23 * n) for n in range(40)]
            known = [value for value in asked if value is not None]
            yield Figure("slider to feature maps made by the server", statistics.median(known), "ms", f"median of {len(known)}")
            yield from _training(page)


def _training(page: Any) -> Iterator[Figure]:
    page.fill("#seconds input", str(RUN_SECONDS))
    page.keyboard.press("Tab")
    start = time.perf_counter()
    page.click("button#train")
    page.wait_for_function("document.querySelector('#sheet [data-step]').dataset.step === '0'", timeout=30_000)
    yield Figure("Train until the first frame of the run", time.perf_counter() - start, "s")
    page.wait_for_function("document.querySelector('#status [data-state]').dataset.state === 'idle'", timeout=120_000)
    shown = int(page.get_attribute("#sheet [data-step]", "data-step"))
    alone = _steps_alone(RUN_SECONDS)
    yield Figure(f"steps in {RUN_SECONDS} s with the page open", shown, "steps")
    yield Figure(f"steps in {RUN_SECONDS} s without a page", alone, "steps", "python -m playground train")
    yield Figure("what the live page costs training", 100 * (1 - shown / alone), "%", "Chromium runs on the same cores")


def visitors() -> Iterator[Figure]:
    """Measure scrubbing on the server for eight visitors at once, two of them training."""
    with running_app() as (address, _):
        times: list[float] = []
        stop = time.perf_counter() + VISIT_SECONDS
        workers = [threading.Thread(target=_train_by_api, args=(address,)) for _ in range(TRAINING)]
        workers += [threading.Thread(target=_scrub_by_api, args=(address, stop, times)) for _ in range(VISITORS - TRAINING)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    times.sort()
    note = f"{VISITORS} visitors, {TRAINING} of them training; {len(times)} requests"
    yield Figure("feature maps while scrubbing, median", 1000 * statistics.median(times), "ms", note)
    yield Figure("feature maps while scrubbing, 95th percentile", 1000 * times[int(0.95 * len(times))], "ms", note)


def _train_by_api(address: str) -> None:
    call = f"{address}/gradio_api/call/train"
    event = _post(call, {"data": [{"dataset": "digits"}, VISIT_SECONDS]})["event_id"]
    urllib.request.urlopen(f"{call}/{event}").read()  # the stream ends with the run


def _post(address: str, body: Any) -> Any:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


def _scrub_by_api(address: str, stop: float, times: list[float]) -> None:
    config = json.load(urllib.request.urlopen(f"{address}/config"))
    ladder = next(part["id"] for part in config["components"] if part["props"].get("elem_id") == "ladder")
    number = 0
    while time.perf_counter() < stop:
        number += 1
        place = {"model": "home", "seeds": [1, 2], "method": "slerp", "t": number % 50 / 50}
        body = {"session_hash": f"visitor{threading.get_ident()}", "component_id": ladder, "fn_name": "maps", "data": place}
        start = time.perf_counter()
        answer = _post(f"{address}/gradio_api/component_server", body)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        times.append(time.perf_counter() - start)
        time.sleep(0.1)  # a hand on a slider: ten positions a second


def _steps_alone(seconds: int) -> int:
    command = [sys.executable, "-m", "playground", "train", "--seconds", str(seconds), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])["step"]


@contextlib.contextmanager
def running_app() -> Iterator[tuple[str, float]]:
    """Start `python app.py` on a free port; give its address and the seconds until it answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}", _wait(f"http://127.0.0.1:{port}", process, start)
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: subprocess.Popen, start: float) -> float:
    while time.perf_counter() - start < START_LIMIT and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).read()
            return time.perf_counter() - start
        time.sleep(0.05)
    raise RuntimeError("the app did not start")


def missing() -> str:
    if shutil.which("chromium") is None:
        return "needs Chromium on this machine"
    if importlib.util.find_spec("playwright") is None:
        return "needs the package playwright: pip install -r tests/requirements.txt"
    return ""


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """Give a browser context of 1280×800."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        try:
            yield chromium.new_context(viewport={"width": 1280, "height": 800})
        finally:
            chromium.close()
