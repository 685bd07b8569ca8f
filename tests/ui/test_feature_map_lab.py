"""The lab "Feature maps": its answers are PyTorch's own numbers, and whatever is asked, a sentence at worst."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import IMAGE_MAKERS
from test_looking_around import GARBAGE, error_of, json_values
from visitors import conditional, visitor

from playground.inspection import Edit, ablate, module_maps, trace_back
from playground.ui.handlers import maps
from playground.ui.handlers.screen import here

ASKS = (maps.look, maps.cause, maps.dead, maps.reach)
FIELDS = ("seed", "label", "edits", "chosen", "sort", "page", "y", "x")
every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)


@pytest.fixture(scope="module")
def session():
    """A visitor of the module, whose networks are small and untrained."""
    return visitor(model=True, architecture="sn-dcgan", generator__width=4, discriminator__width=4)


def planes_of(wall: dict) -> np.ndarray:
    """Decode the numbers as the browser does."""
    return np.frombuffer(base64.b64decode(wall["data"]), "<f4").reshape(wall["size"])


@every_ask
@settings(max_examples=20)
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@every_ask
@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    for value in GARBAGE:
        answer = ask({"model": session.id, "seed": 1, "y": 2, "x": 2, name: value})
        assert "error" not in answer or error_of(answer), value
        json.dumps(answer, allow_nan=False)


@every_ask
@settings(max_examples=20)
@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_garbage_in_all_parts_is_answered(session, ask, request):
    answer = ask({"model": session.id} | request)
    assert "error" not in answer or error_of(answer)


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_module_of_every_architecture_can_be_looked_at(name):
    own = visitor(model=True, architecture=name)
    modules = maps.look({"model": own.id, "seed": 1})["modules"]
    for module in modules[:: max(1, len(modules) // 8)]:
        answer = maps.look({"model": own.id, "seed": 1, "chosen": module["key"], "sort": "similarity"})
        assert answer["wall"]["key"] == module["key"]
        json.dumps(answer, allow_nan=False)
    fields = maps.reach({"model": own.id})["fields"]
    dead = maps.dead({"model": own.id})["dead"]
    assert set(fields) == set(dead) == {".".join(module["key"]) for module in modules}
    assert maps.cause({"model": own.id, "seed": 1, "y": 3, "x": 3})["stages"][0]["stage"] == "z"


def test_the_wall_has_the_very_numbers_in_the_order_that_is_asked_for(session):
    key = ["generator", "up1", "0"]
    answer = maps.look({"model": session.id, "seed": 5, "chosen": key, "sort": "variance"})
    found = next(one for one in module_maps(session.model, session.model.latents(1, 5)[0]) if list(one.key) == key)
    np.testing.assert_array_equal(planes_of(answer["wall"]), found.values[answer["wall"]["order"]])
    assert (np.diff(found.channels[answer["wall"]["order"]].var(1)) <= 1e-6).all()


def test_without_a_seed_it_is_the_place_on_the_walk(session):
    session.walk = session.walk.__class__((3, 4), (0, 0), "slerp", 0.5)
    answer = maps.look({"model": session.id, "chosen": ["generator", "up1", "0"], "sort": "number"})
    found = module_maps(session.model, *here(session.model, session.walk))
    own = next(one for one in found if one.key == ("generator", "up1", "0"))
    np.testing.assert_array_equal(planes_of(answer["wall"]), own.values)


def test_an_edit_changes_the_score_and_keeps_the_channel_in_its_place(session):
    key = ["generator", "up1", "0"]
    asked = {"model": session.id, "seed": 5, "chosen": key}
    before = maps.look(asked)
    channel = before["wall"]["order"][0]
    after = maps.look(asked | {"edits": [[*key, channel, 0]]})
    made = ablate(session.model, session.model.latents(1, 5)[0], [Edit(*key, channel, 0)])
    assert after["scores"] == pytest.approx([made.score_before, made.score_after], rel=1e-6)
    assert before["scores"] == [after["scores"][0]] * 2
    assert after["wall"]["order"] == before["wall"]["order"]
    np.testing.assert_array_equal(planes_of(after["wall"])[0], 0)


def test_a_pixel_s_causes_are_laid_out_as_the_wall_is(session):
    asked = {"model": session.id, "seed": 5, "chosen": ["generator", "up1", "0"]}
    order = maps.look(asked)["wall"]["order"]
    answer = maps.cause(asked | {"y": 4, "x": 9})
    causes = trace_back(session.model, session.model.latents(1, 5)[0], 4, 9)
    own = next(cause for cause in causes if (cause.stage, cause.module) == ("up1", "0"))
    np.testing.assert_array_equal(planes_of(answer["wall"]), own.contributions[order])
    assert answer["pixel"] == pytest.approx(own.pixel, rel=1e-6)
    assert maps.cause(asked | {"chosen": ["discriminator", "down1", "0"], "y": 4, "x": 9})["wall"] is None


def test_many_channels_come_page_by_page():
    own = visitor(model=True, architecture="dcgan", generator__width=160)
    asked = {"model": own.id, "seed": 1, "chosen": ["generator", "project", "1"]}
    pages = [maps.look(asked | {"page": page})["wall"] for page in (0, 1)]
    assert pages[0]["pages"] == 2 and len(pages[0]["order"]) == 256
    assert sorted(pages[0]["order"] + pages[1]["order"]) == list(range(320))
    assert maps.look(asked | {"page": 9})["wall"]["page"] == 1


def test_a_class_is_looked_at():
    own = conditional()
    scores = [maps.look({"model": own.id, "seed": 1, "label": label})["scores"][0] for label in (1, 2)]
    assert scores[0] != scores[1]
    assert "class" in error_of(maps.look({"model": own.id, "seed": 1, "label": 99}))


def test_without_a_model_there_is_a_sentence():
    own = visitor()
    for ask in ASKS:
        assert error_of(ask({"model": own.id}))


def test_broken_weights_are_shown_as_no_numbers(session):
    own = visitor(model=True, architecture="sn-dcgan", generator__width=4, discriminator__width=4)
    for parameter in own.model.generator.parameters():
        torch.nn.init.constant_(parameter, torch.nan)
    answer = maps.look({"model": own.id, "seed": 1})
    json.dumps(answer, allow_nan=False)
    assert answer["scores"] == [None, None] and answer["modules"][-2].get("mean") is None


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_the_ladder_becomes_a_file(session, kind):
    answers = [answer["maps"] for answer in maps.film(session.id, {"kind": kind, "seed": 3})]
    assert answers[-1]["file"]["name"].endswith(f"ladder.{kind}")
    assert all(set(answer) == {"share"} for answer in answers[:-1])


def test_the_film_can_be_stopped(session):
    film = maps.film(session.id, {"kind": "gif"})
    next(film)
    maps.halt(session.id)
    assert list(film)[-1] == {"maps": {"stopped": True}}
    assert "maps" not in session.tasks


def test_a_film_of_no_kind_is_refused_in_a_sentence(session):
    (answer,) = maps.film(session.id, {"kind": "avi"})
    assert "kind must be one of: png, gif, webp, mp4" in answer["maps"]["error"]
