"""The panel "Walk": its answers are the walk that was asked for, and whatever is asked, a sentence at worst."""

from __future__ import annotations

import base64
import io
import json
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_looking_around import GARBAGE, error_of, file_of, json_values, tiles
from visitors import conditional, guest, visitor

from playground.experiment import MAX_SEED
from playground.exporting import read_settings
from playground.latent import random_walk, walk
from playground.latent.points import read_point, read_points
from playground.ui.handlers import route
from playground.ui.handlers.screen import STORE

ASKS = (route.keep, route.mix, route.file)
FIELDS = (
    "points", "random", "label", "frames", "method", "space", "loop", "speed", "truncation", "ask", "t", "size", "kind",
)  # fmt: skip
POINTS = [{"seed": 1}, {"seed": 2}, {"seed": 3}]
SHORT = {"points": POINTS[:2], "frames": 4}
every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)


@pytest.fixture(scope="module")
def session():
    """A visitor of the module, whose networks are small and untrained."""
    return visitor(model=True)


@pytest.fixture(scope="module")
def styled():
    """A visitor whose generator has styles."""
    return STORE.get(visitor(model=True, architecture="stylegan2", generator__width=2, discriminator__width=2).id)


def walked(session, **request) -> dict:
    """Ask for a walk, and return the last answer."""
    *_, answer = route.walk(session.id, {"ask": 3} | request)
    assert answer["route"]["ask"] == 3
    return answer["route"]


def refusal(session, **request) -> str:
    answer = walked(session, **request)
    return error_of({"error": answer.pop("error")}) if list(answer) == ["ask", "error"] else pytest.fail(str(answer))


@every_ask
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@given(request=json_values)
def test_a_walk_of_any_form_is_answered_with_a_sentence(session, request):
    *_, answer = route.walk(session.id, request)
    assert error_of({"error": answer["route"]["error"]})


@every_ask
@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    for value in GARBAGE:
        answer = ask({"model": session.id} | SHORT | {name: value})
        assert "error" not in answer or error_of(answer), value
        json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_walk_is_answered(session, name):
    for value in GARBAGE:
        *_, answer = route.walk(session.id, SHORT | {name: value})
        assert "sprite" in answer["route"] or error_of({"error": answer["route"]["error"]}), value
        json.dumps(answer, allow_nan=False)


@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_garbage_in_all_parts_is_answered(session, request):
    *_, answer = route.walk(session.id, request)
    assert "sprite" in answer["route"] or error_of({"error": answer["route"]["error"]})


def test_the_pictures_and_numbers_are_those_of_the_walk():
    session = guest()
    answer = walked(session, points=POINTS, frames=24, speed="pixels", loop=True, truncation=0.9)
    points = read_points(POINTS, session.model)
    expected = walk(session.model, points, frames=24, speed="pixels", loop=True, truncation=0.9)
    assert np.abs(tiles(answer["sprite"]).astype(int) - expected.images[..., 0]).max() <= 1
    np.testing.assert_allclose(answer["change"], expected.change, atol=1e-3)
    assert answer["measure"] == "pixels" and answer["marks"][0] == 0 and len(answer["marks"]) == 3
    assert answer["positions"][-1] < 1 and answer["unevenness"] < 0.1


def test_sixty_four_frames_and_their_sprite_take_less_than_150_milliseconds():
    session, times = guest(), []
    for _ in range(5):
        start = time.perf_counter()
        assert walked(session, points=POINTS)["sprite"]["count"] == 64
        times.append(time.perf_counter() - start)
    assert min(times) < 0.15


def test_at_random_it_is_the_random_walk_of_the_seed_in_the_class_asked_for():
    session = conditional()
    answer = walked(session, random=7, label=3, frames=5)
    expected = random_walk(session.model, 7, frames=5, label=3)
    assert np.abs(tiles(answer["sprite"]).astype(int) - expected.images[..., 0]).max() <= 1
    assert answer["marks"] == [] and answer["loop"]


def test_a_walk_works_on_a_copy_and_says_how_far_it_is(session, monkeypatch):
    monkeypatch.setattr(route, "PAUSE", 0.0)
    answers = route.walk(session.id, {"ask": 1, "points": POINTS, "frames": 64, "speed": "pixels"})
    first = next(answers)["route"]
    assert first["share"] == 0
    free = threading.Event()

    def look() -> None:
        with session.lock:
            free.set()

    threading.Thread(target=look).start()
    assert free.wait(5)
    shares = [answer["route"].get("share") for answer in answers]
    assert shares[-1] is None and shares[:-1] == sorted(shares[:-1])


