"""The second tab: every picture with D's score and wish, sorted, followed, and summed up in plain sentences."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from screens import CONDITIONAL, SMALL, Visit, choose, colours, number, open_tab, overflow, picture, press, says, train, unfold
from screens import wait_for_number as wait_for

TAB = "What D wants"


def pictures_shown(seen: Visit) -> int:
    """Open the tab and wait until its pictures are drawn; return how often they were."""
    open_tab(seen, TAB)
    return wait_for(seen, "wants", "painted", 1)


@pytest.fixture(scope="module")
def opened(module_visit) -> Visit:
    """A visitor who looks at what the discriminator of a shipped model of built-in data wants."""
    opened = module_visit()
    unfold(opened, "files")
    choose(opened, "shipped", "dcgan-digits")
    says(opened, "^Opened dcgan-digits")
    pictures_shown(opened)
    expect(opened["#wants .histogram[data-given]"]).to_be_visible()
    return opened


@pytest.fixture
def seen(opened) -> Visit:
    """That visitor, with everything on the tab as it was when it was opened."""
    opened.page.bring_to_front()
    if opened["#wants .reals"].get_attribute("aria-pressed") == "true":
        painted = number(opened, "wants", "painted")
        opened["#wants .fakes"].click()
        wait_for(opened, "wants", "painted", painted + 1)
    for button, pressed in (("brighter", "true"), ("darker", "true"), ("moved", "false")):
        if opened[f"#wants .{button}"].get_attribute("aria-pressed") != pressed:
            opened[f"#wants .{button}"].click()
    opened["#wants .sort select"].select_option("made")
    return opened


def scores(seen: Visit, what: str = "score") -> list[float]:
    return seen["#wants .tile"].evaluate_all(f"tiles => tiles.map((tile) => Number(tile.dataset.{what}))")


def changes(seen: Visit, selector: str, before: str) -> None:
    script = "([selector, before]) => document.querySelector(selector).toDataURL() !== before"
    seen.page.wait_for_function(script, arg=[selector, before])


def test_the_first_tab_is_open_and_the_second_asks_for_nothing_until_it_is(visit):
    seen = visit()
    expect(seen.page.get_by_role("tab", name="Playground")).to_have_attribute("aria-selected", "true")
    assert number(seen, "wants", "painted") == 0
    bar = seen["#tabs > .tab-wrapper"].bounding_box()
    assert bar["height"] <= 34


def test_every_fake_has_its_score_and_its_gradient_in_two_colours(seen):
    assert seen["#wants .tile"].count() == 24
    for tile in seen["#wants .tile"].all():
        assert re.fullmatch(r"−?\d+\.\d\d", tile.locator(".score").inner_text())
    script = """canvas => { const seen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let [pink, blue] = [0, 0];
        for (let n = 0; n < seen.length; n += 4) if (seen[n + 3]) seen[n] > seen[n + 2] ? pink++ : blue++;
        return [pink, blue]; }"""
    pink, blue = seen["#wants .detail .map"].nth(1).evaluate(script)
    assert pink > 50 and blue > 50
    assert colours(seen, "#wants .tile .picture") > 4


def test_the_histogram_is_drawn_from_as_many_real_as_fake_scores_and_told_in_a_sentence(seen):
    given = json.loads(seen["#wants .histogram"].get_attribute("data-given"))
    assert sum(given["real"]) == sum(given["fake"]) == 256 and colours(seen, "#wants .histogram") > 4
    share = round(100 * given["separation"])
    expect(seen["#wants .verdict"]).to_contain_text(f"above a random fake in {share} of 100 cases")
    expect(seen["#wants .verdict"]).to_contain_text(re.compile(r"Real ones score \d+\.\d\d (higher|lower) on average\."))
    assert "{" not in seen["#wants"].inner_text()


@pytest.mark.parametrize(("order", "what", "down"), [("high", "score", True), ("low", "score", False), ("norm", "norm", True)])
def test_the_pictures_can_be_sorted(seen, order, what, down):
    made = scores(seen, what)
    seen["#wants .sort select"].select_option(order)
    assert scores(seen, what) == sorted(made, reverse=down) != made
    seen["#wants .sort select"].select_option("made")
    assert scores(seen, what) == made


def test_a_click_enlarges_a_picture_with_its_wish_and_what_becomes_of_it(seen):
    before = picture(seen, "#wants .detail .picture")
    tile = seen["#wants .tile"].nth(7)
    tile.click()
    assert picture(seen, "#wants .detail .picture") != before
    assert picture(seen, "#wants .detail .picture") == tile.locator(".picture").evaluate("c => c.toDataURL()")
    numbers = seen["#wants .detail b"]
    expect(numbers.nth(0)).to_have_text("score " + tile.locator(".score").inner_text())
    expect(numbers.nth(1)).to_have_text(re.compile(r"^strength \d+\.\d\d$"))
    expect(numbers.nth(2)).to_have_text(re.compile(r"^score −?\d+\.\d\d$"))
    tile.press("ArrowRight")
    expect(seen["#wants .tile"].nth(8)).to_be_focused()
    expect(seen["#wants .tile"].nth(8)).to_have_attribute("aria-pressed", "true")


def test_the_slider_moves_the_picture_along_and_its_score_up(seen):
    third = "#wants .detail figure:nth-child(3) .picture"
    seen["#wants .wish input"].fill("0")
    expect(seen["#wants .wish output"]).to_have_text("distance 0.00")
    assert picture(seen, third) == picture(seen, "#wants .detail .picture")
    made, still = scores(seen), picture(seen, third)
    seen["#wants .wish input"].fill("20")
    changes(seen, third, still)
    seen["#wants .moved"].click()
    assert all(after > before for before, after in zip(made, scores(seen), strict=True))


def test_the_legend_shows_and_hides_the_maps(seen):
    grid = seen["#wants .tiles"]
    expect(grid).to_have_class(re.compile(r"\bon\b"))
    both = picture(seen, "#wants .tile .map")
    seen["#wants .darker"].click()
    assert picture(seen, "#wants .tile .map") != both
    seen["#wants .brighter"].click()
    expect(grid).not_to_have_class(re.compile(r"\bon\b"))
    last = seen["#wants .tile"].last
    assert last.locator(".map").evaluate("c => getComputedStyle(c).opacity") == "0"
    last.hover()
    assert last.locator(".map").evaluate("c => getComputedStyle(c).opacity") == "1"


def test_real_pictures_are_shown_alike(seen):
    before = picture(seen, "#wants .tile .picture")
    seen["#wants .reals"].click()
    changes(seen, "#wants .tile .picture", before)
    expect(seen["#wants .reals"]).to_have_attribute("aria-pressed", "true")
    assert seen["#wants .tile"].count() == 24


def test_without_the_data_there_are_fakes_and_a_sentence(visit):
    seen = visit()  # the model that comes with the page learnt from data that are not on this machine
    pictures_shown(seen)
    expect(seen["#wants .verdict"]).to_have_text(re.compile(r"^Real pictures \(MNIST\) are not at hand here.*\.$"))
    before = picture(seen, "#wants .tile .picture")
    seen["#wants .reals"].click()
    expect(seen["#wants .notice"]).to_contain_text("MNIST")
    expect(seen["#wants .fakes"]).to_have_attribute("aria-pressed", "true")
    assert picture(seen, "#wants .tile .picture") == before


def test_before_any_model_a_sentence_says_to_train_and_a_step_fills_the_tab(visit):
    seen = visit(SMALL)
    open_tab(seen, TAB)
    expect(seen["#wants .empty"]).to_contain_text("Press Train")
    expect(seen["#wants .body"]).to_be_hidden()
    open_tab(seen, "Playground")
    press(seen, "step")
    says(seen, "^Step 1")
    pictures_shown(seen)
    expect(seen["#wants .empty"]).to_be_hidden()
    expect(seen["#wants .tile"]).to_have_count(24)


def test_during_a_run_the_tab_keeps_up(visit):
    seen = visit(SMALL)
    train(seen)
    painted = pictures_shown(seen)
    before = seen["#wants .histogram"].get_attribute("data-given")
    wait_for(seen, "wants", "painted", painted + 2)
    assert seen["#wants .histogram"].get_attribute("data-given") != before
    open_tab(seen, "Playground")
    press(seen, "stop")
    says(seen, "^Stopped")
    at_rest = number(seen, "wants", "painted")
    pictures_shown(seen)
    wait_for(seen, "wants", "painted", at_rest + 1)  # the last weights too


def test_a_conditional_model_names_its_classes(visit):
    seen = visit(CONDITIONAL)
    press(seen, "reset")
    says(seen, "^Back at the start")
    pictures_shown(seen)
    expect(seen["#wants .tile small"]).to_have_text([str(n % 10) for n in range(24)])
    seen["#wants select.class"].select_option("4")
    expect(seen["#wants .tile small"]).to_have_text(["4"] * 24)


def test_on_a_phone_and_in_the_dark_it_holds(visit):
    seen = visit("?__theme=dark", width=390, height=844)
    pictures_shown(seen)
    assert overflow(seen) <= 0
    for tile in seen["#wants .tile"].all():
        box = tile.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["width"] >= 44
    seen["#wants .tile"].nth(3).click()
    expect(seen["#wants .detail"]).to_be_in_viewport()
