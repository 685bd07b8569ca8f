"""The panel "Map": it says how far it is, shows what was made, can be stopped, and answers whatever is asked."""

from __future__ import annotations

import base64
import io
import json
import threading

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_looking_around import GARBAGE, error_of, json_values, tiles
from visitors import conditional, is_sentence, visitor

from playground.inspection.wants import logits
from playground.model import Model
from playground.samples import to_unit
from playground.ui.handlers import map as mapping
from playground.ui.handlers.screen import STORE, opening
from playground.ui.handlers.wants import real_samples
from playground.ui.views.map import MOST_BYTES, thumbnails

QUICK = {"method": "pca", "count": 250, "seed": 2}


def drawn(session, request=QUICK) -> list[dict]:
    """Return what the panel is given, answer by answer."""
    return [values["map"] for values in mapping.draw(session.id, request)]


@pytest.fixture(scope="module")
def session():
    return visitor(model=True)


@pytest.fixture(scope="module")
def answer(session):
    return drawn(session)[-1]


def test_a_map_is_told_in_json_and_its_pictures_are_those_of_its_dots(session, answer):
    json.dumps(answer, allow_nan=False)
    assert answer["num_real"] == 250 and len(answer["places"]) == len(answer["classes"]) == len(answer["scores"]) == 500
    pictures, samples = tiles(answer["sprite"]), real_samples(session, session.model, 2000)
    for dot in (0, 100, 249):
        np.testing.assert_array_equal(pictures[dot], samples.values[answer["indices"][dot]][0].numpy())
    made = session.model.sample(1, answer["seeds"][7])[0, ..., 0]
    np.testing.assert_allclose(pictures[257].astype(int), made.astype(int), atol=1)


def test_every_dot_has_the_score_that_d_gives_it(session, answer):
    pictures = torch.from_numpy(tiles(answer["sprite"])[:, None])
    np.testing.assert_allclose(answer["scores"], logits(session.model, to_unit(pictures)), rtol=1e-3, atol=1e-4)


def test_it_says_how_far_it_is_before_it_shows_the_map(session):
    *before, last = drawn(session)
    assert before and all(0 <= value["working"]["share"] <= 1 for value in before) and "sprite" in last
    assert last["step"] == 0 and last["covered"] < 0.5 < last["floor"] and last["num_holes"] > 0


def test_the_holes_of_an_untrained_generator_show_real_pictures(answer):
    assert 0 < len(answer["holes"]) <= 6
    for hole in answer["holes"]:
        assert all(row < answer["num_real"] for row in hole["rows"]) and hole["missing"] <= hole["size"]


def test_stopping_ends_it_with_no_map_and_no_thread_left(session):
    run = mapping.draw(session.id, QUICK | {"method": "tsne", "count": 1000})
    assert "working" in next(run)["map"]
    mapping.halt(session.id)
    (last,) = [values["map"] for values in run]
    assert last["stopped"] and "sprite" not in last
    for thread in [thread for thread in threading.enumerate() if thread.name.startswith("map")]:
        thread.join(30)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("map")] and not session.tasks


def test_a_closed_tab_ends_it(session):
    run = mapping.draw(session.id, QUICK)
    next(run)
    run.close()
    assert not session.tasks


def test_points_lie_where_their_own_dots_do(session):
    found = drawn(session)[-1]
    points = [{"seed": found["seeds"][n]} for n in (0, 5)]
    places = mapping.place({"model": session.id, "points": points})["places"]
    np.testing.assert_allclose(places, [found["places"][250 + n] for n in (0, 5)], atol=0.02)


def test_there_are_no_places_on_no_map():
    assert mapping.place({"model": visitor(model=True).id, "points": [{"seed": 1}]}) == {"places": []}


def test_a_conditional_model_makes_points_with_classes():
    found = drawn(conditional())[-1]
    assert found["labels"][:12] == [*range(10), 0, 1] and found["names"] == [str(n) for n in range(10)]


def test_without_the_data_the_map_is_of_made_ones_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    _, model, _ = opening()  # it learnt from MNIST
    found = drawn(STORE.open(model.experiment, model))[-1]
    assert is_sentence(found["note"]) and "MNIST" in found["note"]
    assert found["num_real"] == 0 and len(found["places"]) == 250 and found["covered"] is None and found["holes"] == []


def test_without_a_model_a_sentence_says_to_train_one():
    assert is_sentence(drawn(visitor())[-1]["error"])


def test_a_session_that_is_gone_is_told_to_reload():
    (answer,) = [values["map"] for values in mapping.draw("nobody", QUICK)]
    assert "Reload the page" in answer["error"]


@pytest.mark.parametrize("name", ["method", "count", "seed", "truncation"])
def test_garbage_in_a_request_is_answered_with_a_sentence(session, name):
    for value in GARBAGE:
        if (name, value) in (("truncation", 1.0), ("seed", 1)):
            continue
        run = mapping.draw(session.id, QUICK | {name: value})
        first = next(run)["map"]
        run.close()
        assert "working" in first or (set(first) == {"error"} and name in first["error"]), value


@given(request=json_values)
def test_a_request_of_any_form_never_raises(request):
    (answer,) = list(mapping.draw("nobody", request))
    assert 8 < len(answer["map"]["error"]) < 400
    assert "Reload the page" in error_of(mapping.place(request))


@given(points=json_values, truncation=st.none() | json_values)
def test_places_of_any_points_are_answered(session, points, truncation):
    answer = mapping.place({"model": session.id, "points": points, "truncation": truncation})
    assert "places" in answer or error_of(answer)


def test_weights_that_are_not_finite_are_shown_without_numbers_that_json_lacks():
    session = visitor(model=True)
    for network in (session.model.generator, session.model.discriminator):
        for parameter in network.parameters():
            parameter.data.fill_(float("nan"))
    json.dumps(drawn(session)[-1], allow_nan=False)


def test_nothing_in_the_model_changes(session):
    before = {key: value.clone() for key, value in session.model.generator.state_dict().items()}
    drawn(session)
    torch.testing.assert_close(dict(session.model.generator.state_dict()), before, rtol=0, atol=0)


@pytest.mark.parametrize("shape", [(32, 32, 1), (64, 64, 1), (32, 32, 3), (64, 64, 3)], ids=str)
def test_thumbnails_of_2000_noisy_pictures_stay_small(shape):
    source = np.random.default_rng(0)
    smooth = source.integers(60, 200, (2000, 1, 1, shape[2])) + source.integers(-20, 20, (2000, *shape))
    sprite = thumbnails(smooth.astype(np.uint8))
    data = base64.b64decode(sprite["src"].partition(",")[2])
    assert len(sprite["src"]) < 2.6 * MOST_BYTES and (sprite["width"], sprite["height"]) == (
        32,
        32,
    )  # noise is the worst there is
    assert Image.open(io.BytesIO(data)).size == (45 * 32, 45 * 32)


def test_own_pictures_that_are_too_few_are_left_out():
    session = visitor(dataset="images")
    session.model = Model.untrained(session.experiment)
    found = drawn(session)[-1]
    assert found["num_real"] == 0 and is_sentence(found["note"])
    assert STORE.get(session.id) is session
