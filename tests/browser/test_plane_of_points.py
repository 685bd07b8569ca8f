"""The plane of points in a browser: layers that are their own legend, a run in motion, the pencil by mouse and by touch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Locator, expect
from screens import PATIENCE, Visit, choose, number, open_page, overflow, picture, press, says, train, unfold, wait_for_number

POINTS = "?dataset=points&data.count=500&generator.width=16&discriminator.width=16"
LAYERS = ["surface", "manifold", "real", "fake", "pulls"]


@pytest.fixture(scope="module")
def plane(module_visit) -> Visit:
    """One visit that all tests with a mouse go through, in the order in which they stand."""
    return module_visit(POINTS)


@pytest.fixture
def phone(browser, app_url) -> Iterator[tuple[Visit, CDPSession]]:
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE)
    seen = open_page(context.new_page(), app_url + POINTS, 390, 844)
    yield seen, context.new_cdp_session(seen.page)
    context.close()
    assert not seen.complaints


def shows(seen: Visit, layers: list[str]) -> None:
    expect(seen["#cloud [data-layers]"]).to_have_attribute("data-layers", " ".join(layers))


def rests(seen: Visit, layers: list[str]) -> None:
    """Wait until the plane has come to the newest frame."""
    shows(seen, layers)
    expect(seen["#cloud [data-moving]"]).to_have_attribute("data-moving", "false")


def at(canvas: Locator, across: float, down: float) -> tuple[float, float]:
    box = canvas.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def drawn(seen: Visit) -> list[list[tuple[int, int]]]:
    """Return the strokes that the session's data are made of, on the lattice of 64 by 64."""
    expect(seen["#cloud [data-data]"]).to_have_attribute("data-data", "drawn")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    strokes = [[letters.index(letter) for letter in stroke] for stroke in seen.session.experiment.data.drawn.split(".")]
    return [list(zip(stroke[::2], stroke[1::2], strict=True)) for stroke in strokes]


def test_the_plane_stands_in_the_sheet_s_place_and_shows_the_data_before_training(plane):
    expect(plane["#cloud canvas"]).to_be_visible()
    expect(plane["#sheet"]).to_be_hidden()
    shows(plane, ["real"])
    expect(plane["#cloud .figures"]).to_have_text("")


def test_a_step_of_d_alone_brings_its_view_and_the_legend_turns_layers_off_and_on(plane):
    plane["#cloud .turns .discriminator"].click()
    says(plane, "^Step 0: one update of the discriminator alone")
    rests(plane, LAYERS)
    everything = picture(plane, "#cloud canvas")
    for name in LAYERS:
        button = plane[f"#cloud .layers [data-layer='{name}']"]
        button.click()
        shows(plane, [layer for layer in LAYERS if layer != name])
        expect(button).to_have_attribute("aria-pressed", "false")
        assert picture(plane, "#cloud canvas") != everything
        button.click()
    rests(plane, LAYERS)
    assert picture(plane, "#cloud canvas") == everything


def test_while_it_trains_the_plane_moves_between_the_frames_that_the_server_sends(plane):
    train(plane)
    sent = len(plane.session.run.history)
    before = wait_for_number(plane, "cloud", "painted", number(plane, "cloud", "painted") + 2)
    wait_for_number(plane, "cloud", "painted", before + 30)
    assert number(plane, "cloud", "painted") - before > 3 * (len(plane.session.run.history) - sent)
    expect(plane["#cloud [data-figure='js'] b"]).not_to_be_empty()
    expect(plane["#cloud .pencil"]).to_be_disabled()
    press(plane, "stop")
    says(plane, "^Stopped")


def test_what_is_drawn_with_the_mouse_becomes_the_data(plane):
    plane["#cloud .pencil"].click()
    plane["#cloud .use"].click()
    expect(plane["#cloud .hint"]).to_be_visible()  # nothing was drawn yet
    canvas = plane["#cloud canvas"]
    for way in ([(0.2, 0.3), (0.8, 0.3)], [(0.5, 0.7)]):
        plane.page.mouse.move(*at(canvas, *way[0]))
        plane.page.mouse.down()
        for place in way[1:]:
            plane.page.mouse.move(*at(canvas, *place), steps=6)
        plane.page.mouse.up()
    plane["#cloud .use"].click()
    line, dot = drawn(plane)
    low, high = ((span * 2 - 1) * 1.2 * 31.5 + 31.5 for span in (0.2, 0.8))
    assert abs(line[0][0] - low) <= 1 and abs(line[-1][0] - high) <= 1 and abs(line[0][1] - line[-1][1]) <= 1
    assert len(dot) == 1 and dot[0][1] < line[0][1]
    unfold(plane, "files")
    assert "data.drawn=" in plane["#link textarea, #link input"].input_value()
    shows(plane, ["real"])


def test_another_shape_and_another_kind_of_data_change_what_stands_there(plane):
    plane["#cloud select"].select_option("ring")
    expect(plane["#cloud [data-data]"]).to_have_attribute("data-data", "ring")
    assert plane.session.experiment.data.shape == "ring"
    choose(plane, "dataset", "Digits 8×8 (embedded)")
    expect(plane["#sheet"]).to_be_visible()
    expect(plane["#cloud canvas"]).to_be_hidden()


def test_on_a_phone_a_finger_draws_and_nothing_is_too_wide_or_too_small(phone):
    seen, touch = phone
    assert overflow(seen) <= 0
    for button in seen["#cloud button:visible"].all():
        assert button.bounding_box()["height"] >= 32
    seen["#cloud .pencil"].click()
    canvas = seen["#cloud canvas"]
    canvas.scroll_into_view_if_needed()
    (x, y), (to, _) = at(canvas, 0.3, 0.5), at(canvas, 0.7, 0.5)
    scrolled = seen.page.evaluate("scrollY")
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for share in (0.25, 0.5, 0.75, 1):
        place = {"x": x + share * (to - x), "y": y + 40 * share}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert seen.page.evaluate("scrollY") == scrolled
    seen["#cloud .use"].click()
    (stroke,) = drawn(seen)
    assert len(stroke) >= 4 and stroke[-1][0] > stroke[0][0] and stroke[-1][1] < stroke[0][1]
