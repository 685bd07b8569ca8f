"""Training before one's eyes: frames, curves and numbers come by themselves, and every button does what it says."""

import re
import time

from playwright.sync_api import expect
from screens import (
    CONVOLUTIONAL,
    SMALL,
    number,
    overflow,
    picture,
    press,
    says,
    scrub,
    train,
    trained,
    wait_for_number,
    wait_for_step,
)

PROGRESS = r"^\d:\d\d of \d+:\d\d · \d+:\d\d left · step [\d,]+ · [\d,]+ images/s$"


def runs_for_at_most(session, seconds: float) -> bool:
    """Say whether a session's run has ended before `seconds` have passed."""
    end = time.monotonic() + seconds
    while session.running and time.monotonic() < end:
        time.sleep(0.05)
    return not session.running


def test_a_run_shows_frames_numbers_and_curves_and_ends_by_itself(visit):
    seen = visit(SMALL)
    train(seen, seconds=5)
    first = number(seen, "sheet", "painted")
    expect(seen["#status .numbers"]).to_have_text(re.compile(PROGRESS))
    says(seen, "^Training on .*: 1,797 real samples in memory")
    assert wait_for_number(seen, "sheet", "painted", first + 3)
    assert wait_for_number(seen, "curves", "points", 3)
    says(seen, r"^Done: step [\d,]+, after 5 s of training")
    assert wait_for_step(seen, 10) == seen.session.model.step
    expect(seen["button#train"]).to_be_enabled()
    expect(seen["button#pause"]).to_be_disabled()
    assert not seen.session.running


def test_while_a_run_goes_on_only_pause_and_stop_can_be_pressed(visit):
    seen = visit(SMALL)
    train(seen)
    for name, enabled in (("train", False), ("step", False), ("reset", False), ("pause", True), ("stop", True)):
        expect(seen[f"button#{name}"]).to_be_enabled(enabled=enabled)


def test_pause_keeps_the_time_that_is_left_and_resume_goes_on_from_the_same_step(visit):
    seen = visit(SMALL)
    train(seen)
    press(seen, "pause")
    says(seen, r"^Paused at step [\d,]+\.")
    step, left = seen.session.model.step, seen.session.remaining
    expect(seen["button#train"]).to_have_text("Resume")
    assert 0 < left < 600
    press(seen, "train")
    wait_for_step(seen, step + 1)
    press(seen, "stop")
    says(seen, r"^Stopped at step")
    assert seen.session.remaining == 0
    expect(seen["button#train"]).to_have_text("Train")


def test_a_step_moves_the_counter_by_one(visit):
    seen = visit(SMALL)
    for step in (1, 2):
        press(seen, "step")
        says(seen, f"^Step {step}: one update of the discriminator")
        assert wait_for_step(seen, step) == step


def test_reset_shows_the_same_noise_every_time(visit):
    seen = visit(SMALL)
    press(seen, "reset")
    says(seen, "^Back at the start of seed 0")
    painted = wait_for_number(seen, "sheet", "painted", 1)
    noise = picture(seen)
    trained(seen)
    assert picture(seen) != noise
    press(seen, "reset")
    says(seen, "^Back at the start of seed 0")
    wait_for_number(seen, "sheet", "painted", painted + 3)
    assert picture(seen) == noise and number(seen, "sheet", "step") == 0


def test_a_time_that_makes_no_sense_is_answered_and_the_next_one_trains(visit):
    seen = visit(SMALL)
    for seconds in ("1", "9999", ""):
        seen["#seconds input"].fill(seconds)
        press(seen, "train")
        says(seen, "^The training time must be ")
        expect(seen["button#train"]).to_be_enabled()
        expect(seen[".toast-body"]).to_have_count(0)
        press(seen, "step")
        says(seen, "^Step")


