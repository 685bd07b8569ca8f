"""What a person sees and does on the page, as short functions of a visit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Download, Locator, Page, expect

from playground.ui.handlers.screen import STORE
from playground.ui.session import Session

SMALL = "?architecture=mlp&dataset=digits&data.resolution=16&generator.width=32&discriminator.width=16&recipe.batch_size=16"
CONDITIONAL = "?architecture=cgan&dataset=digits&data.resolution=16&generator.width=4&discriminator.width=4"
CONVOLUTIONAL = "?architecture=sn-dcgan&dataset=digits&data.resolution=16&generator.width=4&discriminator.width=4"

PATIENCE = 20_000  # milliseconds: two cores may have much else to do

# The page comes with a model drawn once; a session of one's own draws its model again, or says that there is none.
OWN_SESSION_SHOWN = """() => {
    const sheet = document.querySelector('#sheet [data-painted]');
    return sheet && (Number(sheet.dataset.painted) > 1 || !document.querySelector('#sheet .empty').hidden);
}"""

# A bar that has just got its width shows all its tabs, and folds away a frame later those for which it is too narrow.
TABS_AT_REST = """async (bar) => {
    for (let [before, frames] = ['', 0]; frames < 4; ) {
        await new Promise(requestAnimationFrame);
        const tabs = [...bar.querySelectorAll('[role=tab]')].filter((tab) => tab.offsetParent);
        const now = tabs.map((tab) => tab.textContent).join();
        [before, frames] = [now, now === before ? frames + 1 : 0];
    }
}"""


@dataclass
class Visit:
    """One tab with the page, the session that the server keeps for it, and the errors on its console."""

    page: Page
    session: Session
    complaints: list[str]

    def __getitem__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def leave(self) -> None:
        """Go away in the same tab: to the server the visitor has gone, as when the tab is closed."""
        self.complaints = list(self.complaints)  # streams that break off now are nobody's complaint
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")


def new_context(browser: Browser) -> BrowserContext:
    context = browser.new_context(accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    return context


def open_page(page: Page, url: str, width: int = 1280, height: int = 900) -> Visit:
    page.bring_to_front()  # a tab behind another is drawn once a second
    page.set_viewport_size({"width": width, "height": height})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    known = set(STORE._sessions)
    page.goto(url)
    page.wait_for_function(OWN_SESSION_SHOWN)
    (session,) = [session for name, session in STORE._sessions.items() if name not in known]
    return Visit(page, session, complaints)


def says(visit: Visit, sentence: str) -> None:
    """Wait until the status line says something that matches."""
    expect(visit["#status .message"]).to_contain_text(re.compile(sentence))


def train(visit: Visit, seconds: float = 600) -> None:
    """Start a run and wait for its first trained frame."""
    visit["#seconds input"].fill(str(seconds))
    press(visit, "train")
    wait_for_step(visit, 1)


def trained(visit: Visit) -> None:
    """Train for two steps: the shortest way to a model of one's own."""
    for step in (1, 2):
        press(visit, "step")
        says(visit, f"^Step {step}:")


def press(visit: Visit, name: str) -> None:
    visit[f"button#{name}"].click()


def number(visit: Visit, component: str, name: str) -> int:
    """Return what a component notes about itself: `painted`, `step`, `points`, `frame`."""
    found = visit[f"#{component} [data-{name}]"]
    return int(found.first.get_attribute(f"data-{name}")) if found.count() else 0


def wait_for_number(visit: Visit, component: str, name: str, least: int) -> int:
    """Wait until a component's number has grown to at least `least`."""
    script = "([part, name, least]) => Number(document.querySelector(`#${part} [data-${name}]`)?.dataset[name] ?? -1) >= least"
    visit.page.wait_for_function(script, arg=[component, name, least])
    return number(visit, component, name)


def wait_for_step(visit: Visit, least: int) -> int:
    return wait_for_number(visit, "sheet", "step", least)


def picture(visit: Visit, selector: str = "#sheet canvas") -> str:
    """Return a canvas's pixels, as a data address."""
    return visit[selector].first.evaluate("canvas => canvas.toDataURL()")


def colours(visit: Visit, selector: str) -> int:
    """Count the different colours on a canvas."""
    script = """canvas => new Set(new Uint32Array(
        canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
    return visit[selector].first.evaluate(script)


def unfold(visit: Visit, name: str) -> None:
    """Open one of the folds at the bottom, `options` or `files`."""
    visit[f"#{name} button"].first.click()


def set_field(visit: Visit, key: str, value: str) -> None:
    """Type into a field of the form and leave it."""
    field = visit[f"#form [data-key='{key}']"]
    field.fill(value)
    field.press("Tab")


def open_gallery(visit: Visit) -> None:
    """Open the panel of architectures and wait for its cards."""
    visit["#architecture .current"].click()
    expect(visit["#architecture .card"].first).to_be_visible()


def choose_architecture(visit: Visit, name: str) -> None:
    """Open the panel of architectures and click on a card."""
    open_gallery(visit)
    visit[f"#architecture .card[data-name='{name}']"].click()


def choose(visit: Visit, name: str, option: str) -> None:
    """Choose from one of the lists, `dataset` or `shipped`."""
    visit[f"#{name} input"].click()
    visit.page.get_by_role("option", name=option, exact=True).click()


def scrub(visit: Visit, position: int) -> None:
    """Drag the slider of the walk to a position from 0 to 1000."""
    visit["#walk-scrub"].fill(str(position))


def downloaded(visit: Visit, selector: str) -> Download:
    with visit.page.expect_download() as waiting:
        visit[selector].first.click()
    return waiting.value


def overflow(visit: Visit) -> int:
    """Return how many pixels the page is wider than its window."""
    return visit.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")


def open_tab(visit: Visit, name: str, bar: str = "tabs") -> None:
    """Open a tab of a bar of tabs (`tabs`, `latent-tabs`, `layers-tabs`), also one that a narrow screen folds away."""
    words = re.compile(rf"^\s*{re.escape(name)}\s*$")
    wrapper = visit[f"#{bar} > .tab-wrapper"]
    expect(wrapper.get_by_role("tab").first).to_be_visible()
    wrapper.evaluate(TABS_AT_REST)
    tab = wrapper.get_by_role("tab").filter(has_text=words, visible=True)
    if tab.count():
        tab.first.click()
        return
    wrapper.locator(".overflow-menu button").first.click()
    wrapper.locator(".overflow-dropdown button").filter(has_text=words).click()


def tray_as_it_was(seen: Visit) -> None:
    """Put back the three points that the collection begins with."""
    script = """() => { const bus = window.playgroundBus;
        bus.firstTray ??= structuredClone(bus.tray);
        bus.tray = structuredClone(bus.firstTray);
        bus.dispatchEvent(new CustomEvent('tray', { detail: bus.tray })); }"""
    seen.page.evaluate(script)
