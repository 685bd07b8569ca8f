"""The lab "Pooling" in a browser: outputs say what they saw, a picture moves, and discriminators race."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from screens import CONVOLUTIONAL, colours, open_tab, overflow, picture, press, says, wait_for_number


def open_lab(seen) -> None:
    open_tab(seen, "Layers")
    open_tab(seen, "Pooling", "layers-tabs")
    wait_for_number(seen, "pooling", "painted", 1)


def point(seen, kind: str, row: int, column: int, cells: int = 4) -> None:
    canvas = seen[f"#pooling [data-kind='{kind}'] canvas"]
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    canvas.hover(position={"x": (column + 0.5) * box["width"] / cells, "y": (row + 0.5) * box["height"] / cells})


def curves(seen, number: int) -> dict[str, list]:
    given = seen["#pooling .moves canvas"].nth(number).get_attribute("data-given")
    return {line["name"]: line["values"] for line in json.loads(given)}


@pytest.fixture
def lab(visit):
    seen = visit()
    open_lab(seen)
    return seen


def test_the_lab_from_one_picture_to_moves_and_costs(lab):
    # what an output saw
    assert lab["#pooling canvas.input"].get_attribute("data-cells") == "8×8"
    point(lab, "max", 1, 2)
    expect(lab["#pooling canvas.input"]).to_have_attribute("data-seen", "2,4,4,6")
    expect(lab["#pooling .telling"]).to_contain_text("Max 2, 3 is 1.00. It saw 4 inputs")
    point(lab, "blur", 0, 0)
    expect(lab["#pooling canvas.input"]).to_have_attribute("data-seen", "0,0,3,3")
    lab["#pooling [data-kind='max'] canvas"].press("ArrowRight")
    expect(lab["#pooling canvas.input"]).to_have_attribute("data-seen", "0,2,2,4")
    # where the gradient returns
    before = picture(lab, "#pooling [data-kind='max'] canvas")
    lab["#pooling button.gradient"].click()
    assert picture(lab, "#pooling [data-kind='max'] canvas") != before
    assert lab["#pooling [data-kind='max'] canvas"].get_attribute("data-cells") == "8×8"
    assert colours(lab, "#pooling [data-kind='max'] canvas") > 2
    lab["#pooling button.gradient"].click()
    # a drawing
    painted = int(lab["#pooling [data-painted]"].first.get_attribute("data-painted"))
    before = picture(lab, "#pooling [data-kind='average'] canvas")
    lab["#pooling canvas.input"].click(position={"x": 5, "y": 5})
    wait_for_number(lab, "pooling", "painted", painted + 1)
    assert picture(lab, "#pooling [data-kind='average'] canvas") != before
    # moves by a pixel, from the lesson
    lab["#pooling .lesson [data-show='blur']"].click()
    expect(lab["#pooling figure.lit"]).to_have_count(2)
    expect(lab["#pooling .lesson"]).to_contain_text(re.compile(r"changes \d+ % of its output, \d+ % with stride alone"))
    before = picture(lab, "#pooling canvas.input")
    lab["#pooling input.across"].fill("1")
    lab.page.wait_for_function("before => document.querySelector('#pooling canvas.input').toDataURL() !== before", arg=before)
    changes = curves(lab, 0)
    assert list(changes) == ["max", "average", "blur", "stride"] and changes["blur"][5] < changes["stride"][5]
    assert len(curves(lab, 1)["score"]) == 9
    lab["#pooling button.source"].nth(1).click()
    expect(lab["#pooling canvas.input"]).to_have_attribute("data-cells", re.compile("^(28×28|32×32)$"))
    # costs
    lab["#pooling .lesson [data-show='cost']"].click()
    expect(lab["#pooling .costs tbody tr"]).to_have_count(7)
    expect(lab["#pooling .lesson"]).to_contain_text("takes 4 times the multiplications")
    assert "{" not in lab["#pooling"].inner_text()


def test_a_race_shows_every_runner_and_is_stopped(visit):
    seen = visit(CONVOLUTIONAL)
    open_lab(seen)
    seen["#pooling .lesson [data-show='train']"].click()
    seen["#pooling .begin"].click()
    expect(seen["#pooling .race tbody tr"]).to_have_count(4)
    seen["#pooling .halt"].click()
    expect(seen["#pooling .said"]).to_contain_text(re.compile(r"^After \d+ steps \w+ holds stillest"))
    expect(seen["#pooling .race tr.best"]).to_have_count(1)
    expect(seen["#pooling .begin"]).to_be_enabled()
    assert colours(seen, "#pooling .race canvas") > 4


def test_without_a_model_one_draws_and_after_a_step_there_is_a_score(visit):
    seen = visit(CONVOLUTIONAL)
    open_lab(seen)
    seen["#pooling .views button"].nth(1).click()
    expect(seen["#pooling .moves .note"]).to_contain_text("There is no model yet")
    seen["#pooling button.source"].nth(1).click()
    expect(seen["#pooling .notice"]).not_to_be_empty()
    seen.page.get_by_role("tab", name="Playground").click()
    press(seen, "step")
    says(seen, "^Step 1")
    open_lab(seen)
    expect(seen["#pooling .moves canvas"].nth(1)).to_be_visible()


def test_on_a_phone_in_the_dark_it_holds_and_can_be_touched(visit):
    seen = visit("?__theme=dark", width=390, height=844)
    open_lab(seen)
    assert overflow(seen) <= 0
    assert all(button.bounding_box()["height"] >= 32 for button in seen["#pooling .work button:visible"].all())
    for number in (1, 2, 3):
        seen["#pooling .views button"].nth(number).click()
        assert overflow(seen) <= 0
