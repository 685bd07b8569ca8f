"""The panel "Find" in a browser: a stroke becomes a target, the search draws as it goes, and the point can be kept."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from screens import Visit, choose, colours, overflow, says, unfold

SLOW = 60_000  # milliseconds for a search on a busy machine


def at_panel(visit, **size: int) -> Visit:
    seen = visit(**size)
    unfold(seen, "files")
    choose(seen, "shipped", "dcgan-digits")
    says(seen, "^Opened dcgan-digits")
    seen.page.get_by_role("tab", name="Latent space", exact=True).click()
    seen.page.get_by_role("tab", name="Find", exact=True).click()
    expect(seen["#find .drawing"]).to_be_visible()
    return seen


def draw(seen: Visit) -> None:
    seen["#find .drawing"].scroll_into_view_if_needed()
    box = seen["#find .drawing"].bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 3 * box["height"] / 4, steps=4)
    seen.page.mouse.up()


def test_a_drawing_is_searched_found_kept_and_compared_with_the_data(visit):
    seen = at_panel(visit)
    expect(seen["#find .go"]).to_be_disabled()
    draw(seen)
    expect(seen["#find .drawing"]).to_have_attribute("data-strokes", "1")
    expect(seen["#find .go"]).to_be_enabled()
    seen["#find .go"].click()
    expect(seen["#find .verdict"]).to_contain_text(re.compile("grey levels|exactly"), timeout=SLOW)
    assert colours(seen, "#find .trio figure:nth-child(2) canvas") > 4
    assert int(seen["#find .curve"].get_attribute("data-points")) > 5
    assert "{" not in seen["#find"].inner_text()
    points = seen["#tray .point"].count()
    seen.page.get_by_role("button", name="Keep", exact=True).click()
    expect(seen["#tray .point"]).to_have_count(points + 1)
    seen["#find .look"].click()
    expect(seen["#find .said"]).to_contain_text("were searched", timeout=SLOW)
    expect(seen["#find .neighbours figure"]).to_have_count(7)


def test_undo_takes_the_stroke_back_and_settings_are_shared(visit):
    seen = at_panel(visit)
    draw(seen)
    expect(seen["#find .go"]).to_be_enabled()
    seen.page.get_by_role("button", name="Undo", exact=True).click()
    expect(seen["#find .drawing"]).to_have_attribute("data-strokes", "0")
    expect(seen["#find .go"]).to_be_disabled()
    seen["#find [data-source=real]"].click()
    assert seen.page.evaluate("window.playgroundBus.views.find.source") == "real"
    expect(seen["#find .go"]).to_be_enabled()


def test_on_a_phone_it_fits(visit):
    seen = at_panel(visit, width=390, height=844)
    seen["#find [data-source=point]"].click()
    expect(seen["#find .go"]).to_be_enabled()
    assert overflow(seen) <= 0
    for button in seen["#find button:visible"].all():
        assert button.bounding_box()["height"] >= 32
