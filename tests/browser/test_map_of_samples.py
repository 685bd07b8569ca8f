"""The panel "Map" in a browser: dots that show the right pictures, a legend that is the toggle, zoom, and touch."""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from screens import SMALL, Visit, choose, overflow, press, says, trained, unfold, wait_for_number

from playground.samples import to_pixels
from playground.ui.handlers.wants import real_samples

CANVAS = "#map .plot > canvas"
# a dot with no other dot near it: what is pointed at is then sure
ALONE = """dots => dots.filter(([n, x, y]) => x > 20 && y > 50
    && dots.every(([m, u, v]) => m === n || Math.hypot(x - u, y - v) > 9))"""


def open_map(seen: Visit) -> None:
    seen.page.get_by_role("tab", name="Latent space", exact=True).click()
    seen.page.get_by_role("tab", name="Map", exact=True).click()
    expect(seen["#map-draw"]).to_be_visible()


def drawn(seen: Visit) -> None:
    """Wait for the map that is drawn by itself, and for a smaller one that is asked for."""
    wait_for_number(seen, "map", "painted", 1)
    seen["#map-count"].select_option("250")
    seen["#map-draw"].click()
    wait_for_number(seen, "map", "painted", 2)
    expect(seen[f"{CANVAS}[data-given]"]).to_be_visible()


def given(seen: Visit) -> dict:
    return json.loads(seen[CANVAS].get_attribute("data-given"))


def dot_alone(seen: Visit, real: bool, split: int) -> tuple[int, float, float]:
    """Return a dot that stands alone, and where it is in the window."""
    seen[CANVAS].scroll_into_view_if_needed()
    alone = seen.page.evaluate(ALONE, given(seen)["dots"])
    dot, x, y = next(entry for entry in reversed(alone) if (entry[0] < split) == real)  # seeds 1 to 3 are collected already
    box = seen[CANVAS].bounding_box()
    return dot, box["x"] + x, box["y"] + y


def shown_picture(seen: Visit) -> np.ndarray:
    source = seen["#map .card canvas"].evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("L"))


USUAL = {"method": "pca", "count": 250, "real": True, "made": True, "holes": True, "pictures": False, "byClass": False}


def as_it_was(seen: Visit) -> None:
    """Put back what can be switched, zoomed and pinned."""
    script = """usual => { const bus = window.playgroundBus;
        bus.views = { ...bus.views, map: usual };
        bus.dispatchEvent(new CustomEvent('views')); }"""
    seen.page.evaluate(script, USUAL)
    seen["#map .zoom button"].first.click()
    seen["#map .zoom .reset"].click()


def digits_map(visit, **size: int) -> Visit:
    opened = visit(**size)
    unfold(opened, "files")
    choose(opened, "shipped", "dcgan-digits")
    says(opened, "^Opened dcgan-digits")
    open_map(opened)
    drawn(opened)
    return opened


@pytest.fixture(scope="module")
def opened(module_visit) -> Visit:
    return digits_map(module_visit)


@pytest.fixture
def seen(opened) -> Visit:
    """A visitor before a map of digits, which several tests share."""
    opened.page.bring_to_front()
    as_it_was(opened)
    return opened


def test_a_dot_shows_its_own_picture_and_a_made_one_can_be_kept(seen):
    dot, x, y = dot_alone(seen, real=False, split=250)
    seen.page.mouse.move(x, y)
    expect(seen["#map .card"]).to_have_attribute("data-dot", str(dot))
    seed = int(re.search(r"seed (\d+)", seen["#map .about"].inner_text()).group(1))
    model = seen.session.model
    made = to_pixels(model.generate(model.latents(1, seed)))[0, ..., 0]
    np.testing.assert_allclose(shown_picture(seen).astype(int), made.astype(int), atol=2)
    expect(seen["#map .about"]).to_contain_text(re.compile(r"D’s score −?\d+\.\d\d"))
    seen.page.mouse.click(x, y)
    seen["#map .card button"].click()
    expect(seen["#map .card button"]).to_have_text("Kept")
    assert seen.page.evaluate("window.playgroundBus.tray.points.at(-1).point") == {"seed": seed}
    wait_for_number(seen, "map", "marks", 4)  # three points that were there, and this one


def test_a_real_dot_shows_a_real_picture_and_says_which_to_find(seen):
    dot, x, y = dot_alone(seen, real=True, split=250)
    seen.page.mouse.click(x, y)
    expect(seen["#map .card"]).to_have_attribute("data-dot", str(dot))
    number = int(re.search(r"number (\d+)", seen["#map .about"].inner_text()).group(1))
    real = real_samples(seen.session, seen.session.model, 2000).values[number][0].numpy()
    np.testing.assert_allclose(shown_picture(seen).astype(int), real.astype(int), atol=2)
    seen.page.evaluate("window.playgroundBus.addEventListener('find', ({ detail }) => (window.wanted = detail.real))")
    seen["#map .card button"].click()
    assert seen.page.evaluate("window.wanted") == number


