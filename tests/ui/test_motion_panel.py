"""What the panel "Content × motion" asks of the server: films that are right, and sentences for anything else."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_models import model_of
from test_looking_around import GARBAGE, error_of, file_of, json_values, tiles
from visitors import visitor

from playground.exporting import read_settings
from playground.latent import content_motion
from playground.ui.handlers import latent, motion
from playground.ui.handlers.screen import STORE

POINTS = [{"seed": 1}, {"seed": 2}]
ASKS = (motion.sheet, motion.point, motion.file)
FIELDS = ("points", "seeds", "row", "column", "kind", "truncation")
every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)


@pytest.fixture(scope="module")
def session():
    model = model_of("mocogan", **{"generator.width": 4, "discriminator.width": 4})
    return STORE.open(model.experiment, model)


@every_ask
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@every_ask
@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    for value in GARBAGE:
        answer = ask({"model": session.id, "points": POINTS, "row": 0, "column": 0, name: value})
        assert "error" not in answer or error_of(answer), value
        json.dumps(answer, allow_nan=False)


@every_ask
@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_garbage_in_all_parts_is_answered(session, ask, request):
    answer = ask({"model": session.id} | request)
    assert "error" not in answer or error_of(answer)


@pytest.mark.parametrize("seeds", [None, [5, 6, 7]])
def test_the_tiles_are_all_frames_of_all_films_row_by_row(session, seeds):
    answer = motion.sheet({"model": session.id, "points": POINTS, "seeds": seeds})
    contents, motions = (torch.cat([session.model.latents(1, seed) for seed in chosen]) for chosen in ([1, 2], seeds or [1, 2]))
    made = content_motion(session.model, contents, motions)
    assert (answer["rows"], answer["columns"], answer["frames"], answer["rate"]) == (2, len(motions), 8, 8.0)
    np.testing.assert_array_equal(tiles(answer["sprite"]), made.frames.reshape(-1, 16, 16))


def test_a_film_as_a_point_is_the_film(session):
    request = {"model": session.id, "points": POINTS, "row": 1, "column": 0}
    point = motion.point(request)["point"]
    alone = motion.sheet({"model": session.id, "points": [point]})
    among = motion.sheet({"model": session.id, "points": POINTS})
    np.testing.assert_allclose(tiles(alone["sprite"]).astype(int), tiles(among["sprite"])[16:24].astype(int), atol=1)
    assert "misfits" in latent.pictures({"model": session.id, "points": [point]})


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_an_animation_has_every_frame(session, kind):
    animation = file_of(motion.file({"model": session.id, "points": POINTS, "seeds": [3, 4, 5], "kind": kind}))
    assert animation.n_frames == 8 and animation.width > animation.height


def test_a_still_picture_says_what_it_was_made_of(session):
    answer = motion.file({"model": session.id, "points": POINTS, "seeds": [3], "kind": "png"})
    assert answer["name"].endswith("-content-motion.png")
    settings = read_settings(io.BytesIO(base64.b64decode(answer["data"].partition(",")[2])))
    assert (settings["points"], settings["seeds"], settings["kind"]) == (POINTS, [3], "content-motion")


def test_a_generator_of_pictures_does_not_tell_content_from_motion():
    session = visitor(model=True)
    assert motion.sheet({"model": session.id, "points": POINTS}) == {"fits": False}
    assert "does not tell content from motion" in error_of(motion.file({"model": session.id, "points": POINTS}))
