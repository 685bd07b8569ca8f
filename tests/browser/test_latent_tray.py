"""The visitor's points of latent space in a browser: chosen, ordered, added up, kept from other places, sent as a link."""

from __future__ import annotations

import base64
import json

import pytest
from playwright.sync_api import expect
from screens import Visit, choose, number, overflow, says, unfold
from screens import wait_for_number as wait_for


def names(seen: Visit) -> list[str]:
    return seen["#tray .point .name"].all_inner_texts()


def open_points(seen: Visit) -> Visit:
    seen.page.get_by_role("tab", name="Latent space", exact=True).click()
    wait_for(seen, "tray", "painted", 1)
    return seen


@pytest.fixture
def seen(visit) -> Visit:
    return open_points(visit())


def pixels(seen: Visit, selector: str) -> list[int]:
    """Return what a canvas shows, one number a pixel."""
    script = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, n) => n % 4 === 0)"
    return seen[selector].first.evaluate(script)


def repainted(seen: Visit, act) -> None:
    before = number(seen, "tray", "painted")
    act()
    wait_for(seen, "tray", "painted", before + 1)


def test_it_begins_with_three_seeds_and_takes_more(seen):
    assert names(seen) == ["#1", "#2", "#3"]
    seen["#tray-seed"].fill("7")
    repainted(seen, lambda: seen["#tray-add"].click())
    assert names(seen) == ["#1", "#2", "#3", "#7"]
    expect(seen["#tray .point.chosen .name"]).to_have_text("#7")
    seen["#tray-add"].click()  # what is there already is only chosen
    assert names(seen) == ["#1", "#2", "#3", "#7"]


def test_what_is_no_seed_gets_a_sentence(seen):
    seen["#tray-seed"].fill("1.5")
    seen["#tray-add"].click()
    expect(seen["#tray .notice"]).to_contain_text("whole number")
    assert names(seen) == ["#1", "#2", "#3"]


def test_keys_choose_order_leave_out_and_remove(seen):
    seen["#tray .point"].first.click()
    seen["#tray .point"].first.focus()
    seen.page.keyboard.press("Alt+ArrowRight")
    assert names(seen) == ["#2", "#1", "#3"]
    seen.page.keyboard.press("ArrowRight")
    expect(seen["#tray .point.chosen .name"]).to_have_text("#3")
    seen.page.keyboard.press("Enter")
    expect(seen["#tray .point.walked"]).to_have_count(2)
    seen.page.keyboard.press("Delete")
    assert names(seen) == ["#2", "#1"]


def test_the_mouse_drags_a_point_to_another_place(seen):
    first, last = (seen["#tray .point"].nth(n).bounding_box() for n in (0, 2))
    seen.page.mouse.move(first["x"] + 30, first["y"] + 50)
    seen.page.mouse.down()
    for step in range(1, 9):
        seen.page.mouse.move(first["x"] + 30 + (last["x"] - first["x"]) * step / 8, first["y"] + 50)
    seen.page.mouse.up()
    assert names(seen) == ["#2", "#3", "#1"]


def test_a_point_gets_another_name(seen):
    seen["#tray .point"].nth(1).dblclick()
    seen.page.keyboard.type("a six")
    seen.page.keyboard.press("Enter")
    assert names(seen) == ["#1", "a six", "#3"]


def test_a_minus_b_plus_c_is_kept_as_a_point(seen):
    repainted(seen, lambda: seen["#tray-arithmetic"].click())
    expected = pixels(seen, '#tray [data-slot="sum"] canvas')
    repainted(seen, lambda: seen["#tray-keep_sum"].click())
    assert names(seen)[-1] == "#1 − #2 + #3"
    assert pixels(seen, "#tray .point:last-child canvas") == expected
    assert expected != pixels(seen, "#tray .point canvas")


def test_truncation_moves_every_picture_to_the_same_middle(seen):
    repainted(seen, lambda: seen["#tray-truncation"].fill("0"))
    wait_for(seen, "tray", "painted", number(seen, "tray", "painted"))
    assert pixels(seen, "#tray .point:nth-child(1) canvas") == pixels(seen, "#tray .point:nth-child(2) canvas")