def test_the_ladder_and_the_walk_fill_while_training(visit):
    seen = visit(CONVOLUTIONAL)
    expect(seen["#walk-play"]).to_be_disabled()
    painted = number(seen, "ladder", "painted")
    train(seen)
    wait_for_number(seen, "ladder", "painted", painted + 2)
    expect(seen["#walk-play"]).to_be_enabled()
    expect(seen["#ladder .score"]).to_have_text(re.compile(r"\d\.\d\d"))


def test_one_can_look_around_while_training(visit):
    seen = visit(SMALL)
    train(seen)
    wait_for_number(seen, "walk", "frames", 2)
    scrub(seen, 500)
    assert wait_for_number(seen, "walk", "frame", 20) < 28
    seen["#ladder .stage[data-key='generator.hidden1']"].click()
    expect(seen["#ladder .detail .note"]).to_contain_text("most active first")
    step = number(seen, "sheet", "step")
    wait_for_step(seen, step + 1)


def test_the_readout_of_the_curves_names_step_and_values(visit):
    seen = visit(SMALL)
    trained(seen)
    expect(seen["#curves .readout"]).to_have_text(
        re.compile(r"^● discriminator [\d.e−-]+● generator [\d.e−-]+step 2 \([\d.]+ s\)$")
    )
    seen["#curves [data-view='scores']"].click()
    expect(seen["#curves .readout"]).to_contain_text("● real ")


def test_a_closed_tab_ends_its_run_within_two_seconds(visit):
    seen = visit(SMALL)
    train(seen)
    assert seen.session.running
    seen.page.close()
    assert runs_for_at_most(seen.session, 2)


def test_a_tab_closed_before_its_run_has_begun_calls_it_off(visit):
    seen = visit(SMALL)
    seen.page.close()
    end = time.monotonic() + 2
    while not seen.session.cancelled and time.monotonic() < end:
        time.sleep(0.05)
    assert seen.session.cancelled and seen.session.stop.is_set()


def test_a_reloaded_page_ends_its_run_and_starts_afresh(visit):
    seen = visit(SMALL)
    train(seen)
    seen.page.reload()
    assert runs_for_at_most(seen.session, 2)
    says(seen, "^Untrained networks")
    # what Gradio itself says of the stream that broke off
    seen.complaints[:] = [text for text in seen.complaints if "abort" not in text.lower() and "Connection errored" not in text]


def test_two_visitors_train_at_once_and_see_only_their_own(visit):
    first, second = visit(SMALL), visit(CONVOLUTIONAL, elsewhere=True)
    train(first)
    train(second)
    for seen, name, side in ((first, "mlp", 16), (second, "sn-dcgan", 16)):
        expect(seen["#sheet .caption"]).to_contain_text(f"{name} · digits · step")
        assert seen.session.running and seen["#sheet canvas"].evaluate("canvas => canvas.width") == 6 * (side + 1) - 1
    press(first, "stop")
    says(first, "^Stopped")
    step = number(second, "sheet", "step")
    wait_for_step(second, step + 1)
    assert second.session.running


def test_a_second_tab_of_the_same_browser_is_a_session_of_its_own(visit):
    first = visit(SMALL)
    trained(first)
    second = visit(SMALL)
    says(second, "^Untrained networks")
    expect(second["#sheet .empty"]).to_be_visible()
    assert first.session is not second.session and number(first, "sheet", "step") == 2


def test_a_phone_can_train_too(visit):
    seen = visit(SMALL, width=390, height=844)
    trained(seen)
    assert overflow(seen) <= 0


def test_real_samples_can_be_shown_in_place_of_generated_ones_and_back(visit):
    seen = visit(SMALL)
    trained(seen)
    made = picture(seen)
    seen["#sheet .real"].click()
    expect(seen["#sheet .caption"]).to_contain_text("Real samples Digits")
    assert picture(seen) != made
    seen["#sheet .real"].click()
    expect(seen["#sheet .caption"]).to_contain_text("Samples mlp")
    seen.page.wait_for_function("made => document.querySelector('#sheet canvas').toDataURL() === made", arg=made)
