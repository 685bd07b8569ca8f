"""The visitor's points under a finger: dragged after resting, renamed by resting, scrolled by swiping."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, expect
from screens import PATIENCE, Visit, open_page, wait_for_number

REST = 500  # milliseconds, longer than it takes to hold a point
Phone = tuple[Visit, CDPSession]


@pytest.fixture
def phone(browser, app_url) -> Iterator[Phone]:
    """A visitor with seven points on a phone, and the screen that they touch."""
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE)
    seen = open_page(context.new_page(), app_url, 390, 844)
    seen["#walk-more"].click()
    wait_for_number(seen, "tray", "painted", 1)
    for seed in range(4, 8):
        seen["#tray-seed"].fill(str(seed))
        seen["#tray-add"].click()
    seen["#tray .point"].first.click()
    seen["#tray .points"].evaluate("list => (list.scrollLeft = 0)")
    yield seen, context.new_cdp_session(seen.page)
    context.close()
    assert not seen.complaints


def shows(seen: Visit, *names: str) -> None:
    expect(seen["#tray .point .name"]).to_have_text(names)


def scrolled(seen: Visit) -> None:
    seen.page.wait_for_function("() => document.querySelector('#tray .points').scrollLeft > 50")


def touch(phone: Phone, point: int, path: range, rest: int = 0) -> None:
    """Put a finger on a point, rest, go along a path of pixels to the right, and lift it."""
    seen, screen = phone
    box = seen["#tray .point"].nth(point).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 50
    screen.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    seen.page.wait_for_timeout(rest)  # a finger's own time, as are the pauses between its places
    for step in path:
        screen.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + step, "y": y}]})
        seen.page.wait_for_timeout(20)
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_point_goes_where_a_finger_takes_it_after_resting(phone):
    touch(phone, 0, range(10, 180, 10), rest=REST)
    after = ("#2", "#3", "#1", "#4", "#5", "#6", "#7")
    shows(phone[0], *after)
    touch(phone, 3, range(-10, -200, -10))  # nothing of that drag is left: this is a swipe
    scrolled(phone[0])
    shows(phone[0], *after)


def test_a_swipe_scrolls_and_moves_no_point(phone):
    touch(phone, 3, range(-10, -200, -10))
    scrolled(phone[0])
    shows(phone[0], *(f"#{seed}" for seed in range(1, 8)))


def test_resting_on_a_point_gives_it_another_name(phone):
    touch(phone, 1, range(0), rest=REST)
    expect(phone[0]["#tray input.name"]).to_be_focused()
    phone[0].page.keyboard.type("a six")
    phone[0].page.keyboard.press("Enter")
    shows(phone[0], "#1", "a six", *(f"#{seed}" for seed in range(3, 8)))


def test_all_that_a_finger_presses_has_32_pixels_each_way(phone):
    script = """buttons => buttons.filter(b => b.offsetParent).filter(b => {
        const { width, height } = b.getBoundingClientRect();
        return Math.min(width, height) < 32;
    }).map(b => b.id || b.className)"""
    phone[0]["#tray-arithmetic"].click()
    assert phone[0]["#tray button"].evaluate_all(script) == []