def test_the_first_tabs_walk_gives_the_picture_in_view(visit):
    seen = visit()
    seen["#walk-scrub"].fill("500")
    seen["#walk-keep"].click()
    expect(seen["#walk-keep"]).to_have_text("✓ Kept")
    expected = pixels(seen, "#walk .now canvas")
    seen["#walk-more"].click()
    wait_for(seen, "tray", "painted", 1)
    assert names(seen)[-1] == "1 → 2, 50%"
    assert pixels(seen, "#tray .point:last-child canvas") == expected


def test_a_class_belongs_to_a_point(visit):
    seen = visit("?model=cgan-mnist")
    open_points(seen)
    expect(seen["#tray-class option"]).to_have_count(10)
    repainted(seen, lambda: seen["#tray-class"].select_option("7"))
    assert names(seen)[0].startswith("#1 · ")


def test_a_link_opens_the_same_points_and_panel_elsewhere(seen, visit):
    seen["#tray-seed"].fill("42")
    repainted(seen, lambda: seen["#tray-add"].click())
    seen["#panel-plane-button"].click()
    wait_for(seen, "plane", "painted", 1)
    seen["#tray-link"].click()
    expect(seen["#tray [data-link]"]).to_be_attached()
    link = seen["#tray [data-link]"].get_attribute("data-link")
    other = visit(link[link.index("?") :])
    wait_for(other, "tray", "painted", 1)
    assert names(other) == ["#1", "#2", "#3", "#42"]
    expect(other["#panel-plane-button"]).to_have_attribute("aria-selected", "true")
    assert pixels(other, "#tray .point:last-child canvas") == pixels(seen, "#tray .point:last-child canvas")


@pytest.mark.parametrize("text", ["%%%", "e30"])
def test_a_link_of_nonsense_opens_the_page_all_the_same(visit, text):
    assert names(open_points(visit("#latent=" + text))) == ["#1", "#2", "#3"]


def test_a_link_with_a_point_that_is_none_opens_without_it(visit):
    view = {
        "tray": {"points": [{"point": {"seed": "-1"}, "name": "<img src=x>"}, 1, None, {"point": {"seed": 8}, "name": "8"}]}
    }
    seen = visit("#latent=" + base64.urlsafe_b64encode(json.dumps(view).encode()).decode())
    expect(seen["#tray .notice"]).to_contain_text("Left out")
    wait_for(seen, "tray", "painted", 1)
    assert names(seen) == ["8"]


def test_a_point_of_another_model_is_left_out_with_a_sentence(visit):
    seen = visit()
    seen["#walk-scrub"].fill("500")
    seen["#walk-keep"].click()
    expect(seen["#walk-keep"]).to_have_text("✓ Kept")
    unfold(seen, "files")
    choose(seen, "shipped", "cgan-mnist")
    says(seen, "^Opened cgan-mnist")
    open_points(seen)
    expect(seen["#tray .notice"]).to_contain_text("other latents")
    assert names(seen) == ["#1", "#2", "#3"]


def test_the_plane_follows_the_dot(seen):
    seen["#panel-plane-button"].click()
    wait_for(seen, "plane", "painted", 1)
    field = seen["#plane .field"].bounding_box()
    seen.page.mouse.click(field["x"] + 10, field["y"] + 10)
    expect(seen["#plane [data-here]"]).to_have_attribute("data-here", "0,0")
    assert pixels(seen, "#plane .here") == pixels(seen, "#tray .point canvas")  # the corner is the first point
    seen["#plane .field"].focus()
    seen.page.keyboard.press("ArrowRight")
    expect(seen["#plane [data-here]"]).to_have_attribute("data-here", "0.02,0")


def test_on_a_phone_nothing_sticks_out(visit):
    seen = visit(width=390, height=844)
    seen["#walk-more"].click()
    wait_for(seen, "tray", "painted", 1)
    repainted(seen, lambda: seen["#tray-arithmetic"].click())
    assert overflow(seen) <= 0
