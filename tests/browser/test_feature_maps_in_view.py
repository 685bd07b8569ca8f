"""The lab "Feature maps": modules to choose, channels to sort, read, take out and follow, on any screen."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from screens import SMALL, Visit, colours, downloaded, open_tab, overflow, picture, press, says, scrub, train, wait_for_number

from playground.inspection import module_maps
from playground.ui.handlers.screen import here

TO_THE_SERVER = re.compile("component_server")


def open_lab(seen: Visit) -> int:
    open_tab(seen, "Layers")
    open_tab(seen, "Feature maps", "layers-tabs")
    return wait_for_number(seen, "maps", "painted", 1)


@pytest.fixture(scope="module")
def opened(module_visit) -> Visit:
    opened = module_visit()
    open_lab(opened)
    return opened


@pytest.fixture(scope="module")
def first_module(opened) -> str:
    """The module that the lab shows when it is opened."""
    return opened["#maps .wall"].get_attribute("data-key")


@pytest.fixture
def seen(opened, first_module) -> Visit:
    """A visitor before the maps of the first module in the order of their activity, whom several tests share."""
    opened.page.bring_to_front()
    choose(opened, first_module)
    opened["#maps .sort select"].select_option("activity")
    opened["#maps select.scale"].select_option("channel")
    return opened


@pytest.fixture(scope="module")
def reader(module_visit) -> Visit:
    """A visitor who goes through the lesson, sentence by sentence."""
    opened = module_visit()
    open_lab(opened)
    return opened


def choose(seen: Visit, key: str) -> None:
    seen[f"#maps .modules [data-key='{key}']"].click()
    expect(seen["#maps .wall"]).to_have_attribute("data-key", key)


def scores(seen: Visit) -> list[float]:
    return json.loads(seen["#maps [data-scores]"].first.get_attribute("data-scores"))


def test_the_lab_shows_maps_with_their_facts_in_words(seen):
    expect(seen["#maps .facts"]).to_have_text(re.compile(r"^16 channels of 16×16, each value reaches 4×4 pixels, 16 KB$"))
    expect(seen["#maps .statistics"]).to_contain_text("of 16 channels are never above 0")
    choose(seen, "discriminator.down2.0")
    expect(seen["#maps .facts"]).to_have_text(
        re.compile(r"^32 channels of 8×8, receptive field 10×10, [\d,]+ weights, .* multiplications, 8 KB$")
    )
    assert colours(seen, "#maps .wall") > 50
    expect(seen["#maps .lesson"]).to_contain_text("This module gives 32 channels, 2,048 numbers in all.")


def test_hovering_reads_pytorch_s_own_number(seen):
    choose(seen, "generator.up1.0")
    seen["#maps .wall"].hover(position={"x": 30, "y": 30})
    text = seen["#maps .value"].inner_text()
    channel, row, column, value = re.fullmatch(r"channel (\d+), row (\d+), column (\d+): (−?[\d.e−]+)", text).groups()
    model = seen.session.shown
    found = next(one for one in module_maps(model, *here(model, seen.session.walk)) if one.key == ("generator", "up1", "0"))
    own = float(found.values[int(channel), int(row), int(column)])
    assert float(value.replace("−", "-")) == pytest.approx(own, rel=1e-5)


def test_a_module_that_is_chosen_while_an_answer_is_awaited_is_shown(seen, first_module):
    seen.page.route(TO_THE_SERVER, lambda request: None)  # none of them arrives
    with seen.page.expect_request(TO_THE_SERVER):
        seen["#maps .sort select"].select_option("number")
    seen["#maps .modules [data-key='generator.up1.0']"].click()
    expect(seen["#maps .wall"]).to_have_attribute("data-key", first_module)
    seen.page.unroute(TO_THE_SERVER)  # lets go of those that were held, too
    expect(seen["#maps .wall"]).to_have_attribute("data-key", "generator.up1.0")


def test_a_channel_is_taken_out_by_a_click_and_comes_back(seen):
    before, made = picture(seen, "#maps .after canvas"), scores(seen)
    seen["#maps .wall"].click(position={"x": 30, "y": 30})
    seen["#maps [data-factor='0']"].click()
    expect(seen["#maps .undo"]).to_be_visible()
    assert picture(seen, "#maps .after canvas") != before and picture(seen, "#maps .before canvas") == before
    assert scores(seen)[0] == made[0] != scores(seen)[1]
    expect(seen["#maps .modules .edited"]).to_have_count(1)
    seen["#maps .undo"].click()
    expect(seen["#maps .undo"]).to_have_count(0)
    assert picture(seen, "#maps .after canvas") == before


def test_channels_are_sorted_and_scaled(seen):
    wall = seen["#maps .wall"]
    order = wall.get_attribute("data-order")
    seen["#maps .sort select"].select_option("number")
    expect(wall).to_have_attribute("data-order", ",".join(map(str, range(16))))
    assert sorted(map(int, order.split(","))) == list(range(16))
    assert len(set(wall.get_attribute("data-peaks").split(","))) > 1
    seen["#maps select.scale"].select_option("network")
    assert len(set(wall.get_attribute("data-peaks").split(","))) == 1


def test_a_pixel_is_followed_back_and_let_go(seen):
    wall = seen["#maps .wall"]
    seen["#maps .after canvas"].click(position={"x": 50, "y": 50})
    expect(wall).to_have_attribute("data-marked", "true")
    expect(seen["#maps .cause"]).to_have_text(re.compile("^The pixel in row .* before the last tanh\. Of that"))
    expect(seen["#maps .stages figure"]).to_have_count(5)  # z and four stages
    seen["#maps .after canvas"].click(position={"x": 50, "y": 50})
    expect(wall).to_have_attribute("data-marked", "false")
    expect(seen["#maps .cause"]).to_be_hidden()


@pytest.mark.parametrize("show", ["strongest", "shrink", "deep", "dead", "ablate", "pixel"])
def test_every_sentence_of_the_lesson_that_promises_does_something(reader, show):
    seen = reader
    seen.page.bring_to_front()
    painted = wait_for_number(seen, "maps", "painted", 1)
    expect(seen["#maps .facts"]).to_contain_text(re.compile("reaches|receptive field"))
    seen[f"#maps .lesson [data-show='{show}']"].click()
    wait_for_number(seen, "maps", "painted", painted + 1)
    expect(seen["#maps .notice"]).to_be_hidden()


def test_the_walk_on_the_first_tab_leads_here_too(visit):
    seen = visit()
    open_lab(seen)
    before = picture(seen, "#maps .before canvas")
    seen.page.get_by_role("tab", name="Playground", exact=True).click()
    scrub(seen, 1000)
    painted = wait_for_number(seen, "ladder", "painted", 2)
    assert painted and seen.session.walk.t == 1
    open_lab(seen)
    script = "before => document.querySelector('#maps .before canvas').toDataURL() !== before"
    seen.page.wait_for_function(script, arg=before)
    now = picture(seen, "#maps .before canvas")
    seen["#maps .seed"].fill("7")
    seen["#maps .seed"].press("Tab")
    seen.page.wait_for_function(script, arg=now)


def test_the_ladder_is_kept_as_a_picture_and_as_a_film(seen):
    for kind in ("png", "gif"):
        seen["#maps .film select"].select_option(kind)
        assert downloaded(seen, "#maps .keep").suggested_filename.endswith(f"ladder.{kind}")


def test_plain_units_are_shown_during_training(visit):
    seen = visit(SMALL)
    open_tab(seen, "Layers")
    expect(seen["#maps .empty"]).to_contain_text("Press Train")
    seen.page.get_by_role("tab", name="Playground", exact=True).click()
    train(seen)
    painted = open_lab(seen)
    wait_for_number(seen, "maps", "painted", painted + 2)
    choose(seen, "generator.hidden1.1")
    expect(seen["#maps .facts"]).to_contain_text("32 plain units")
    seen.page.get_by_role("tab", name="Playground", exact=True).click()
    press(seen, "stop")
    says(seen, "^Stopped")


def test_on_a_phone_and_in_the_dark_it_holds(visit):
    seen = visit("?__theme=dark", width=390, height=844)
    open_tab(seen, "Layers")
    wait_for_number(seen, "maps", "painted", 1)
    assert overflow(seen) <= 0
    for button in seen["#maps .modules button"].all()[:5]:
        assert button.bounding_box()["height"] >= 32
    seen["#maps .wall"].click(position={"x": 30, "y": 30})
    seen["#maps [data-factor='2']"].click()
    expect(seen["#maps .undo"]).to_be_visible()
