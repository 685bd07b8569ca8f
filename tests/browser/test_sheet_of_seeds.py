"""The panel "Samples": a sheet without end that sorts, picks, stars and averages; and how smooth the space is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from screens import CONDITIONAL, SMALL, Visit, choose, colours, overflow, press, says, train, trained, tray_as_it_was, unfold
from screens import wait_for_number as wait_for

SHEET = "#seeds .view canvas"


def open_panel(seen: Visit) -> None:
    seen.page.get_by_role("tab", name="Latent space", exact=True).click()
    seen.page.get_by_role("tab", name="Samples", exact=True).click()
    all_drawn(seen)


def all_drawn(seen: Visit) -> dict[str, str]:
    """Wait until every picture in view is drawn; return what the sheet notes about itself."""
    script = """async () => {
        await new Promise(requestAnimationFrame); // what was asked for last is laid out in the next frame
        const notes = document.querySelector('#seeds [data-painted]')?.dataset;
        return notes && notes.drawn > 0 && notes.drawn === notes.wanted; }"""
    seen.page.wait_for_function(script)
    return notes(seen)


def notes(seen: Visit) -> dict[str, str]:
    return seen["#seeds [data-painted]"].evaluate("e => ({ ...e.dataset })")


def tap(seen: Visit, place: int, **how) -> None:
    found = notes(seen)
    width = seen[SHEET].evaluate("canvas => canvas.clientWidth")
    cell = width / int(found["columns"])
    row, column = divmod(place, int(found["columns"]))
    seen[SHEET].click(position={"x": (column + 0.5) * cell, "y": (row + 0.5) * cell}, **how)


def tray(seen: Visit) -> list[str]:
    return seen["#tray .point .name"].all_inner_texts()


def sort(seen: Visit, by: str) -> None:
    seen["#seeds select.by"].select_option(by)
    expect(seen[f"#seeds [data-sorted='{by}']"]).to_have_count(1)
    all_drawn(seen)


def sheet_of_digits(visit) -> Visit:
    opened = visit()
    unfold(opened, "files")
    choose(opened, "shipped", "dcgan-digits")
    says(opened, "^Opened dcgan-digits")
    open_panel(opened)
    return opened


@pytest.fixture(scope="module")
def opened(module_visit) -> Visit:
    opened = sheet_of_digits(module_visit)
    tray_as_it_was(opened)
    return opened


@pytest.fixture
def seen(opened) -> Visit:
    """A visitor at the top of the sheet of a shipped model, with nothing selected, which several tests share."""
    opened.page.bring_to_front()
    tray_as_it_was(opened)
    if opened["#seeds .select"].get_attribute("aria-pressed") == "true":
        opened["#seeds .select"].click()
    opened["#seeds select.by"].select_option("seed")
    all_drawn(opened)
    return opened


def test_the_sheet_goes_on_and_on_and_draws_what_is_in_view(visit):
    seen = sheet_of_digits(visit)
    found = notes(seen)
    assert found["total"] == "1000000" and found["first"] == "0" and colours(seen, SHEET) > 30
    assert 52 <= int(found["tile"]) <= 62
    seen["#seeds .view"].evaluate("view => { view.scrollTop = view.scrollHeight / 2; }")
    seen.page.wait_for_function("() => Number(document.querySelector('#seeds [data-painted]').dataset.first) > 400000")
    all_drawn(seen)
    seen["#seeds .goto"].fill("1999999999")
    seen["#seeds .goto"].press("Enter")
    expect(seen["#seeds .facts b"]).to_have_text("Seed 1999999999")
    assert 1999999999 - int(all_drawn(seen)["columns"]) < int(notes(seen)["first"]) <= 1999999999


def test_a_tap_shows_a_sample_large_with_its_score_and_stars_it(seen):
    tap(seen, 7)
    expect(seen["#seeds .facts b"]).to_have_text("Seed 7")
    expect(seen["#seeds .facts span"]).to_have_text(re.compile(r"^D's score −?\d"))
    assert colours(seen, "#seeds .large") > 4
    seen["#seeds .star"].click()
    assert tray(seen)[-1] == "#7"
    expect(seen["#seeds .star"]).to_have_attribute("aria-pressed", "true")
    seen["#seeds .star"].click()
    assert "#7" not in tray(seen)


def test_sorted_by_score_the_highest_come_first_and_the_order_turns(seen):
    sort(seen, "score")
    expect(seen["#seeds .news span"]).to_have_text(re.compile(r"^1,000 seeds, from .* to .*\. Measured: D's logit\.$"))
    best = int(notes(seen)["first"])
    assert notes(seen)["total"] == "1000"
    seen["#seeds .way"].click()
    worst = int(all_drawn(seen)["first"])

    def score_of(seed: int) -> float:
        from playground.latent import rank

        return float(rank(seen.session.shown, [seed]).values[0])

    assert score_of(best) > score_of(worst) + 0.5
    seen["#seeds .way"].click()


def test_similar_to_this_puts_the_picked_one_first(seen):
    tap(seen, 11)
    seen["#seeds .similar"].click()
    expect(seen["#seeds [data-sorted='similarity']"]).to_have_count(1)
    assert all_drawn(seen)["first"] == "11"


def test_several_samples_are_starred_or_averaged(seen):
    seen["#seeds .select"].click()
    for place in (4, 5):
        tap(seen, place)
    tap(seen, 8, modifiers=["Shift"])
    expect(seen["#seeds .count"]).to_contain_text("5 selected")
    seen["#seeds .average"].click()
    expect(seen["#tray .point .name"].last).to_have_text("mean of 5")
    seen["#seeds .star-all"].click()
    assert tray(seen)[-5:] == ["#4", "#5", "#6", "#7", "#8"]
    point = seen.page.evaluate("playgroundBus.tray.points.find(({ name }) => name === 'mean of 5').point")
    assert [weight for weight, _ in point["sum"]] == [0.2] * 5


def test_keys_move_pick_and_star(seen):
    seen["#seeds .view"].focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter", "s"):
        seen["#seeds .view"].press(key)
    seed = 2 + int(notes(seen)["columns"])
    expect(seen["#seeds .facts b"]).to_have_text(f"Seed {seed}")
    expect(seen["#tray .point .name"].last).to_have_text(f"#{seed}")


def test_what_is_looked_at_is_kept_as_a_view_and_taken_over(seen):
    sort(seen, "typicality")
    seen.page.wait_for_function("() => playgroundBus.views?.seeds?.by === 'typicality'")
    kept = seen.page.evaluate("JSON.stringify(playgroundBus.views.seeds)")
    seen["#seeds select.by"].select_option("seed")
    assert all_drawn(seen)["total"] == "1000000"
    script = """kept => {
        playgroundBus.views = { seeds: JSON.parse(kept) };
        playgroundBus.dispatchEvent(new CustomEvent('views')); }"""
    seen.page.evaluate(script, kept)
    expect(seen["#seeds select.by"]).to_have_value("typicality")
    seen.page.wait_for_function("() => document.querySelector('#seeds [data-painted]').dataset.total === '1000'")


def test_smoothness_is_measured_and_kept_in_a_table(seen):
    seen["#smoothness .ask"].click()
    expect(seen["#smoothness .verdict"]).to_have_text(
        re.compile(r"^A walk between two samples is 1\.\d\d ± 0\.\d\d times as long")
    )
    expect(seen["#smoothness tbody td"].first).to_have_text("dcgan · digits")
    assert "{" not in seen["#smoothness"].inner_text()
    expect(seen["#smoothness .ask"]).to_be_enabled()


def test_a_conditional_model_is_filtered_by_class(visit):
    seen = visit(CONDITIONAL)
    trained(seen)
    open_panel(seen)
    seen["#seeds select.class"].select_option("4")
    all_drawn(seen)
    tap(seen, 3)
    expect(seen["#seeds .facts b"]).to_have_text("Seed 3 · 4")
    seen["#seeds .star"].click()
    assert seen.page.evaluate("playgroundBus.tray.points.at(-1).point") == {"seed": 3, "label": 4}


def test_before_any_model_a_sentence_says_to_train_one_and_a_run_is_kept_up_with(visit):
    seen = visit(SMALL)
    for tab in ("Latent space", "Samples"):
        seen.page.get_by_role("tab", name=tab, exact=True).click()
    expect(seen["#seeds .empty"]).to_contain_text("no trained model yet")
    seen.page.get_by_role("tab", name="Playground", exact=True).click()
    train(seen)
    open_panel(seen)
    before = seen[SHEET].evaluate("canvas => canvas.toDataURL()")
    seen.page.wait_for_function("before => document.querySelector('#seeds .view canvas').toDataURL() !== before", arg=before)
    seen.page.get_by_role("tab", name="Playground", exact=True).click()
    press(seen, "stop")
    says(seen, "^Stopped")


def test_on_a_phone_and_in_the_dark_it_holds(visit):
    seen = visit("?__theme=dark", width=390, height=844)
    open_panel(seen)
    assert overflow(seen) <= 0 and int(notes(seen)["tile"]) >= 44
    for control in seen["#seeds button:visible, #seeds select:visible, #smoothness button:visible"].all():
        assert control.bounding_box()["height"] >= 32
    wait_for(seen, "seeds", "painted", 1)
