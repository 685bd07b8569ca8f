"""Architectures as cards, and presets that break things: picked with the mouse, by keyboard and on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from screens import CONDITIONAL, SMALL, choose, choose_architecture, open_gallery, overflow, press, says, train, unfold

import playground
from playground.presets import PRESETS


def test_the_button_names_the_architecture_and_opens_a_card_for_each(visit):
    seen = visit(SMALL)
    expect(seen["#architecture .current"]).to_have_text(re.compile(re.escape(playground.ARCHITECTURES["mlp"].title)))
    open_gallery(seen)
    expect(seen["#architecture .card"]).to_have_count(len(playground.ARCHITECTURES))
    chosen = seen["#architecture .card.chosen"]
    expect(chosen).to_have_attribute("data-name", "mlp")
    expect(chosen).to_contain_text("weights")
    assert chosen.locator(".bars .generator").count() == 3
    assert "{" not in seen["#architecture .cards"].inner_text()


def test_a_card_is_picked_by_keyboard_and_escape_leaves_everything(visit):
    seen = visit(SMALL)
    seen["#architecture .current"].focus()
    seen.page.keyboard.press("Enter")
    expect(seen["#architecture .card.chosen"]).to_be_focused()
    seen.page.keyboard.press("Escape")
    expect(seen["#architecture dialog"]).to_be_hidden()
    assert seen.session.experiment.architecture == "mlp"
    seen["#architecture .current"].press("Enter")
    expect(seen["#architecture .card.chosen"]).to_be_focused()
    seen.page.keyboard.press("Tab")
    name = seen["#architecture .card:focus"].get_attribute("data-name")
    seen.page.keyboard.press("Enter")
    says(seen, "^Untrained networks")
    expect(seen["#architecture .current .name"]).to_have_text(playground.ARCHITECTURES[name].title)
    assert seen.session.experiment.architecture == name != "mlp"


def test_a_card_that_needs_classes_is_grey_without_them_and_says_why(visit):
    seen = visit("?architecture=mlp&dataset=images")
    open_gallery(seen)
    card = seen["#architecture .card[data-name='cgan']"]
    expect(card).to_be_disabled()
    expect(card).to_contain_text(re.compile("needs data with classes.*the architecture DCGAN"))
    expect(seen["#architecture .card[data-name='dcgan']"]).to_be_enabled()


def test_data_without_classes_are_refused_with_a_way_out(visit):
    seen = visit(CONDITIONAL)
    choose(seen, "dataset", playground.DATASETS["images"].title)
    says(seen, "^Conditional GAN needs data with classes.*or the architecture DCGAN")
    expect(seen["#dataset input"]).to_have_value(playground.DATASETS["digits"].title)
    assert seen.session.experiment.dataset == "digits"
    choose_architecture(seen, "dcgan")
    says(seen, "^Untrained networks")
    choose(seen, "dataset", playground.DATASETS["images"].title)
    says(seen, "^Choose your own images first")


def test_while_a_run_goes_on_the_architecture_stays(visit):
    seen = visit(SMALL)
    train(seen)
    expect(seen["#architecture .current"]).to_be_disabled()
    press(seen, "stop")
    expect(seen["#architecture .current"]).to_be_enabled()


def test_on_a_phone_the_cards_are_one_below_the_other(visit):
    seen = visit(SMALL, width=390, height=844)
    open_gallery(seen)
    boxes = [card.bounding_box() for card in seen["#architecture .card"].all()]
    assert len({box["x"] for box in boxes}) == 1 and boxes[0]["width"] > 300
    assert overflow(seen) <= 0
    seen["#architecture .card[data-name='dcgan']"].click()
    says(seen, "^Untrained networks")


def test_a_preset_sets_up_a_failure_and_the_defaults_come_back(visit):
    seen = visit(SMALL)
    unfold(seen, "options")
    seen["#form [data-preset='discriminator-wins']"].click()
    says(seen, "^Set up to fail. The discriminator learns")
    assert seen.session.experiment == PRESETS["discriminator-wins"].experiment(seen.session.experiment)
    expect(seen["#form [data-key='recipe.loss']"]).to_have_value("minimax")
    expect(seen["#architecture .current .name"]).to_have_text(playground.ARCHITECTURES["dcgan"].title)
    seen["#form [data-preset='defaults']"].click()
    says(seen, "^Back to the architecture's own")
    expect(seen["#form [data-key='recipe.loss']"]).to_have_value("non-saturating")
