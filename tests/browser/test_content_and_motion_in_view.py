"""The panel "Content × motion": films play together, columns can be drawn anew, and every film can be kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from screens import CONVOLUTIONAL, Visit, downloaded, number, open_tab, overflow, trained
from screens import wait_for_number as wait_for

FILMS = "?architecture=mocogan&dataset=bouncing&data.count=100&generator.width=4&discriminator.width=4&recipe.batch_size=4"


def open_panel(seen: Visit) -> None:
    open_tab(seen, "Latent space")
    open_tab(seen, "Content × motion", "latent-tabs")


@pytest.fixture(scope="module")
def shared(context, app_url):
    from screens import open_page

    seen = open_page(context.new_page(), app_url + FILMS)
    trained(seen)
    open_panel(seen)
    wait_for(seen, "motion", "films", 9)
    yield seen
    seen.page.close()
    assert not seen.complaints


def test_all_films_play_together_until_they_are_stopped(shared):
    expect(shared["#motion .film"]).to_have_count(9)
    expect(shared["#motion .film.own"]).to_have_count(3)
    before = number(shared, "motion", "frame")
    shared.page.wait_for_function(
        "before => Number(document.querySelector('#motion [data-frame]').dataset.frame) !== before", arg=before
    )
    shared["#motion-play"].click()
    shared["#motion-scrub"].fill("5")
    expect(shared["#motion .at"]).to_have_text("Frame 6 of 8")
    shared.page.wait_for_timeout(400)
    assert number(shared, "motion", "frame") == 5


def test_the_motions_of_the_columns_can_be_drawn_anew_and_taken_back(shared):
    painted = number(shared, "motion", "painted")
    shared["#motion-new"].click()
    wait_for(shared, "motion", "painted", painted + 1)
    expect(shared["#motion .film.own"]).to_have_count(0)
    expect(shared["#motion-own"]).to_be_visible()
    shared["#motion-own"].click()
    expect(shared["#motion .film.own"]).to_have_count(3)
    expect(shared["#motion-own"]).to_be_hidden()


def test_a_film_that_is_clicked_becomes_a_point(shared):
    before = shared["#tray .point"].count()
    shared["#motion .film"].nth(1).click()
    expect(shared["#tray .point"]).to_have_count(before + 1)
    expect(shared["#tray .point .name"].last).to_have_text("#1 moving as #2")


def test_all_films_can_be_taken_away(shared):
    shared["#motion summary"].click()
    assert downloaded(shared, "#motion button.gif").suggested_filename.endswith("-content-motion.gif")
    shared["#motion summary"].click()


def test_on_a_phone_nothing_is_cut_off(shared):
    shared.page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(shared) <= 0
    boxes = [shared["#motion .film"].nth(place).bounding_box() for place in range(9)]
    assert all(box["width"] >= 32 and box["height"] >= 32 and box["x"] + box["width"] <= 390 for box in boxes)
    shared.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_model_of_pictures_is_told_why_there_is_nothing(visit):
    seen = visit(CONVOLUTIONAL)
    trained(seen)
    open_panel(seen)
    expect(seen["#motion .empty"]).to_contain_text("does not tell content from motion")