def test_the_legend_is_the_toggle_and_the_view_is_told_to_the_page(seen):
    whole = given(seen)
    assert whole["real"] == whole["made"] == 250
    seen["#map .legend .real"].click()
    assert given(seen)["real"] == 0 and given(seen)["made"] == 250
    seen["#map .legend .real"].click()
    seen["#map .legend .made"].click()
    assert given(seen)["real"] == 250 and given(seen)["made"] == 0
    assert seen.page.evaluate("window.playgroundBus.views.map.made") is False
    seen["#map select.hue"].select_option("class")
    expect(seen["#map .names span"]).to_have_text([str(n) for n in range(10)])


def test_zooming_brings_pictures_and_all_goes_back(seen):
    assert given(seen)["pictures"] == 0
    for _ in range(3):
        seen["#map .zoom button"].first.click()
    near = given(seen)
    assert near["zoom"] > 3 and near["pictures"] > 5
    seen["#map .zoom .reset"].click()
    assert given(seen)["zoom"] == 1 and given(seen)["pictures"] == 0
    seen["#map .legend .pictures"].click()
    assert given(seen)["pictures"] > 20


def test_the_share_covered_stands_beside_its_floor(seen):
    said = seen["#map .verdict"].inner_text()
    covered, floor = (int(share) for share in re.findall(r"(\d+)%", said)[:2])
    assert covered < floor and "real pictures would reach" in said and "{" not in seen["#map"].inner_text()
    assert len(seen["#map .hole"].all()) == given(seen)["holes"]


def test_after_a_step_the_map_says_that_it_is_of_another_model(visit):
    seen = visit(SMALL)
    open_map(seen)
    expect(seen["#map .empty"]).to_contain_text("no model yet")
    expect(seen["#map-draw"]).to_be_disabled()
    seen.page.get_by_role("tab", name="Playground", exact=True).click()
    trained(seen)
    open_map(seen)
    drawn(seen)
    expect(seen["#map-draw"]).to_have_text("Draw the map")
    expect(seen["#map .method"]).to_contain_text("step 2")
    seen.page.get_by_role("tab", name="Playground", exact=True).click()
    press(seen, "step")
    says(seen, "^Step 3:")
    open_map(seen)
    expect(seen["#map-draw"]).to_have_text("Draw again")
    assert seen["#map .hole"].count() > 0


def test_t_sne_can_be_stopped_and_the_map_from_before_stays(seen):
    before = given(seen)
    seen["#map-method"].select_option("tsne")
    seen["#map-count"].select_option("1000")
    seen["#map-draw"].click()
    seen["#map-stop"].click()
    expect(seen["#map-stop"]).to_be_hidden()
    expect(seen["#map-draw"]).to_be_enabled()
    assert given(seen)["real"] == before["real"]


def test_on_a_phone_a_tap_shows_the_picture(visit):
    seen = digits_map(visit, width=390, height=844)
    assert overflow(seen) <= 0
    dot, x, y = dot_alone(seen, real=False, split=250)
    box = seen[CANVAS].bounding_box()
    where = {"pointerType": "touch", "pointerId": 5, "clientX": x, "clientY": y, "bubbles": True}
    seen[CANVAS].evaluate("canvas => (canvas.setPointerCapture = () => {})")  # these fingers are not real
    for event in ("pointerdown", "pointerup"):
        seen[CANVAS].dispatch_event(event, where)
    expect(seen["#map .card.pinned"]).to_have_attribute("data-dot", str(dot))
    card = seen["#map .card"].bounding_box()
    assert card["x"] >= box["x"] and card["x"] + card["width"] <= box["x"] + box["width"] + 1
    assert seen["#map .card button"].bounding_box()["height"] >= 32


def test_two_fingers_zoom(seen):
    seen[CANVAS].evaluate("canvas => (canvas.setPointerCapture = () => {})")
    box = seen[CANVAS].bounding_box()

    def finger(event: str, number: int, x: float) -> None:
        where = {"clientX": box["x"] + x, "clientY": box["y"] + 200, "bubbles": True}
        seen[CANVAS].dispatch_event(event, {"pointerType": "touch", "pointerId": number} | where)

    finger("pointerdown", 1, 300)
    finger("pointerdown", 2, 340)
    finger("pointermove", 2, 420)
    seen.page.wait_for_function(f"JSON.parse(document.querySelector('{CANVAS}').dataset.given).zoom > 2")
    assert given(seen)["zoom"] == pytest.approx(3, abs=0.1)
