"""The tab of runs in a real browser: fork one, see both side by side, go back in time together, save and open again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from screens import (
    SMALL,
    Visit,
    downloaded,
    number,
    open_tab,
    overflow,
    picture,
    press,
    says,
    train,
    wait_for_number,
)

DOWNLOADS = {"png": b"\x89PNG", "gif": b"GIF8", "webp": b"RIFF"}


def with_a_past(visit, moments: int = 6, **options) -> Visit:
    """Train until the run has some moments, stop, and open the tab."""
    seen = visit(SMALL, **options)
    train(seen)
    wait_for_number(seen, "timeline", "moments", moments)
    press(seen, "stop")
    says(seen, "^Stopped at step")
    open_tab(seen, "Runs")
    wait_for_number(seen, "columns", "runs", 1)
    wait_for_number(seen, "columns", "drawn", 1)
    return seen


def fork(seen: Visit, moment: int, **change: str) -> None:
    """Fork the first tab's run at one of its moments, up to where the run is, and wait for its end."""
    seen["#fork-moment"].fill(str(moment))
    for key, value in change.items():
        seen["#fork-key"].select_option(key.replace("__", "."))
        seen["#forking .value select"].select_option(value)
    seen["#fork-end"].check()
    seen["#fork-go"].click()
    expect(seen["#forking .news"]).to_have_text(re.compile("is at step [\\d,]+\\. Show it"))


@pytest.fixture(scope="module")
def forked(module_visit) -> Visit:
    """A visit whose run has a fork with another loss beside it."""
    seen = with_a_past(module_visit)
    fork(seen, 2, recipe__loss="hinge")
    wait_for_number(seen, "columns", "runs", 2)
    return seen


def test_a_page_without_a_run_says_what_to_do(visit):
    seen = visit(SMALL)
    open_tab(seen, "Runs")
    for part in ("columns", "forking", "past"):
        expect(seen[f"#{part} .empty"]).to_contain_text("Train for a while on the first tab")
    expect(seen["#past-gif"]).to_be_disabled()


def test_a_fork_stands_beside_its_run_with_what_was_changed(forked):
    expect(forked["#columns .card"]).to_have_count(2)
    expect(forked["#columns .card .parent"].nth(1)).to_contain_text("loss hinge")
    expect(forked["#differences tbody tr"]).to_have_text(["lossnon-saturatinghinge"])
    wait_for_number(forked, "overlay", "lines", 2)
    steps = [entry.run.step for entry in forked.session.shelf.kept]
    assert steps[0] == steps[1] == forked.session.run.step


def test_one_slider_takes_all_runs_back_by_step_and_by_time(forked):
    sheets = [picture(forked, f"#columns .card:nth-child({n}) canvas") for n in (1, 2)]
    drawn = number(forked, "columns", "drawn")
    forked["#runs-slider"].fill("0")
    wait_for_number(forked, "columns", "drawn", drawn + 1)
    expect(forked["#columns .card .moment"].first).to_contain_text("step 0 ·")
    expect(forked["#columns .card .moment"].nth(1)).to_contain_text("not begun: it starts at step")
    assert [picture(forked, f"#columns .card:nth-child({n}) canvas") for n in (1, 2)] != sheets
    forked["#columns [data-axis='seconds']"].click()
    expect(forked["#columns .together .at"]).to_have_text("newest of each")
    forked["#runs-slider"].fill("1")
    expect(forked["#columns .together .at"]).to_have_text(re.compile(r"^[\d.]+ s$"))
    forked["#columns [data-axis='step']"].click()
    forked["#overlay canvas"].click(position={"x": 300, "y": 100})
    expect(forked["#columns .together .at"]).to_have_text(re.compile(r"^step [\d,]+$"))


def test_every_figure_is_drawn_for_both_runs(forked):
    for figure in ("loss_discriminator", "separation", "gradient_generator", "gradient_discriminator", "loss_generator"):
        forked[f"#overlay [data-figure='{figure}']"].click()
        assert wait_for_number(forked, "overlay", "lines", 2) == 2


