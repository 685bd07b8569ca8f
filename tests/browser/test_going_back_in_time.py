"""The timeline and the diagnosis as a person sees them: back to a moment, play it through, and take the advice."""

import re

import pytest
from playwright.sync_api import expect
from screens import SMALL, Visit, colours, number, picture, press, says, train, wait_for_number


@pytest.fixture
def past(visit) -> Visit:
    """A visit whose run has some moments and was stopped."""
    seen = visit(SMALL)
    train(seen)
    wait_for_number(seen, "timeline", "moments", 5)
    press(seen, "stop")
    says(seen, "^Stopped")
    return seen


def rewind(seen: Visit, index: int) -> None:
    seen["#timeline-slider"].evaluate(
        "(slider, index) => { slider.value = index; slider.dispatchEvent(new Event('input', { bubbles: true })); }", index
    )
    expect(seen["#timeline [data-shown]"]).to_have_attribute("data-shown", re.compile(r"^\d+$|now"))


def test_the_slider_takes_samples_walk_and_curves_back_to_a_moment(past):
    newest, walk = picture(past), picture(past, "#walk .now canvas")
    rewind(past, 0)
    expect(past["#timeline .at"]).to_contain_text("back at step 0")
    expect(past["#sheet .caption"]).to_contain_text("step 0")
    past.page.wait_for_function("before => document.querySelector('#sheet canvas').toDataURL() !== before", arg=newest)
    assert picture(past, "#walk .now canvas") != walk
    assert past.session.past.step == 0
    rewind(past, len(past.session.run.timeline) - 1)
    expect(past["#timeline [data-shown]"]).to_have_attribute("data-shown", "now")
    assert picture(past) == newest and past.session.past is None


def test_play_goes_through_the_run_and_ends_at_the_newest_moment(past):
    last = past.session.run.step
    past["#timeline-play"].click()
    expect(past["#timeline .at"]).to_contain_text("back at step")
    expect(past["#timeline-play"]).to_have_attribute("aria-pressed", "true")
    expect(past["#timeline-play"]).to_have_attribute("aria-pressed", "false")
    expect(past["#timeline .at"]).to_contain_text(f"step {last:,}")


def test_a_page_without_a_run_has_no_time_to_go_back_in(visit):
    seen = visit(SMALL)
    expect(seen["#timeline-slider"]).to_be_disabled()
    expect(seen["#timeline .at"]).to_contain_text("fills while a run goes on")
    expect(seen["#diagnosis .sentence"]).to_contain_text("While training")


def test_a_run_that_diverges_is_named_and_its_advice_can_be_taken(visit):
    seen = visit(SMALL + "&recipe.learning_rate_generator=1.0&recipe.learning_rate_discriminator=1.0")
    press(seen, "train")
    expect(seen["#diagnosis .sentence"]).to_contain_text("Diverged")
    expect(seen["#diagnosis [data-state]"]).to_have_attribute("data-state", "diverged")
    says(seen, "Stopped at step")
    seen["#diagnosis-apply"].click()
    says(seen, "kept whole")
    assert seen.session.experiment.recipe.learning_rate_generator == pytest.approx(0.1)
    assert seen.session.own and seen.session.model is not None


def test_every_view_of_the_curves_can_be_drawn(past):
    for view in ("losses", "scores", "quality", "gradients"):
        past[f"#curves [data-view={view}]"].click()
        expect(past[f"#curves [data-view={view}]"]).to_have_attribute("aria-selected", "true")
        assert colours(past, "#curves canvas") > 3
    assert number(past, "curves", "points") > 0
    expect(past["#curves .readout"]).to_contain_text("generator")
