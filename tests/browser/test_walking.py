"""The walk through latent space: at one's fingertips, in the browser, and to take home."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from playwright.sync_api import expect
from screens import SMALL, Visit, downloaded, number, picture, press, says, scrub, trained, wait_for_number

from playground.exporting.pictures import read_settings

NOW = "#walk .now canvas"
ENDS = ("#walk [data-end='0'] canvas", "#walk [data-end='1'] canvas")
LAST = 47
TO_THE_SERVER = re.compile("component_server")


def at_the_start(visit) -> Visit:
    """Visit the start of the usual walk, with a model: untrained networks are one, and the quickest."""
    seen = visit(SMALL)
    press(seen, "step")
    says(seen, "^Step")
    press(seen, "reset")
    says(seen, "^Back at the start")
    wait_for_number(seen, "walk", "frames", LAST + 1)
    return seen


@pytest.fixture(scope="module")
def usual(module_visit) -> tuple[Visit, list[str]]:
    """A visit that several tests share, and the pictures of both ends of its walk."""
    seen = at_the_start(module_visit)
    return seen, [picture(seen, end) for end in ENDS]


@pytest.fixture
def walker(usual) -> Visit:
    """A visitor at the start of the usual walk."""
    seen, pictures = usual
    seen.page.bring_to_front()
    scrub(seen, 0)
    for n, end in enumerate(ENDS):
        seen[f"#walk-seed-{n}"].fill(str(n + 1))
        seen[f"#walk-seed-{n}"].press("Enter")
        same(seen, end, pictures[n])
    return seen


def differs(seen: Visit, selector: str, before: str) -> None:
    """Wait until a canvas shows something else."""
    script = "([selector, before]) => document.querySelector(selector).toDataURL() !== before"
    seen.page.wait_for_function(script, arg=[selector, before])


def same(seen: Visit, selector: str, picture: str) -> None:
    """Wait until a canvas shows a picture."""
    script = "([selector, picture]) => document.querySelector(selector).toDataURL() === picture"
    seen.page.wait_for_function(script, arg=[selector, picture])


def test_the_slider_changes_the_picture_without_waiting_for_the_server(walker):
    held = []
    walker.page.route(TO_THE_SERVER, lambda request: held.append(request))
    with walker.page.expect_request(TO_THE_SERVER):  # the ladder asks, and waits from now on
        scrub(walker, 1000)
    painted, before = number(walker, "ladder", "painted"), picture(walker, NOW)
    for position, frame in ((500, 24), (250, 12)):
        scrub(walker, position)
        assert number(walker, "walk", "frame") == frame
    assert picture(walker, NOW) != before
    assert number(walker, "ladder", "painted") == painted and len(held) == 1
    held[0].continue_()
    walker.page.unroute(TO_THE_SERVER)
    wait_for_number(walker, "ladder", "painted", painted + 2)  # that request, and the latest; those between are dropped


def test_the_ladder_shows_what_the_slider_points_at(walker):
    scrub(walker, 1000)
    differs(walker, "#ladder .stage[data-key='generator.image'] canvas", "")
    walker.page.wait_for_function(
        """() => {
            const [ladder, walk] = ['#ladder [data-key="generator.image"] canvas', '#walk .now canvas'].map((name) => {
                const canvas = document.querySelector(name);
                return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
            });
            // the ladder stretches its grey scale: compare which pixels are brighter than the mean
            const mean = (list) => list.reduce((sum, v) => sum + v, 0) / list.length;
            const [a, b] = [ladder, walk].map((list) => list.filter((_, n) => n % 4 === 0));
            const same = a.filter((v, n) => v > mean(a) === b[n] > mean(b)).length;
            return a.length === b.length && same > 0.9 * a.length;
        }"""
    )


def test_a_click_on_the_film_goes_there(walker):
    box = walker["#walk .film"].bounding_box()
    walker.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    assert wait_for_number(walker, "walk", "frame", 34) <= 37


def test_play_goes_to_the_end_and_back_until_it_is_paused(walker):
    scrub(walker, 900)
    walker["#walk-play"].click()
    expect(walker["#walk-play"]).to_have_attribute("aria-pressed", "true")
    wait_for_number(walker, "walk", "frame", LAST)
    walker.page.wait_for_function("() => Number(document.querySelector('#walk [data-frame]').dataset.frame) < 40")
    walker["#walk-play"].click()
    expect(walker["#walk-play"]).to_have_attribute("aria-pressed", "false")
    stopped = number(walker, "walk", "frame")
    walker.page.wait_for_timeout(120)  # three of its ticks
    assert number(walker, "walk", "frame") == stopped


@pytest.mark.parametrize("end", [0, 1])
def test_another_random_end_point_changes_its_picture_and_not_the_other(walker, end):
    pictures = [picture(walker, one) for one in ENDS]
    seed = walker[f"#walk-seed-{end}"].input_value()
    walker[f"#walk-shuffle-{end}"].click()
    differs(walker, ENDS[end], pictures[end])
    assert walker[f"#walk-seed-{end}"].input_value() != seed
    assert picture(walker, ENDS[1 - end]) == pictures[1 - end]


def test_a_typed_seed_leads_to_its_picture(walker):
    walker["#walk-seed-1"].fill(walker["#walk-seed-0"].input_value())
    walker["#walk-seed-1"].press("Enter")
    same(walker, ENDS[1], picture(walker, ENDS[0]))


@pytest.mark.parametrize("seed", ["-1", "99999999999", "1.5", ""])
def test_a_seed_that_is_none_is_answered_with_a_sentence(walker, seed):
    walker.page.evaluate("playgroundBus.dispatchEvent(new CustomEvent('notice', { detail: 'Not asked yet' }))")
    before = walker["#walk-seed-1"].input_value()
    walker["#walk-seed-1"].fill(seed)
    walker["#walk-seed-1"].press("Enter")
    says(walker, "^A seed is a whole number")
    assert walker["#walk-seed-1"].input_value() == before


def test_another_path_leads_through_other_pictures_between_the_same_ends(walker):
    scrub(walker, 500)
    middle, first = picture(walker, NOW), picture(walker, ENDS[0])
    walker["#walk-method"].select_option("lerp")
    differs(walker, NOW, middle)
    assert picture(walker, ENDS[0]) == first
    walker["#walk-method"].select_option("slerp")
    same(walker, NOW, middle)


@pytest.mark.parametrize(("button", "kind"), [("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP")])
def test_the_walk_can_be_taken_home(walker, tmp_path, button, kind):
    file = downloaded(walker, f"#walk-{button}")
    file.save_as(tmp_path / file.suggested_filename)
    with Image.open(tmp_path / file.suggested_filename) as image:
        image.load()
        assert image.format == kind and getattr(image, "n_frames", 1) == (1 if kind == "PNG" else 2 * LAST)


def test_the_sheet_can_be_taken_home_with_its_settings(visit, tmp_path):
    walker = visit(SMALL)
    trained(walker)
    file = downloaded(walker, "#sheet .save")
    assert file.suggested_filename == "mlp-digits-step2-samples.png"
    file.save_as(tmp_path / "sheet.png")
    settings = read_settings(tmp_path / "sheet.png")
    assert settings["experiment"] == walker.session.experiment.settings() and settings["step"] == 2


def test_networks_without_a_model_cannot_be_walked(visit):
    seen = visit(SMALL)
    says(seen, "^Untrained")
    for name in ("#walk-scrub", "#walk-play", "#walk-png", "#walk-method", "#walk-seed-0"):
        expect(seen[name]).to_be_disabled()
