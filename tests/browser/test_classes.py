"""Models that know classes: a row for each on the sheet, one at each end of the walk, and mixtures between them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from screens import CONDITIONAL, SMALL, Visit, downloaded, number, picture, press, says, scrub, train, wait_for_number

from playground.exporting.pictures import read_settings
from playground.ui.handlers.screen import STORE

NOW, A, B = "#walk .now canvas", "#walk [data-end='0'] canvas", "#walk [data-end='1'] canvas"


@pytest.fixture
def seen(visit) -> Visit:
    """A visitor with a model that knows ten classes, and whose pictures show it although it is not trained."""
    opened = visit(CONDITIONAL)
    press(opened, "reset")
    says(opened, "^Back at the start")
    session = STORE.get(opened.session.id)
    for parameter in session.model.generator.parameters():
        parameter.data.mul_(8)
    wait_for_number(opened, "walk", "frames", 48)
    opened["#walk-seed-1"].fill(opened["#walk-seed-0"].input_value())
    opened["#walk-seed-1"].press("Enter")
    opened.page.wait_for_function("([a, b]) => document.querySelector(a).toDataURL() === document.querySelector(b).toDataURL()",
                                  arg=[A, B])  # fmt: skip
    return opened


def differs(seen: Visit, selector: str, before: str) -> None:
    """Wait until a canvas shows something else."""
    script = "([selector, before]) => document.querySelector(selector).toDataURL() !== before"
    seen.page.wait_for_function(script, arg=[selector, before])


def test_the_sheet_has_a_named_row_for_each_class_and_can_show_one(seen):
    assert seen["#sheet .rows span"].all_inner_texts() == [str(n) for n in range(10)]
    assert seen["#sheet canvas"].evaluate("c => [c.width, c.height]") == [6 * 17 - 1, 10 * 17 - 1]
    painted = number(seen, "sheet", "painted")
    seen["#sheet select"].select_option("3")
    wait_for_number(seen, "sheet", "painted", painted + 1)
    assert seen["#sheet canvas"].evaluate("c => [c.width, c.height]") == [6 * 17 - 1, 6 * 17 - 1]
    expect(seen["#sheet .rows"]).to_be_hidden()
    seen["#sheet select"].select_option("")
    expect(seen["#sheet .rows span"]).to_have_count(10)


def test_the_same_seed_walks_through_the_classes(seen):
    first = picture(seen, A)
    seen["#walk-class-1"].select_option("7")
    differs(seen, B, first)
    assert picture(seen, A) == first and seen.session.walk.classes == (0, 7)
    shown = picture(seen, "#ladder .stage[data-key='generator.up2'] canvas")
    scrub(seen, 1000)
    assert picture(seen, NOW) == picture(seen, B)
    differs(seen, "#ladder .stage[data-key='generator.up2'] canvas", shown)


def test_what_is_taken_home_follows_the_classes(seen, tmp_path):
    seen["#walk-class-0"].select_option("4")
    seen["#sheet select"].select_option("2")
    for button, name, key, value in (("#walk-png", "walk.png", "classes", [4, 0]), ("#sheet .save", "sheet.png", "label", 2)):
        downloaded(seen, button).save_as(tmp_path / name)
        assert read_settings(tmp_path / name)[key] == value


def test_while_a_run_goes_on_the_sheet_shows_every_class(visit):
    seen = visit(CONDITIONAL)
    train(seen)
    expect(seen["#sheet .rows span"]).to_have_count(10)
    expect(seen["#sheet select"]).to_be_disabled()
    press(seen, "stop")
    expect(seen["#sheet select"]).to_be_enabled()


def test_a_model_without_classes_offers_none(visit):
    seen = visit(SMALL)
    press(seen, "step")
    says(seen, "^Step 1")
    for name in ("#walk-class-0", "#walk-class-1", "#sheet select", "#sheet .rows"):
        expect(seen[name]).to_be_hidden()
