"""The panel "Steer" of the tab "Latent space": sliders, strips, searches, marks, files, and what the link keeps."""

from __future__ import annotations

import json
import pathlib
import re

import pytest
from playwright.sync_api import expect
from screens import CONDITIONAL, SMALL, Visit, downloaded, number, overflow, picture, press, says, wait_for_number

STYLED = "?architecture=stylegan2&dataset=digits&data.resolution=16&generator.width=4&discriminator.width=4"
AFTER = "#steer .after canvas"
CHANGES = "([selector, before]) => document.querySelector(selector).toDataURL() !== before"


def open_panel(seen: Visit) -> None:
    seen.page.get_by_role("tab", name="Latent space", exact=True).click()
    seen.page.get_by_role("tab", name="Steer", exact=True).click()
    wait_for_number(seen, "steer", "painted", 1)
    wait_for_number(seen, "steer", "strips", 1)


def own(visit, query: str, **size: int) -> Visit:
    """Open the panel on an untrained model of one's own."""
    seen = visit(query, **size)
    press(seen, "reset")
    says(seen, "^Back at the start")
    open_panel(seen)
    return seen


def slide(seen: Visit, n: int, value: float) -> None:
    painted = number(seen, "steer", "painted")
    seen["#steer .slide input"].nth(n).fill(str(value))
    wait_for_number(seen, "steer", "painted", painted + 1)


@pytest.fixture
def seen(visit) -> Visit:
    opened = visit()
    open_panel(opened)
    return opened


def test_six_sliders_move_the_chosen_point_and_the_strips_follow(seen):
    expect(seen["#steer .row"]).to_have_count(6)
    assert picture(seen, AFTER) == picture(seen, "#steer .before canvas")
    strips = number(seen, "steer", "strips")
    slide(seen, 0, 2)
    wait_for_number(seen, "steer", "strips", strips + 1)
    assert picture(seen, AFTER) != picture(seen, "#steer .before canvas")
    at_two = seen["#steer .row"].nth(0).locator("canvas").nth(5).evaluate("c => c.toDataURL()")
    assert at_two == picture(seen, AFTER)
    view = seen.page.evaluate("window.playgroundBus.views.steer")
    assert view["method"] == "sefa" and view["strengths"][:2] == [2, 0]
    seen["#steer .reset"].click()
    expect(seen["#steer output"].first).to_have_text("0.0")


def test_the_next_six_are_there_at_once_and_a_kept_point_joins_the_collection(seen):
    slide(seen, 0, 3)
    seen["#steer .pager button"].last.click()
    expect(seen["#steer .name"].first).to_have_value("factor 7")
    seen["#steer .keep"].click()
    expect(seen["#tray .point"]).to_have_count(4)
    assert "values" in seen.page.evaluate("window.playgroundBus.tray.points.at(-1).point")


def test_components_of_a_stage_are_found_with_progress_and_kept(seen):
    seen["#steer .method select"].select_option("pca")
    seen["#steer .stage select"].select_option("up1")
    seen["#steer .find"].click()
    expect(seen["#steer .name"].first).to_have_value("up1 component 1")
    expect(seen["#steer .row small"].first).to_have_text(re.compile(r"^\d+\.\d% of the variance$"))
    seen["#steer .method select"].select_option("sefa")
    expect(seen["#steer .name"].first).to_have_value("factor 1")
    seen["#steer .method select"].select_option("pca")
    expect(seen["#steer .name"].first).to_have_value("up1 component 1")


def test_marks_find_a_direction_and_it_is_saved_and_opened_with_its_name(seen, tmp_path):
    seen["#steer .method select"].select_option("marks")
    marks = seen["#steer .sheet button"]
    expect(marks).to_have_count(24)
    marks.nth(0).click()
    marks.nth(1).dblclick()
    expect(marks.nth(1)).to_have_class("less")
    seen["#steer .find-marked"].click()
    expect(seen["#steer .name"]).to_have_count(1)
    seen["#steer .name"].fill("bolder")
    seen["#steer .name"].press("Tab")
    seen["#steer summary"].click()
    path = pathlib.Path(tmp_path / "mine.json")
    downloaded(seen, "#steer .save_json").save_as(path)
    assert [spec["name"] for spec in json.loads(path.read_text())["directions"]] == ["bolder"]
    seen["#steer .method select"].select_option("sefa")
    expect(seen["#steer .row"]).to_have_count(6)
    seen["#steer .files input"].set_input_files(path)
    expect(seen["#steer .name"].first).to_have_value("bolder")
    path.write_text("{}")
    seen["#steer .files input"].set_input_files(path)
    expect(seen["#steer .notice"]).to_contain_text("not a file of directions")


def test_a_view_is_taken_over(seen):
    view = {"method": "sefa", "stage": "", "page": 1, "strengths": [0, 1.5, 0, 0, 0, 0, 0, -2]}
    seen.page.evaluate("view => { const bus = window.playgroundBus; bus.views = { steer: view }; "
                       "bus.dispatchEvent(new CustomEvent('views')); }", view)  # fmt: skip
    expect(seen["#steer output"].nth(1)).to_have_text("−2.0")
    seen["#steer .pager button"].first.click()
    expect(seen["#steer output"].nth(1)).to_have_text("1.5")


def test_styles_are_steered_at_the_sizes_that_one_chooses(visit):
    seen = own(visit, STYLED)
    slide(seen, 0, 3)
    everywhere = picture(seen, AFTER)
    first = seen["#steer .row"].first
    expect(first.locator(".acts button")).to_have_text(["4×4", "8×8", "16×16"])
    first.locator(".acts button").nth(2).click()
    seen.page.wait_for_function(CHANGES, arg=[AFTER, everywhere])
    expect(seen["#steer .row"].first.locator(".acts button").nth(2)).to_have_attribute("aria-pressed", "false")


def test_where_classes_are_told_a_sentence_says_so_on_a_phone_too(visit):
    seen = own(visit, CONDITIONAL + "&__theme=dark", width=390, height=844)
    seen["#steer .method select"].select_option("classes")
    expect(seen["#steer .why"]).to_contain_text("told which class to make")
    expect(seen["#steer .find"]).to_be_disabled()
    assert overflow(seen) <= 0
    for control in seen["#steer .body select:visible, #steer .bar button:visible, #steer .slide input"].all():
        assert control.bounding_box()["height"] >= 32


def test_before_any_model_a_sentence_says_to_train(visit):
    seen = visit(SMALL)
    for tab in ("Latent space", "Steer"):
        seen.page.get_by_role("tab", name=tab, exact=True).click()
    expect(seen["#steer .empty"]).to_contain_text("no trained model yet")
    expect(seen["#steer .body"]).to_be_hidden()
