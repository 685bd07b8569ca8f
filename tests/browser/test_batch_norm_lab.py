"""The lab "Batch norm" in a browser: sliders answer, a lesson's sentence leads to its picture, arms grow side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from screens import SMALL, open_tab, overflow, picture, trained

TINY = "?architecture=dcgan&dataset=digits&data.resolution=16&generator.width=4&discriminator.width=4&recipe.batch_size=8"


def open_lab(seen) -> None:
    open_tab(seen, "Layers")
    open_tab(seen, "Batch norm", "layers-tabs")


def go_to(seen, view: str) -> None:
    seen[f"#norms .views [data-view='{view}']"].click()
    expect(seen["#norms [data-view].view:visible"]).to_have_attribute("data-view", view)


@pytest.fixture
def lab(visit):
    seen = visit()  # the model that comes with the page
    open_lab(seen)
    expect(seen["#norms [data-row='batch']"]).to_contain_text("Other mates change it")
    return seen


def test_a_picture_flickers_with_its_mates_by_the_batchs_statistics_only(lab):
    expect(lab["#norms [data-row='running']"]).to_contain_text("The same with any mates")
    expect(lab["#norms [data-row='standing']"]).to_contain_text("Differs from running")
    assert float(lab["#norms [data-row='batch']"].get_attribute("data-change")) > 0
    batch, running = (picture(lab, f"#norms [data-row='{name}'] canvas") for name in ("batch", "running"))
    lab["#norms .mates"].click()
    lab.page.wait_for_function(
        "before => document.querySelector(\"#norms [data-row='batch'] canvas\").toDataURL() !== before", arg=batch
    )
    assert picture(lab, "#norms [data-row='running'] canvas") == running


def test_sliders_change_the_rows(lab):
    lab["#norms input.size"].fill("1")
    expect(lab["#norms [data-row='batch']"]).to_contain_text("Alone")
    lab["#norms input.momentum"].fill("0.5")
    expect(lab["#norms [data-row='running']"]).to_contain_text("Other mates change it")
    before = picture(lab, "#norms [data-row='standing'] canvas")
    lab["#norms input.epsilon"].fill("0")
    lab.page.wait_for_function(
        "before => document.querySelector(\"#norms [data-row='standing'] canvas\").toDataURL() !== before", arg=before
    )
    lab["#norms .back"].click()
    expect(lab["#norms [data-row='running']"]).to_contain_text("The same with any mates")


def test_the_lesson_leads_to_its_pictures_with_numbers_of_the_model(lab):
    lab["#norms .lesson [data-show='standing']"].click()
    expect(lab["#norms [data-row='standing']"]).to_have_class("row lit")
    lab["#norms .lesson [data-show='formula']"].click()
    expect(lab["#norms [data-name='mean'] canvas"]).to_have_attribute("data-points", "64")
    expect(lab["#norms .lesson"]).to_contain_text("channel 1")
    lab["#norms select.channel"].select_option(index=6)
    expect(lab["#norms .lesson"]).to_contain_text("channel 7")
    assert int(lab["#norms [data-name='before'] canvas"].get_attribute("data-counted")) == 16 * 16 * 64
    lab["#norms [data-name='variance'] canvas"].click(position={"x": 380, "y": 20})
    expect(lab["#norms .lesson"]).not_to_contain_text("channel 7")
    assert "{" not in lab["#norms .lesson"].inner_text()


def test_the_run_is_measured_along_its_moments(visit):
    seen = visit(TINY)
    trained(seen)
    open_lab(seen)
    go_to(seen, "over")
    moments = len(seen.session.run.timeline)
    expect(seen["#norms .multiples canvas"]).to_have_count(3)
    expect(seen["#norms .multiples canvas"].first).to_have_attribute("data-moments", str(moments))
    seen["#norms .over-figure"].select_option("gap")
    expect(seen["#norms .view[data-view='over'] .hint"]).to_contain_text("standard deviations")


def test_arms_are_trained_side_by_side(visit):
    seen = visit(TINY)
    open_lab(seen)
    go_to(seen, "arms")
    seen["#norms select.kind"].nth(2).select_option("absent")
    seen["#norms select.place"].nth(0).select_option("generator")
    seen["#norms select.steps"].select_option("10")
    seen["#norms .go"].click()
    expect(seen["#norms .state"]).to_contain_text("10 steps taken")
    expect(seen["#norms .arm"]).to_have_count(2)
    expect(seen["#norms [data-arm='batch'] h4"]).to_have_text("batch in G only")
    expect(seen["#norms [data-arm='none'] .heat canvas"]).to_have_attribute("data-steps", "10")
    seen["#norms select.figure"].select_option("gradient")
    seen["#norms .heat canvas"].first.hover()
    expect(seen["#norms .reading"]).to_contain_text("batch in G only, ")
    expect(seen["#norms .halt"]).to_be_hidden()


def test_a_model_without_batch_norm_says_what_it_has_instead(visit):
    seen = visit(SMALL)
    trained(seen)
    open_lab(seen)
    expect(seen["#norms .note"]).to_contain_text("no normalisation at all")
    go_to(seen, "arms")
    expect(seen["#norms .note"]).to_be_hidden()
    expect(seen["#norms .go"]).to_be_enabled()


def test_on_a_phone_in_the_dark_it_holds_and_can_be_touched(visit):
    seen = visit("?__theme=dark", width=390, height=844)
    open_lab(seen)
    for view in ("same", "statistics", "arms"):
        go_to(seen, view)
        assert overflow(seen) <= 0
        controls = seen["#norms .work button:visible, #norms .work select:visible, #norms .work input:visible"].all()
        assert all(box.bounding_box()["height"] >= 32 for box in controls)
