"""The panel "Walk" of the tab "Latent space", as a person sees and uses it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect
from screens import Visit, colours, downloaded, overflow, picture, press, says

STYLED = "?architecture=stylegan2&dataset=digits&data.resolution=16&generator.width=2&discriminator.width=2&recipe.batch_size=4"


def note(seen: Visit, name: str) -> str:
    """Return what the panel notes about the walk that it shows."""
    return seen["#route [data-painted]"].first.get_attribute(f"data-{name}")


def painted(seen: Visit, more_than: int = 0) -> int:
    """Wait until a walk has been drawn again."""
    script = "least => Number(document.querySelector('#route [data-frames]')?.dataset.painted ?? 0) > least"
    seen.page.wait_for_function(script, arg=more_than)
    return int(note(seen, "painted"))


def changed(seen: Visit, act) -> None:
    """Do what asks for another walk, and wait for it."""
    before = int(note(seen, "painted"))
    act()
    painted(seen, before)


def opened(seen: Visit) -> Visit:
    seen.page.get_by_role("tab", name="Latent space").click()
    painted(seen)
    return seen


@pytest.fixture
def seen(shared_visit) -> Visit:
    return opened(shared_visit)


def test_the_walk_goes_through_the_points_with_its_change_under_the_strip(seen):
    assert (note(seen, "frames"), json.loads(note(seen, "marks"))) == ("64", [0, 32, 63])
    assert len(json.loads(note(seen, "change"))) == 63
    for canvas in (".now canvas", ".film", ".curve"):
        assert colours(seen, f"#route {canvas}") > 4
    film, curve = (seen[f"#route {canvas}"].bounding_box() for canvas in (".film", ".curve"))
    assert (film["x"], film["width"]) == (curve["x"], curve["width"])
    expect(seen["#route .title"]).to_contain_text("grey levels of 255")
    assert "{" not in seen["#route"].inner_text()


def test_the_slider_draws_from_what_the_browser_holds(seen):
    before, times = picture(seen, "#route .now canvas"), []
    for frame in (5, 40, 63, 20, 32):
        seen["#route-scrub"].fill(str(frame))
        times.append(float(note(seen, "took")))
    assert note(seen, "frame") == "32" and picture(seen, "#route .now canvas") != before
    expect(seen["#route .where"]).to_have_text("Frame 33 of 64 · point 2")
    assert np.median(times) <= 15


def test_a_press_on_the_strip_goes_there_and_the_curve_is_read_by_pointing(seen):
    box = seen["#route .film"].bounding_box()
    seen["#route .film"].click(position={"x": box["width"] - 4, "y": 30})
    assert note(seen, "frame") == "63"
    seen["#route .curve"].hover(position={"x": box["width"] / 2, "y": 60})
    change = json.loads(note(seen, "change"))
    expect(seen["#route .reading"]).to_have_text(re.compile(r"^From frame 3\d to 3\d it changes by \d+(\.\d+)?\.$"))
    shown = int(re.search(r"frame (\d+)", seen["#route .reading"].inner_text())[1])
    assert float(re.search(r"by (.+)\.", seen["#route .reading"].inner_text())[1]) == pytest.approx(change[shown - 1], abs=0.06)


def test_at_an_even_speed_the_curve_is_flat_and_says_in_what_measure(seen):
    plain = float(note(seen, "unevenness"))
    for speed, words in (("features", "features that a classifier"), ("pixels", "grey levels"), ("plain", "grey levels")):
        changed(seen, lambda speed=speed: seen["#route-speed"].select_option(speed))
        expect(seen["#route .title"]).to_contain_text(words)
        assert speed == "plain" or float(note(seen, "unevenness")) < plain / 3


def test_at_random_it_wanders_by_seed_and_the_dice_take_another(seen):
    changed(seen, seen["#route-random"].check)
    assert note(seen, "marks") == "[]"
    first = note(seen, "change")
    changed(seen, seen["#route-dice"].click)
    assert note(seen, "change") != first
    changed(seen, lambda: (seen["#route-seed"].fill("1"), seen["#route-seed"].press("Tab")))
    assert note(seen, "change") == first
    seen["#route-seed"].fill("1.5")
    seen["#route-seed"].press("Tab")
    expect(seen["#route .notice"]).to_contain_text("whole number")
    changed(seen, seen["#route-random"].uncheck)


def test_a_place_that_is_kept_joins_the_points_but_not_the_walk(seen):
    seen["#route-scrub"].fill("16")
    count = seen["#tray .point"].count()
    seen["#route-keep"].click()
    expect(seen["#tray .point"]).to_have_count(count + 1)
    expect(seen["#tray .point"].last).to_contain_text("walk 25%")
    assert json.loads(note(seen, "marks")) == [0, 32, 63]


def test_it_plays_and_pauses(seen):
    before = note(seen, "frame")
    seen["#route-play"].click()
    script = "before => document.querySelector('#route [data-frames]').dataset.frame !== before"
    seen.page.wait_for_function(script, arg=before)
    seen["#route-play"].click()
    expect(seen["#route-play"]).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("kind", ["strip", "npy"])
def test_it_can_be_downloaded(seen, kind):
    file = downloaded(seen, f"#route-{kind}")
    assert file.suggested_filename.endswith("-walk-strip.png" if kind == "strip" else "-walk.npy")
    if kind == "npy":
        assert np.load(file.path()).shape == (64, seen.session.experiment.generator.latent_dim)


def test_what_is_chosen_is_announced_and_taken_over(seen):
    announced = {"speed": "pixels", "method": "lerp", "frames": 24, "loop": True, "at": 0.5}
    script = (
        "given => { bus = window.playgroundBus; bus.views = { walk: given }; bus.dispatchEvent(new CustomEvent('views')); }"
    )
    changed(seen, lambda: seen.page.evaluate(script, announced))
    assert (note(seen, "frames"), json.loads(note(seen, "marks"))[0], note(seen, "frame")) == ("24", 0, "12")
    expect(seen["#route-loop"]).to_be_checked()
    changed(seen, seen["#route-loop"].uncheck)
    seen.page.wait_for_function(
        "window.playgroundBus.views.walk.loop === false && window.playgroundBus.views.walk.frames === 24"
    )
    changed(seen, lambda: seen.page.evaluate(script, {"frames": 64, "speed": "nonsense", "seed": -1, "at": 0, "space": None}))
    expect(seen["#route-speed"]).to_have_value("pixels")


def test_with_styles_it_walks_in_w_and_mixes_and_without_a_model_it_says_what_to_do(visit):
    seen = visit(STYLED)
    seen.page.get_by_role("tab", name="Latent space").click()
    expect(seen["#route .empty"]).to_contain_text("train one on the first tab")
    seen.page.get_by_role("tab", name="Playground").click()
    press(seen, "step")
    says(seen, "^Step 1:")
    opened(seen)
    changed(seen, lambda: seen["#route-space"].select_option("w"))
    assert note(seen, "space") == "w"
    expect(seen["#route-method"]).to_be_disabled()
    seen["#route .more summary"].click()
    expect(seen["#route .table[data-painted]"]).to_be_visible()
    before = picture(seen, "#route .table")
    seen["#route .size input"].fill("0")
    expect(seen["#route .size output"]).to_have_text("none: all from the column")
    seen.page.wait_for_function("before => document.querySelector('#route .table').toDataURL() !== before", arg=before)


def test_on_a_phone_and_in_the_dark_it_holds(visit):
    seen = opened(visit("?__theme=dark", width=390, height=844))
    assert overflow(seen) <= 0
    for node in seen["#route button:visible, #route select:visible, #route input:visible:not([type=checkbox])"].all():
        box = node.bounding_box()
        assert box["height"] >= 32 and box["x"] >= 0 and box["x"] + box["width"] <= 390
