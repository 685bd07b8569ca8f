"""A real browser before the real page, which runs in this process so that a test can look at the sessions."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from screens import PATIENCE, Visit, new_context, open_page

from playground.ui.app import build, launch_settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


expect.set_options(timeout=PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(autouse=True)
def no_data(tmp_path, monkeypatch) -> None:
    """No data set is on disk: what is built in must do."""
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path / "no data"))


@pytest.fixture(scope="session")
def app_url(tmp_path_factory) -> Iterator[str]:
    """The address of the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_DATA", str(tmp_path_factory.mktemp("no data")))
        page = build()
    page.launch(prevent_thread_lock=True, server_port=free_port(), quiet=True, **launch_settings())
    yield page.local_url
    page.close(verbose=False)


@pytest.fixture(scope="module")
def browser(app_url) -> Iterator[Browser]:
    """Chromium. Not for the whole session: while it is open, no other test could run an event loop of its own."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed, and CI must not go without the tests of the page")
        pytest.skip("chromium is not installed: the tests of the page in a browser are left out")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def context(browser) -> Iterator[BrowserContext]:
    """One person's browser, which keeps the page's scripts from visit to visit."""
    opened = new_context(browser)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def blank_tabs(context) -> list[Page]:
    """Tabs that earlier visits have left: the page comes twice as fast in one as in a new tab."""
    return []


@pytest.fixture(scope="module")
def module_visit(context, app_url) -> Iterator[Callable[..., Visit]]:
    """Visit the page once for several tests, which look at it or put back what they change."""
    visits: list[Visit] = []

    def start(query: str = "", **size: int) -> Visit:
        visits.append(open_page(context.new_page(), app_url + query, **size))
        return visits[-1]

    yield start
    for seen in visits:
        seen.page.close()
    assert not [complaint for seen in visits for complaint in seen.complaints]


@pytest.fixture(scope="module")
def usual_visit(module_visit) -> Visit:
    """The visit behind `shared_visit`."""
    return module_visit()


@pytest.fixture
def shared_visit(usual_visit) -> Visit:
    """A visit of the page as it comes that several tests look at."""
    usual_visit.page.bring_to_front()
    return usual_visit


@pytest.fixture
def visit(browser, context, blank_tabs, app_url) -> Iterator[Callable[..., Visit]]:
    """Visit the page anew, each time in a tab of its own; `elsewhere` in another browser. None may find an error."""
    visits: list[Visit] = []

    def start(query: str = "", *, elsewhere: bool = False, **size: int) -> Visit:
        where = new_context(browser) if elsewhere else context
        tab = blank_tabs.pop() if blank_tabs and not elsewhere else where.new_page()
        visits.append(open_page(tab, app_url + query, **size))
        return visits[-1]

    yield start
    complaints = [complaint for seen in visits for complaint in seen.complaints]
    for seen in visits:
        if seen.page.context is not context:
            seen.page.context.close()
        elif not seen.page.is_closed():
            seen.leave()
            blank_tabs.append(seen.page)
    assert not complaints
