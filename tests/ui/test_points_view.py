"""The plane of points: what the page is given, a step of one network alone, and a drawing of one's own as data."""

import base64
import math

import numpy as np
import pytest
from visitors import answers, is_sentence, refusal, trained, visitor

from playground.experiment import Experiment
from playground.inspection.cloud import LINES, SURFACE, surface
from playground.model import Model
from playground.ui.handlers import files, looking, points, runs, slow
from playground.ui.handlers.screen import STORE, screen
from playground.ui.session import Session
from playground.ui.views.points import PULLED, SHOWN, cloud, packed

SMALL = {"architecture": "points-gan", "dataset": "points", "generator__width": 8, "discriminator__width": 8}


def guest(model: bool = True, **settings) -> Session:
    settings = SMALL | {"data__count": 500} | settings
    experiment = Experiment.from_settings({key.replace("__", "."): value for key, value in settings.items()})
    return STORE.open(experiment, Model.untrained(experiment) if model else None)


def numbers(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_the_plane_is_given_all_that_the_networks_make_of_it():
    session = guest()
    seen = cloud(session)
    sizes = {"real": 2 * SHOWN, "fake": 2 * SHOWN, "pulls": 2 * PULLED, "surface": SURFACE**2, "manifold": 2 * LINES**2}
    assert {name: len(numbers(seen[name])) for name in sizes} == sizes
    np.testing.assert_array_equal(numbers(seen["surface"]).reshape(SURFACE, SURFACE), surface(session.model))
    fake = session.model.generate(session.model.latents(1000, 0))[:SHOWN].numpy()
    np.testing.assert_allclose(numbers(seen["fake"]).reshape(-1, 2), fake, atol=1e-6)
    assert [figure["name"] for figure in seen["figures"]] == ["modes found (of 8)", "near a mode", "kl", "js"]
    assert seen["figures"][0]["real"] == 8


def test_before_there_is_a_model_only_the_data_are_shown():
    seen = cloud(guest(model=False))
    assert seen["shown"] and seen["model"] is None and "surface" not in seen and seen["figures"] == []
    assert len(numbers(seen["real"])) == 2 * SHOWN


def test_images_have_no_plane():
    assert cloud(visitor(model=True)) == {"shown": False}
    assert screen(visitor(), "")["cloud"] == {"shown": False}


def test_broken_weights_give_numbers_that_a_browser_can_read():
    session = guest()
    for parameter in session.model.generator.parameters():
        parameter.data.fill_(math.nan)
    seen = cloud(session)
    assert np.isfinite(numbers(seen["fake"])).all()
    assert [figure["value"] for figure in seen["figures"]] == [None] * 4
    assert np.isfinite(numbers(packed(np.array([math.inf, -math.inf, math.nan])))).all()


def test_one_network_alone_takes_a_step():
    session = guest()
    *_, last = answers(points.turn, session.id, "discriminator")
    assert session.model.step == 0 and session.model.history[-1]["loss_generator"] is None
    assert session.model.history[-1]["loss_discriminator"] > 0 and "alone" in last["status"]["message"]
    before = {name: value.clone() for name, value in session.model.discriminator.state_dict().items()}
    *_, last = answers(points.turn, session.id, "generator")
    assert session.model.step == 1 and last["cloud"]["step"] == 1
    assert session.model.history[-1]["loss_discriminator"] is None
    assert all((before[name] == value).all() for name, value in session.model.discriminator.state_dict().items())


@pytest.mark.parametrize("whose", [None, 3, "both networks", ["generator"], {"turn": "generator"}, "x" * 10_000])
def test_a_turn_that_is_none_is_refused(whose):
    assert "turn" in refusal(points.turn, guest().id, whose)


def test_a_drawing_becomes_the_data_and_its_link_opens_the_same():
    session = guest()
    (answer,) = answers(points.draw, session.id, "AA__.ff")
    assert answer["cloud"]["data"] == ["drawn", "AA__.ff"] and answer["cloud"]["model"] is None
    opened, _ = files.open_page(dict(pair.split("=") for pair in answer["link"].partition("?")[2].split("&")))
    assert opened.experiment == session.experiment and opened.experiment.data.drawn == "AA__.ff"


@pytest.mark.parametrize("drawn", [None, 5, [], {"a": 1}, "", "A", "<script>", "A" * 5000, "AA\x00A", "😀😀"])
def test_what_is_no_drawing_is_refused_and_changes_nothing(drawn):
    session = guest()
    before = session.experiment
    assert is_sentence(refusal(points.draw, session.id, drawn))
    assert session.experiment == before and session.model is not None


def test_only_points_are_drawn():
    assert "Points" in refusal(points.draw, visitor().id, "AA__")


def test_a_hand_written_link_to_points_opens():
    session, values = files.open_page({"dataset": "points", "data.shape": "ring"})
    assert session.experiment.data.shape == "ring" and not values["status"]["bad"]
    assert values["cloud"]["data"][0] == "ring"


def test_going_back_in_time_shows_the_plane_of_that_moment():
    session = trained(guest(), 2)
    assert looking.moment({"model": session.id, "step": 1})["cloud"]["step"] == 1
    assert looking.moment({"model": session.id, "step": None})["cloud"]["step"] == 2


def test_slow_motion_draws_arrows_and_speaks_of_points():
    answer = slow.step({"model": guest().id, "turn": "both"})
    moments = {moment["name"]: moment for moment in answer["substeps"]}
    wish, fakes = (moments[name]["pictures"][key] for name, key in (("gradient_pixels", "wish"), ("generate", "fake")))
    assert (wish["width"], wish["height"]) == (fakes["width"], fakes["height"])
    assert "arrows" in moments["gradient_pixels"]["caption"] and "pixel" not in moments["generate_again"]["caption"]
    assert "brighter" not in answer["legend"]


def test_frames_of_a_run_carry_the_plane():
    session = guest()
    frames = list(runs.train(session.id, 5))
    planes = [frame["cloud"]["step"] for frame in frames if "cloud" in frame]
    *during, last = planes  # the last may be of earlier weights that were better
    assert during == sorted(during) and during[-1] > 0 and last == session.model.shown_step