def test_a_hidden_run_leaves_the_picture_and_comes_back(forked):
    box = forked["#columns .chips input"].nth(1)
    box.uncheck()
    expect(forked["#columns .card"]).to_have_count(1)
    forked["#columns .chips input"].nth(1).check()
    expect(forked["#columns .card"]).to_have_count(2)


def test_a_click_in_the_grid_takes_the_first_tab_there(visit):
    seen = with_a_past(visit)
    wait_for_number(seen, "past", "painted", 1)
    box = seen["#past canvas"].bounding_box()
    seen["#past canvas"].click(position={"x": 78 + (box["width"] - 78) * 0.99, "y": 18 + (box["height"] - 18) / 8 * 1.5})
    expect(seen["#past .note"]).to_contain_text("100% of the way from A to B")
    seen["#past .there"].click()
    expect(seen["#timeline .at"]).to_contain_text("back at step")
    assert seen.session.past.step == number(seen, "sheet", "step") == number(seen, "timeline", "shown") > 0
    assert seen.session.walk.t == 1.0
    expect(seen["#walk-scrub"]).to_have_value("1000")


def test_pictures_of_the_past_can_be_downloaded(forked):
    for kind, start in DOWNLOADS.items():
        assert downloaded(forked, f"#past-{kind}").path().read_bytes().startswith(start)


def test_a_saved_run_can_be_opened_again_and_shown_on_the_first_tab(visit, tmp_path):
    seen = with_a_past(visit)
    path = tmp_path / "mine.safetensors"
    downloaded(seen, "#columns [data-do='save']").save_as(path)
    step = seen.session.run.step
    other = visit(SMALL, elsewhere=True)
    open_tab(other, "Runs")
    other["#open-run input, input#open-run"].or_(other["input[type=file][accept*='safetensors']"]).first.set_input_files(path)
    expect(other["#columns .said"]).to_contain_text("Opened “mlp on digits”")
    expect(other["#columns .card"]).to_have_count(1)
    other["#columns [data-do='show']"].click()
    expect(other["#columns .tag"]).to_have_text("first tab")
    open_tab(other, "Playground")
    assert number(other, "sheet", "step") == step
    press(other, "step")
    says(other, f"^Step {step + 1:,}:")


def test_a_file_that_is_no_run_is_refused_on_the_tab(visit, tmp_path):
    seen = visit(SMALL)
    open_tab(seen, "Runs")
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"no run at all")
    seen["input[type=file][accept*='safetensors']"].first.set_input_files(path)
    expect(seen["#columns .said.bad"]).to_contain_text("is not a safetensors file")


def test_the_first_tab_keeps_its_run_with_one_click_and_stop_ends_a_fork(visit):
    seen = with_a_past(visit)
    open_tab(seen, "Playground")
    seen["#timeline-keep"].click()
    says(seen, "^Kept “mlp on digits” up to step")
    expect(seen["#status .message.bad"]).to_have_count(0)
    open_tab(seen, "Runs")
    expect(seen["#columns .card .keep"]).to_have_text("Keep up to here")
    seen["#fork-seconds"].fill("600")
    seen["#fork-go"].click()
    expect(seen["#columns .tag.live"]).to_have_count(1)
    expect(seen["#columns .card"]).to_have_count(2)
    seen["#fork-stop"].click()
    expect(seen["#forking .news"]).to_contain_text("is at step")
    assert not seen.session.running


def test_a_bad_time_is_answered_beside_the_button(visit):
    seen = with_a_past(visit, moments=2)
    seen["#fork-seconds"].fill("1")
    seen["#fork-go"].click()
    expect(seen["#forking .news.bad"]).to_contain_text("The training time must be between 5 and 600 seconds")


def test_two_tabs_of_one_browser_keep_their_runs_apart(visit):
    first, second = with_a_past(visit, moments=2), visit(SMALL)
    first["#columns [data-do='keep']"].click()
    expect(first["#columns .said"]).to_contain_text("Kept “mlp on digits”")
    open_tab(second, "Runs")
    expect(second["#columns .empty"]).to_be_visible()
    expect(second["#columns .card"]).to_have_count(0)


def test_it_all_fits_a_phone(visit):
    seen = with_a_past(visit, width=390, height=844)
    expect(seen["#past canvas"]).to_be_visible()
    assert overflow(seen) <= 0
