"""The page's tests share one running app, started as a person starts it, on a machine without any data set."""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from gradio_client import Client

from playground.ui.handlers.screen import STORE

ROOT = pathlib.Path(__file__).parents[2]
START_SECONDS = 120


@pytest.fixture(autouse=True)
def visitors_leave() -> Iterator[None]:
    """Forget the sessions that a test has opened: a run that it left behind must not keep the next one waiting."""
    before = set(STORE._sessions)
    yield
    for name in set(STORE._sessions) - before:
        STORE._sessions.pop(name).stop.set()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(url: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the app ended with status {process.returncode} before it answered")
        try:
            httpx.get(url, timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.25)
    raise RuntimeError(f"the app did not answer within {START_SECONDS} seconds")


@pytest.fixture(scope="session")
def app_log(tmp_path_factory) -> pathlib.Path:
    """What the running app writes to its terminal."""
    return tmp_path_factory.mktemp("app") / "log.txt"


@pytest.fixture(scope="session")
def app_url(app_log) -> Iterator[str]:
    """The address of the running app."""
    url = f"http://127.0.0.1:{free_port()}"
    data = app_log.parent / "no data"
    settings = {"PLAYGROUND_DATA": str(data), "GRADIO_SERVER_PORT": url.rpartition(":")[2]}
    with app_log.open("w") as log:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | settings, stdout=log, stderr=log)
        try:
            wait_until_it_answers(f"{url}/config", process)
            yield url
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="session")
def config(app_url) -> dict[str, Any]:
    """What the app tells every browser about the page."""
    return httpx.get(f"{app_url}/config", timeout=30).json()


@pytest.fixture(scope="session")
def client(app_url) -> Client:
    return Client(app_url, verbose=False)