def test_a_walk_that_is_stopped_or_asked_for_again_ends(session, monkeypatch):
    monkeypatch.setattr(route, "PAUSE", 0.0)
    asked = {"ask": 1, "points": POINTS, "frames": 64}
    answers = route.walk(session.id, asked)
    next(answers)
    route.stop(session.id)
    assert list(answers) == [{"route": {"ask": 1, "stopped": True}}]
    before = route.walk(session.id, asked)
    next(before)
    again = route.walk(session.id, asked | {"ask": 2})
    next(again)
    assert list(before)[-1]["route"]["stopped"] and "sprite" in list(again)[-1]["route"]
    assert not session.tasks


def test_a_place_that_is_kept_is_the_point_there_before_truncation(session):
    answer = route.keep({"model": session.id, "points": POINTS, "t": 0.25, "truncation": 0.5, "frames": 24})
    expected = walk(session.model, read_points(POINTS, session.model), frames=5).codes[1]
    assert torch.equal(read_point(answer["point"], session.model).code, expected)


def test_a_place_between_classes_is_kept_with_its_mixture():
    session = conditional()
    points = [{"seed": 1, "label": 3}, {"seed": 2, "label": 8}]
    label = route.keep({"model": session.id, "points": points, "t": 0.5})["point"]["label"]
    assert label[3] == label[8] == 0.5


def test_with_styles_it_goes_through_w_and_mixes_them(styled):
    answer = walked(styled, points=POINTS, frames=4, space="w")
    assert answer["space"] == "w" and answer["styles"] and answer["sizes"] == [4, 8, 16]
    sprite = route.mix({"model": styled.id, "points": POINTS, "size": 2})["sprite"]
    assert (sprite["count"], sprite["columns"]) == (16, 4)


def test_a_model_without_styles_has_no_w_to_ask_for(session):
    assert walked(session, **SHORT, space="w")["space"] == "z"
    assert "no styles" in error_of(route.mix({"model": session.id, "points": POINTS, "size": 1}))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"points": POINTS[:1]}, "2 to 64 way points, not 1"),
        ({"points": POINTS * 2, "frames": 4}, "2 to 4 way points, not 6"),
        ({"points": POINTS, "frames": 129}, "from 2 to 128, not 129"),
        ({"random": MAX_SEED + 1}, "a seed must be"),
        ({"points": POINTS, "speed": "fast"}, "plain, pixels, features"),
    ],
)
def test_what_is_no_walk_is_refused_by_name(session, request_, words):
    assert words in refusal(session, **request_)


@pytest.mark.parametrize("kind", ["strip", "sheet"])
def test_pictures_carry_what_made_them(session, kind):
    answer = route.file({"model": session.id, "points": POINTS, "frames": 24, "speed": "pixels", "kind": kind})
    settings = read_settings(io.BytesIO(base64.b64decode(answer["data"].partition(",")[2])))
    assert (settings["points"], settings["speed"], settings["frames"], settings["kind"]) == (POINTS, "pixels", 24, kind)
    assert file_of(answer).size == ((16 * 17 + 1, 2 * 17 + 1) if kind == "sheet" else (2 * (16 * 17 + 1), 2 * 18))
    assert answer["name"].endswith(f"-walk-{kind}.png")


def test_points_of_very_many_numbers_are_only_counted_in_a_picture(session, monkeypatch):
    monkeypatch.setattr(route, "MAX_POINTS_BYTES", 20)
    answer = route.file({"model": session.id, "points": POINTS, "frames": 4, "kind": "sheet"})
    assert read_settings(io.BytesIO(base64.b64decode(answer["data"].partition(",")[2])))["points"] == 3


@pytest.mark.parametrize(("kind", "start"), [("gif", b"GIF89a"), ("webp", b"RIFF"), ("mp4", b"\0\0\0")])
def test_a_walk_can_be_downloaded_as_an_animation(session, kind, start):
    answer = route.file({"model": session.id, "kind": kind} | SHORT)
    assert base64.b64decode(answer["data"].partition(",")[2]).startswith(start) and answer["name"].endswith(f".{kind}")


def test_the_codes_can_be_downloaded(session):
    answer = route.file({"model": session.id, "kind": "npy", "random": 3, "frames": 6})
    codes = np.load(io.BytesIO(base64.b64decode(answer["data"].partition(",")[2])))
    np.testing.assert_array_equal(codes, random_walk(session.model, 3, frames=6).codes.numpy())


def test_without_a_model_a_sentence_says_so():
    assert "trained" in refusal(visitor(), **SHORT)
