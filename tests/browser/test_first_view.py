"""What a person sees before they do anything, on any screen, and what a link shows."""

import re

import pytest
from playwright.sync_api import expect
from screens import SMALL, colours, number, overflow, picture, says, scrub, unfold

from playground.experiment import Experiment


def test_the_first_view_shows_samples_a_walk_curves_and_both_networks(shared_visit):
    seen = shared_visit
    for canvas in ("#sheet canvas", "#walk .now canvas", "#walk .film", "#curves canvas"):
        expect(seen[canvas]).to_be_in_viewport()
        assert colours(seen, canvas) > 4, canvas
    assert seen["#ladder .network"].count() == 2
    assert seen["#ladder .stage"].count() == 1 + 4 + 4
    assert number(seen, "curves", "points") > 10
    says(seen, r"^A model that is already trained")


def test_the_contents_of_every_stage_are_drawn(shared_visit):
    seen = shared_visit
    expect(seen["#ladder .score"]).to_have_text(re.compile(r"\d\.\d\d"))  # drawn last
    faces = seen["#ladder .stage .face canvas"]
    assert faces.count() == 8
    for face in faces.all():
        assert face.evaluate("c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size") > 2
    assert seen["#ladder .verdict"].inner_text() in ("looks real", "undecided", "looks fake")


def test_every_control_at_the_top_is_in_reach_without_scrolling(shared_visit):
    seen = shared_visit
    for name in ("#dataset", "#architecture", "#seconds", "#train", "#step", "#reset", "#walk-scrub", "#walk-play"):
        expect(seen[name]).to_be_in_viewport()


def test_the_page_is_as_wide_as_its_window(visit):
    seen = visit()
    unfold(seen, "options")
    unfold(seen, "files")
    expect(seen["#form [data-key='recipe.loss']"]).to_be_visible()
    assert overflow(seen) <= 0


def test_on_a_phone_nothing_runs_off_the_side(visit):
    seen = visit(width=390, height=844)
    assert overflow(seen) <= 0
    unfold(seen, "options")
    unfold(seen, "files")
    seen["#ladder .stage[data-key='generator.up1']"].click()
    expect(seen["#ladder .detail figure"].first).to_be_visible()
    assert overflow(seen) <= 0


def test_on_a_phone_the_ladder_can_be_read(visit):
    seen = visit(width=390, height=844)
    for network in seen["#ladder .network"].all():
        box = network.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    for stage in seen["#ladder .stage"].all():
        stage.scroll_into_view_if_needed()
        shape, own = stage.locator(".shape"), stage.bounding_box()
        assert own["width"] >= 88 and shape.bounding_box()["width"] <= own["width"]
        assert shape.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") >= 11


def test_in_the_dark_the_text_is_light_and_the_panels_dark(visit):
    seen = visit("?__theme=dark")
    expect(seen["body"]).to_have_class(re.compile(r"\bdark\b"))
    light = "node => getComputedStyle(node)[%r].match(/\\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) / 3"
    assert seen["#ladder .shape"].first.evaluate(light % "color") > 150
    assert seen["#ladder .network"].first.evaluate(light % "backgroundColor") < 60


def test_a_click_on_a_stage_opens_all_its_channels_and_its_arithmetic(shared_visit):
    seen = shared_visit
    stage, detail = seen["#ladder .stage[data-key='generator.up1']"], seen["#ladder .detail"]
    stage.click()
    expect(detail.locator(".equation")).to_contain_text("(4 − 1)·2 − 2·1 + 4 = 8")
    expect(detail.locator("figure")).to_have_count(int(stage.locator(".shape").inner_text().split(" × ")[0]))
    expect(detail.locator(".note")).to_contain_text("most active first")
    assert "{" not in detail.inner_text()
    detail.locator(".close").click()
    expect(detail).to_be_hidden()


def test_a_stage_opens_and_closes_by_keyboard(shared_visit):
    seen = shared_visit
    stage = seen["#ladder .stage[data-key='discriminator.score']"]
    stage.press("Enter")
    expect(seen["#ladder .detail h4"]).to_contain_text("score")
    stage.press("Enter")
    expect(seen["#ladder .detail"]).to_be_hidden()


def test_the_open_stage_follows_the_slider(visit):
    seen = visit()
    seen["#ladder .stage[data-key='generator.up1']"].click()
    expect(seen["#ladder .detail .note"]).to_contain_text("most active first")
    before = picture(seen, "#ladder .detail figure canvas")
    scrub(seen, 900)
    seen.page.wait_for_function(
        "before => document.querySelector('#ladder .detail figure canvas').toDataURL() !== before", arg=before
    )


def test_a_link_opens_its_experiment(visit):
    seen = visit(SMALL + "&seed=5&recipe.loss=hinge")
    says(seen, "^Untrained networks")
    assert seen.session.experiment == Experiment.from_settings(
        {
            "architecture": "mlp", "dataset": "digits", "data.resolution": 16, "generator.width": 32, "discriminator.width": 16,
            "recipe.batch_size": 16, "recipe.loss": "hinge", "seed": 5,
        }
    )  # fmt: skip
    expect(seen["#ladder .stage[data-key='generator.hidden1'] .shape"]).to_have_text("32")
    expect(seen["#sheet .empty"]).to_be_visible()
    unfold(seen, "options")
    expect(seen["#form [data-key='recipe.loss']"]).to_have_value("hinge")
    unfold(seen, "files")
    expect(seen["#link textarea"]).to_have_value(re.compile(r"^http://127\.0\.0\.1:\d+/\?.*seed=5"))


def test_the_link_on_the_page_opens_the_same_experiment_again(visit):
    first = visit(SMALL + "&seed=11")
    says(first, "^Untrained networks")
    unfold(first, "files")
    link = first["#link textarea"].input_value()
    second = visit(link[link.index("?") :])
    says(second, "^Untrained networks")
    assert second.session.experiment == first.session.experiment


@pytest.mark.parametrize(
    "query", ["?architecture=%3Cimg%20src%3Dx%3E", "?generator.width=1e9", "?nothing=1", "?dataset=images&data.path=/etc"]
)
def test_a_link_that_makes_no_sense_gives_one_sentence_and_the_usual_page(visit, query):
    seen = visit(query)
    says(seen, r"^This link cannot be opened: .+\.$")
    expect(seen["#status .message"]).to_have_class(re.compile(r"\bbad\b"))
    assert seen.session.experiment == Experiment() and colours(seen, "#sheet canvas") > 4
