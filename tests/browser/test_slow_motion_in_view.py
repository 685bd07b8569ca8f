"""Slow motion on the page: stepping, playing, pausing, reading what is lit, and finding the new state on the first tab."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from screens import (
    CONDITIONAL,
    SMALL,
    Visit,
    colours,
    number,
    open_tab,
    overflow,
    press,
    says,
    train,
    wait_for_number,
    wait_for_step,
)

CAPTION = "#slow .caption"
MOMENTS = 10


def open_slow_motion(visit: Visit) -> Visit:
    open_tab(visit, "Slow motion")
    expect(visit["#slow .both"]).to_be_enabled()
    return visit


def take(visit: Visit, turn: str = "both") -> None:
    """Take a step and hold it at its first moment."""
    taken = number(visit, "slow", "taken")
    visit[f"#slow .{turn}"].click()
    wait_for_number(visit, "slow", "taken", taken + 1)
    go_to(visit, 0)


def go_to(visit: Visit, moment: int) -> None:
    visit["#slow .dots button"].nth(moment).click()


def lit(visit: Visit) -> list[str]:
    return visit["#slow .node.lit"].evaluate_all("nodes => nodes.map(node => node.dataset.node)")


def moment(visit: Visit) -> str:
    return visit["#slow [data-moment]"].get_attribute("data-moment")


def drawn(visit: Visit, selector: str) -> None:
    """Wait until a canvas shows more than three colours: pictures are decoded while the page goes on."""
    script = """selector => { const canvas = document.querySelector(selector);
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size > 3; }"""
    visit.page.wait_for_function(script, arg=selector)


@pytest.fixture
def stepper(visit) -> Visit:
    return open_slow_motion(visit(SMALL))


def test_before_the_first_step_the_page_says_what_to_press_and_where_it_starts(stepper):
    expect(stepper[CAPTION]).to_contain_text("Press Step both")
    expect(stepper["#slow .note"]).to_contain_text("from noise")
    expect(stepper["#slow .counted"]).to_have_text("step 0 · 0 real pictures seen")
    assert stepper["#slow .node.lit"].count() == 0


def test_a_step_lights_up_moment_by_moment_with_its_numbers(stepper):
    take(stepper)
    expect(stepper["#slow .dots button"]).to_have_count(MOMENTS)
    expect(stepper["#slow .counted"]).to_have_text("step 1 · 16 real pictures seen")
    assert stepper.session.model.step == 1
    captions, parts = [], []
    for index in range(MOMENTS):
        go_to(stepper, index)
        captions.append(stepper[CAPTION].inner_text())
        parts.append(lit(stepper))
    assert len(set(captions)) == MOMENTS and all(re.search(r"\d", caption) for caption in captions)
    assert parts[0] == ["z"] and parts[4] == ["d"] and parts[8] == ["g"]
    record = stepper.session.model.history[-1]
    assert f"D’s loss is {record['loss_discriminator']:.3g}" in captions[3]
    expect(stepper["#slow .numbers"]).to_contain_text(f"{record['loss_generator']:.3f}")


def test_pictures_maps_and_bars_are_drawn(stepper):
    take(stepper)
    go_to(stepper, 2)
    for part in ("fakes", "reals"):
        drawn(stepper, f"#slow [data-node={part}] .tile canvas")
    assert colours(stepper, "#slow .latents") > 10
    shown = stepper["#slow [data-node=fakes] .tile canvas"].first
    before = shown.evaluate("canvas => canvas.toDataURL()")
    go_to(stepper, 6)
    stepper.page.wait_for_function(
        "before => document.querySelector('#slow [data-node=fakes] .tile canvas').toDataURL() !== before", arg=before
    )
    go_to(stepper, 8)
    widths = stepper["#slow .bars u"].evaluate_all("bars => bars.map(bar => parseFloat(bar.style.width))")
    assert len(widths) == 2 * (3 + 3) and all(0 < width <= 100 for width in widths)


def test_the_arrow_keys_go_from_moment_to_moment(stepper):
    take(stepper)
    for key, expected in (("ArrowRight", "generate"), ("ArrowRight", "score"), ("ArrowLeft", "generate")):
        stepper.page.keyboard.press(key)
        assert moment(stepper) == expected


@pytest.mark.parametrize(("turn", "idle"), [("discriminator", "generator."), ("generator", "discriminator.")])
def test_one_network_alone_learns_at_a_press(stepper, turn, idle):
    take(stepper)
    before = stepper.session.model.resume
    take(stepper, turn)
    after = stepper.session.model.resume
    kept = [name for name in before if name.startswith(idle)]
    assert all((before[name] == after[name]).all() for name in kept)
    assert any((before[name] != after[name]).any() for name in before if name.startswith(f"{turn}."))


def test_play_goes_on_step_after_step_until_paused(stepper):
    stepper["#slow .speed input"].fill("100")
    stepper["#slow .play"].click()
    expect(stepper["#slow .play"]).to_contain_text("Pause")
    wait_for_number(stepper, "slow", "taken", 2)
    stepper["#slow .play"].click()
    expect(stepper["#slow .play"]).to_contain_text("Play")
    taken = number(stepper, "slow", "taken")
    stepper.page.wait_for_timeout(400)
    assert stepper.session.model.step == number(stepper, "slow", "taken") <= taken + 1
    assert not stepper.session.running


def test_the_first_tab_shows_the_step_to_whoever_goes_back(stepper):
    take(stepper)
    take(stepper)
    stepper.page.get_by_role("tab", name="Playground").click()
    says(stepper, "^Step 2, taken in slow motion")
    assert wait_for_step(stepper, 2) == 2
    press(stepper, "step")
    says(stepper, "^Step 3:")
    open_slow_motion(stepper)
    expect(stepper["#slow .counted"]).to_have_text("step 3 · 48 real pictures seen")
    expect(stepper["#slow .note"]).to_contain_text("your own model")


def test_leaving_the_tab_ends_the_play(stepper):
    stepper["#slow .speed input"].fill("100")
    stepper["#slow .play"].click()
    wait_for_number(stepper, "slow", "taken", 1)
    stepper.page.get_by_role("tab", name="Playground").click()
    says(stepper, "taken in slow motion")
    step = stepper.session.model.step
    stepper.page.wait_for_timeout(600)
    assert stepper.session.model.step <= step + 1


def test_a_run_on_the_first_tab_keeps_slow_motion_waiting(visit):
    seen = visit(SMALL)
    train(seen)
    open_tab(seen, "Slow motion")
    expect(seen[CAPTION]).to_contain_text("is training")
    expect(seen["#slow .both"]).to_be_disabled()
    seen.session.stop.set()
    expect(seen["#slow .both"]).to_be_enabled()
    expect(seen[CAPTION]).to_contain_text("Press Step both")


def test_starting_from_noise_forgets_what_was_learned(stepper):
    take(stepper)
    first = stepper.session.model.resume
    take(stepper)
    taken = number(stepper, "slow", "taken")
    stepper["#slow .fresh"].click()
    wait_for_number(stepper, "slow", "taken", taken + 1)
    again = stepper.session.model.resume
    names = [name for name in first if name.startswith("generator.")]
    assert all(np.array_equal(first[name], again[name]) for name in names)


def test_a_refusal_is_said_in_the_caption(visit):
    seen = open_slow_motion(visit("?dataset=mnist"))
    expect(seen[CAPTION]).to_contain_text("not on this machine")
    seen["#slow .both"].click()
    expect(seen[f"{CAPTION}.bad"]).to_contain_text("not on this machine")


def test_classes_stand_over_the_fakes_and_a_phone_is_wide_enough(visit):
    seen = open_slow_motion(visit(CONDITIONAL, width=390, height=844))
    take(seen)
    go_to(seen, 1)
    expect(seen["#slow [data-node=fakes] .tile b"]).to_have_text([re.compile(r"^\d$")] * 8)
    assert overflow(seen) <= 0
    assert seen["#slow .diagram"].evaluate("box => box.getBoundingClientRect().bottom") < 844


def test_all_fits_on_a_small_screen_without_scrolling(visit):
    seen = open_slow_motion(visit(SMALL, width=1280, height=800))
    take(seen)
    for index in range(MOMENTS):
        go_to(seen, index)
        assert seen["#slow .foot"].evaluate("box => box.getBoundingClientRect().bottom") <= 800
