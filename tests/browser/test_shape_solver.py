"""The lab "Shape solver" in a browser: edits answer at once, what fails is red, a repair is a click."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from screens import SMALL, open_tab, overflow

CONVOLUTIONAL = "?architecture=dcgan&dataset=digits&data.resolution=32&generator.width=4&discriminator.width=4"


def open_lab(seen) -> None:
    open_tab(seen, "Layers")
    open_tab(seen, "Shape solver", "layers-tabs")
    expect(seen["#shapes .verdict"]).to_contain_text("Valid")


def field(seen, stage: int, name: str, axis: int = 0):
    return seen[f"#shapes [data-stage='{stage}'] [data-field='{name}'] input"].nth(axis)


def sizes(seen) -> list[str]:
    return [node.get_attribute("data-size") for node in seen["#shapes .work > .chain .map"].all()]


@pytest.fixture
def lab(visit):
    seen = visit(CONVOLUTIONAL)
    open_lab(seen)
    return seen


def test_the_lab_begins_with_the_models_own_chain(lab):
    assert sizes(lab) == ["4×4", "8×8", "16×16", "32×32", "32×32"]
    expect(lab["#shapes [data-stage='2'] .formula"]).to_have_text("(16 − 1)·2 − 2·1 + 4 = 32")
    expect(lab["#shapes .using"]).to_be_enabled()


def test_an_edit_that_misses_the_size_turns_red_and_a_click_on_a_repair_mends_it(lab):
    field(lab, 0, "kernel").fill("3")
    expect(lab["#shapes .verdict"]).to_have_text("Stage 3: the chain ends at 28×28, but 32×32 is wanted.")
    expect(lab["#shapes .stage.bad"]).to_have_attribute("data-stage", "2")
    expect(lab["#shapes [data-stage='0'] .formula"]).to_have_text("(4 − 1)·2 − 2·1 + 3 = 7")
    expect(lab["#shapes [data-stage='0'] .checker"]).to_be_visible()
    expect(lab["#shapes .using"]).to_be_disabled()
    offer = lab["#shapes .repairs button"].first
    expect(offer).to_contain_text("28×28 becomes 32×32")
    offer.click()
    expect(lab["#shapes .verdict"]).to_have_text("Valid: the chain ends at 32×32.")
    expect(lab["#shapes .stage.bad"]).to_have_count(0)
    expect(lab["#shapes .repairs"]).to_be_hidden()


def test_a_stage_that_pytorch_refuses_is_red_and_what_follows_is_unknown(lab):
    field(lab, 1, "output_padding").fill("2")
    expect(lab["#shapes .stage.bad"]).to_have_attribute("data-stage", "1")
    expect(lab["#shapes .verdict"]).to_contain_text("output padding 2 must be smaller than the stride 2 or the dilation 1")
    expect(lab["#shapes [data-stage='2'] .size"]).to_have_text("?")


def test_the_arrows_and_enter_do_what_they_do_in_number_fields(lab):
    box = field(lab, 2, "padding")
    box.focus()
    box.press("ArrowUp")
    expect(lab["#shapes .verdict"]).to_contain_text("ends at 30×30")
    expect(box).to_be_focused()
    box.press("Enter")
    expect(field(lab, 2, "output_padding")).to_be_focused()


def test_a_field_left_empty_waits_and_breaks_nothing(lab):
    box = field(lab, 0, "stride")
    for value in ("", "0", "99"):
        box.fill(value)
        expect(box).to_have_attribute("aria-invalid", "true")
    expect(lab["#shapes .verdict"]).to_contain_text("Valid")


def test_sizes_that_are_not_square_have_two_numbers_each(lab):
    expect(field(lab, 0, "kernel", 1)).to_be_hidden()
    lab["#shapes .target select"].select_option("48×80")
    expect(field(lab, 0, "kernel", 1)).to_be_visible()
    expect(lab["#shapes .verdict"]).to_contain_text("48×80 is wanted")
    lab["#shapes .repairs button"].first.click()
    expect(lab["#shapes .verdict"]).to_have_text("Valid: the chain ends at 48×80.")
    expect(lab["#shapes .cannot"]).not_to_be_empty()


def test_stages_are_added_and_left_out(lab):
    lab["#shapes .adding"].click()
    expect(lab["#shapes .stage"]).to_have_count(4)
    expect(lab["#shapes .verdict"]).to_contain_text("ends at 64×64")
    lab["#shapes [data-stage='3'] .remove"].click()
    expect(lab["#shapes .verdict"]).to_contain_text("Valid")
    expect(lab["#shapes [data-stage='2'] .size"]).to_contain_text("1 ch.")


def test_the_mirror_and_the_code_are_shown_on_demand(lab):
    expect(lab["#shapes .mirror"]).to_be_hidden()
    lab["#shapes .mirroring"].click()
    assert [node.get_attribute("data-size") for node in lab["#shapes .mirror .map"].all()] == ["32×32", "16×16", "8×8", "4×4"]
    lab["#shapes .exporting"].click()
    expect(lab["#shapes .code pre"]).to_contain_text("nn.ConvTranspose2d(16, 8, kernel_size=4, stride=2, padding=1)")


def test_the_chain_goes_into_the_experiment(lab):
    field(lab, 0, "padding").fill("0")
    field(lab, 0, "stride").fill("1")
    field(lab, 0, "kernel").fill("5")
    expect(lab["#shapes .verdict"]).to_have_text("Valid: the chain ends at 32×32.")
    lab["#shapes .using"].click()
    expect(lab["#shapes .said"]).to_contain_text(re.compile("Press Train"))
    assert lab.session.experiment.generator.kernel_size == (5, 4, 4)


def test_a_sentence_of_the_lesson_shows_what_it_speaks_of(lab):
    lab["#shapes .lesson [data-show='stride']"].click()
    expect(lab["#shapes [data-field='stride'].lit"]).to_have_count(3)
    lab["#shapes .lesson [data-show='mirror']"].click()
    expect(lab["#shapes .mirror"]).to_be_visible()
    field(lab, 1, "stride").focus()
    expect(lab["#shapes .lesson"]).to_contain_text("Stage 2 turns a side of 8 pixels into 16: (8 − 1)·2 − 2·1 + 4 = 16.")
    assert "{" not in lab["#shapes .lesson"].inner_text()


def test_a_model_that_is_no_such_chain_has_the_usual_one_and_a_sentence(visit):
    seen = visit(SMALL)
    open_lab(seen)
    expect(seen["#shapes .cannot"]).to_contain_text("mlp is not a chain")


def test_on_a_phone_in_the_dark_it_holds_and_can_be_touched(visit):
    seen = visit(CONVOLUTIONAL + "&__theme=dark", width=390, height=844)
    open_lab(seen)
    assert overflow(seen) <= 0
    assert all(box.bounding_box()["height"] >= 32 for box in seen["#shapes .stage .field input:visible"].all())
    field(seen, 0, "kernel").fill("6")
    expect(seen["#shapes [data-stage='0'] .outcome"]).to_contain_text("Stage 3: the chain ends at 40×40")
    expect(seen["#shapes [data-stage='0'] .outcome"]).to_be_in_viewport()
