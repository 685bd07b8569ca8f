"""Links with a view: taken over where they make sense, harmless where they do not; a view that is too long makes none."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from playwright.sync_api import expect
from screens import SMALL, Visit, says, trained, wait_for_number

MODEL = "?model=sn-dcgan-mnist"


def fragment(panel: Any = "plane", views: Any = None, **tray: Any) -> str:
    text = json.dumps({"panel": panel, "tray": tray, "views": views or {}})
    return "#latent=" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def points(*specs: Any) -> list[dict]:
    return [{"point": spec} for spec in specs]


def nested(floors: int) -> dict:
    return {"seed": 1} if not floors else {"sum": [[1, nested(floors - 1)]]}


def tray(seen: Visit, what: str) -> Any:
    return seen.page.evaluate(f"window.playgroundBus.tray.{what}")


def opened(visit, text: str) -> Visit:
    seen = visit(MODEL + text)
    wait_for_number(seen, "tray", "count", 0)
    return seen


def test_of_a_strangers_points_only_what_points_are_stays(visit):
    wrong = ["x", {"seed": "1"}, {"seed": -1}, {"seed": 1.5}, {"values": "<b>"}, {"sum": []}, {"sum": [[1e9, {"seed": 1}]]}]
    wrong += [nested(9), {"seed": 1, "label": "x"}, {"seed": 1, "label": [2]}]
    given = [*wrong, {"seed": 5, "mark": {"a": 1}}, {"sum": [[1, {"seed": 6, "mark": 0}]]}]
    seen = opened(visit, fragment(points=points(*given), chosen=99, truncation=0.5))
    assert tray(seen, "points.map(({ point }) => point)") == [{"seed": 5}, {"sum": [[1, {"seed": 6}]]}]
    expect(seen["#tray .notice"]).to_contain_text(f"{len(wrong)} of those in the link")
    assert tray(seen, "chosen") == tray(seen, "points[0].id") and tray(seen, "truncation") == 0.5


@pytest.mark.parametrize("truncation", [None, "0.5", [0.5], 2], ids=repr)
def test_a_truncation_that_is_none_is_none(visit, truncation):
    seen = opened(visit, fragment(points=points({"seed": 1}), truncation=truncation))
    assert tray(seen, "truncation") == 1


def test_markup_in_a_name_is_text_and_nothing_of_a_link_becomes_part_of_the_page(visit):
    named = [{"point": {"seed": 1}, "name": "<img src=x onerror=window.hit=1>"}, {"point": {"seed": 2}, "name": {"a": 1}}]
    views = {"__proto__": {"hit": 1}, "constructor": {"hit": 1}, "plane": {"u": "x", "v": {}}, "walk": 7, "seeds": [1]}
    seen = opened(visit, fragment('"]<img>', views, points=named, chosen="__proto__"))
    expect(seen["#tray .point .name"].first).to_have_text("<img src=x onerror=window.hit=1>")
    assert seen["#tray img"].count() == 0 and seen.page.evaluate("window.hit === undefined && ({}).hit === undefined")
    assert seen["#tray .point .name"].all_inner_texts()[1] == "#2"


def test_of_very_many_points_the_first_48_stay(visit):
    seen = opened(visit, fragment(points=points(*({"seed": seed} for seed in range(300)))))
    assert tray(seen, "points.length") == 48


@pytest.mark.parametrize("text", ["%%%", "e30", base64.b64encode(b"[" * 5001).decode(), "A" * 70_000], ids=len)
def test_a_view_that_cannot_be_read_gets_a_sentence_and_the_usual_page(visit, text):
    seen = visit(f"{MODEL}#latent={text}")
    says(seen, "^The view in this link cannot be read")
    expect(seen.page.get_by_role("tab", name="Playground")).to_have_attribute("aria-selected", "true")


def test_a_link_that_is_put_into_the_open_page_is_followed(visit):
    seen = visit(MODEL)
    seen.page.evaluate("text => (location.hash = text)", fragment(points=points({"seed": 77}), truncation=0.25))
    expect(seen["#tray .point .name"]).to_have_text(["#77"])
    expect(seen["#panel-plane-button"]).to_have_attribute("aria-selected", "true")


def test_a_view_that_is_too_long_makes_no_link(visit):
    seen = opened(visit, fragment(points=points({"seed": 1})))
    wait_for_number(seen, "tray", "painted", 1)
    many = "({ length: 48 }, (_, n) => ({ id: 100 + n, point: { values: btoa('x'.repeat(2000) + n) }, name: '' }))"
    seen.page.evaluate(f"window.playgroundBus.tray.points.push(...Array.from{many})")
    seen["#tray-link"].click()
    expect(seen["#tray .notice"]).to_contain_text("too long for a link")
    assert seen["#tray [data-link]"].count() == 0


def test_where_the_clipboard_is_closed_the_link_stands_in_the_address_line(visit):
    seen = opened(visit, fragment(points=points({"seed": 1}, {"seed": 9})))
    wait_for_number(seen, "tray", "painted", 1)
    seen.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    seen["#tray-link"].click()
    expect(seen["#tray .notice"]).to_contain_text("in the address line")
    assert "?model=sn-dcgan-mnist#latent=" in seen.page.url


def test_the_link_to_a_model_of_ones_own_says_that_the_weights_stay_here(visit):
    seen = visit(SMALL)
    trained(seen)
    seen["#walk-more"].click()
    wait_for_number(seen, "tray", "painted", 1)
    seen["#tray-link"].click()
    expect(seen["#tray .notice"]).to_contain_text("not the trained weights")


def test_a_point_made_from_a_seed_becomes_the_start_of_the_first_tabs_walk(visit):
    seen = opened(visit, fragment(points=points({"seed": 23}, {"sum": [[1, {"seed": 2}]]})))
    wait_for_number(seen, "tray", "painted", 1)
    seen["#tray .point"].nth(1).click()
    expect(seen["#tray-first"]).to_be_hidden()  # a sum is no seed
    seen["#tray .point"].first.click()
    seen["#tray-first"].click()
    expect(seen["#walk-seed-0"]).to_be_visible()
    expect(seen["#walk-seed-0"]).to_have_value("23")
    expect(seen["#walk-scrub"]).to_have_value("0")


def test_sums_of_sums_can_be_kept_again_and_again(visit):
    seen = opened(visit, fragment(points=points({"seed": 1}, {"seed": 2}, {"seed": 3})))
    wait_for_number(seen, "tray", "painted", 1)
    seen["#tray-arithmetic"].click()
    for count in range(4, 9):
        expect(seen["#tray-keep_sum"]).to_be_enabled()
        seen["#tray-keep_sum"].click()
        expect(seen["#tray .point"]).to_have_count(count)
        seen["#tray .slot"].first.click()  # the sum, which is chosen now, is part of the next
    expect(seen["#tray .notice"]).to_be_hidden()


def test_the_lines_of_python_are_of_the_panel_in_view(visit):
    seen = opened(visit, fragment("walk", points=points({"seed": 1}, {"seed": 2}, {"seed": 3})))
    wait_for_number(seen, "tray", "painted", 1)
    seen["#tray-python"].click()
    expect(seen["#tray .code pre"]).to_contain_text("walk(model, points)")
    seen["#panel-plane-button"].click()
    expect(seen["#tray .code pre"]).to_contain_text("plane(model, points).images")
