"""The tab "What D wants": its answers are what D says and wants, and whatever is asked, a sentence at worst."""

from __future__ import annotations

import base64
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_looking_around import GARBAGE, error_of, json_values, tiles
from visitors import conditional, guest, is_sentence, visitor

from playground.experiment import Experiment
from playground.inspection import wants as wanted_by
from playground.model import Model
from playground.ui.handlers import wants
from playground.ui.handlers.screen import STORE, opening, sheet_pictures

ASKS = (wants.tiles, wants.follow, wants.spread)
FIELDS = ("real", "label", "seed", "share")
every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)


@pytest.fixture(scope="module")
def session():
    """A visitor of the module, whose networks are small and untrained."""
    return visitor(model=True)


def maps_of(answer: dict) -> np.ndarray:
    """Decode the gradients as the browser does: int8 (N, H, W)."""
    sprite = answer["sprite"]
    shape = (sprite["count"], sprite["height"], sprite["width"])
    return np.frombuffer(base64.b64decode(answer["maps"]), np.int8).reshape(shape)


@every_ask
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@every_ask
@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    for value in GARBAGE:
        answer = ask({"model": session.id, "share": 0.5, "seed": 1, name: value})
        assert "error" not in answer or error_of(answer), value
        json.dumps(answer, allow_nan=False)


@every_ask
@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_garbage_in_all_parts_is_answered(session, ask, request):
    answer = ask({"model": session.id} | request)
    assert "error" not in answer or error_of(answer)


@pytest.mark.parametrize("share", [True, math.nan, math.inf, -0.1, 1.1, "0.5", None, [0.5]], ids=repr)
def test_a_share_that_is_none_is_refused(session, share):
    assert error_of(wants.follow({"model": session.id, "share": share})).startswith("share must be a number between 0 and 1")


@pytest.mark.parametrize("seed", [True, -1, 2**31, 1.5, "1", None], ids=repr)
def test_a_seed_that_is_none_is_refused(session, seed):
    assert error_of(wants.tiles({"model": session.id, "seed": seed})).startswith("seed must be a whole number")


@every_ask
def test_networks_without_a_model_say_to_train_them(ask):
    assert is_sentence(error_of(ask({"model": visitor().id, "share": 0.5})))


def test_the_fakes_are_those_of_the_sheet_with_what_d_says_and_wants():
    session = guest()
    answer = wants.tiles({"model": session.id})
    pictures = sheet_pictures(session.model)[:24]
    np.testing.assert_array_equal(tiles(answer["sprite"]), pictures[..., 0])
    latents = session.model.latents(36, 0)[:24]
    found = wanted_by(session.model, session.model.generate(latents))
    np.testing.assert_allclose(answer["scores"], found.logits, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(answer["norms"], found.norms, rtol=1e-3)
    np.testing.assert_allclose(maps_of(answer) / 127, found.maps(), atol=0.01)
    assert answer["border"] == 0 and answer["labels"] == answer["classes"] == []


def test_another_seed_shows_other_pictures(session):
    first, again, other = (wants.tiles({"model": session.id, "seed": seed}) for seed in (1, 1, 2))
    assert first == again and first["sprite"] != other["sprite"]


def test_following_the_wish_raises_the_scores_further_and_further():
    session = guest()
    before = wants.tiles({"model": session.id})
    ways = [wants.follow({"model": session.id, "share": share}) for share in (0, 0.1, 0.3)]
    np.testing.assert_allclose(ways[0]["scores"], before["scores"], rtol=1e-3, atol=1e-3)
    assert ways[0]["sprite"] == before["sprite"] and ways[0]["length"] == 0
    assert all(near < far for near, far in zip(ways[0]["scores"], ways[1]["scores"], strict=True))
    assert np.mean(ways[1]["scores"]) < np.mean(ways[2]["scores"])
    assert ways[2]["length"] == pytest.approx(0.3 * 0.25 * 32)


def test_real_pictures_are_those_of_the_data_that_the_model_learnt_from(session):
    answer = wants.tiles({"model": session.id, "real": True})
    known = {image.tobytes() for image in wants.real_samples(session, session.model).values[:, 0].numpy()}
    assert all(tile.tobytes() in known for tile in tiles(answer["sprite"]))
    session.experiment, before = Experiment(), session.experiment  # chosen for the next run: another size
    assert wants.tiles({"model": session.id, "real": True}) == answer
    session.experiment = before


def test_a_conditional_model_names_the_classes_and_shows_the_one_asked_for():
    session = conditional()
    every, three = (wants.tiles({"model": session.id, "label": label}) for label in (None, 3))
    assert every["labels"] == [str(n % 10) for n in range(24)] and three["labels"] == ["3"] * 24
    assert every["sprite"] != three["sprite"] and every["classes"] == [str(n) for n in range(10)]
    real = wants.tiles({"model": session.id, "label": 3, "real": True})
    samples = wants.real_samples(session, session.model)
    of_class = {image.tobytes() for image in samples.values[samples.labels == 3][:, 0].numpy()}
    assert real["labels"] == ["3"] * 24 and all(tile.tobytes() in of_class for tile in tiles(real["sprite"]))


@pytest.mark.parametrize("label", [-1, 10, True, "3"], ids=repr)
def test_a_class_that_is_none_is_refused(label):
    assert error_of(wants.tiles({"model": conditional().id, "label": label})).startswith("label must be")


def test_histograms_count_as_many_real_as_fake_scores(session):
    answer = wants.spread({"model": session.id})
    assert sum(answer["real"]) == sum(answer["fake"]) == 256 and len(answer["edges"]) == len(answer["real"]) + 1
    assert 0 <= answer["separation"] <= 1 and answer["note"] == "" and answer["border"] is None  # it never learnt


def test_without_the_data_only_fakes_are_scored_and_a_sentence_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    _, model, _ = opening()
    session = STORE.open(model.experiment, model)
    answer = wants.spread({"model": session.id})
    assert is_sentence(answer["note"]) and "MNIST" in answer["note"]
    assert sum(answer["real"]) == 0 and sum(answer["fake"]) == 256
    assert answer["separation"] is None and answer["means"][0] is None
    assert "MNIST" in error_of(wants.tiles({"model": session.id, "real": True}))


def test_a_model_of_ones_own_pictures_asks_for_them_once_they_are_gone():
    session = visitor(dataset="images")
    session.model = Model.untrained(session.experiment)
    assert is_sentence(wants.spread({"model": session.id})["note"])


def test_enormous_weights_are_shown_without_numbers_that_json_lacks():
    session = visitor(model=True)
    for parameter in session.model.discriminator.parameters():
        parameter.data.fill_(3e38)
    for ask in ASKS:
        json.dumps(ask({"model": session.id, "share": 1}), allow_nan=False)


def test_nothing_in_the_model_changes(session):
    before = {key: value.clone() for key, value in session.model.discriminator.state_dict().items()}
    for ask in ASKS:
        ask({"model": session.id, "share": 1})
    torch.testing.assert_close(dict(session.model.discriminator.state_dict()), before, rtol=0, atol=0)


def test_large_networks_score_fewer_pictures():
    session = visitor(architecture="sagan", data__resolution=64, generator__width=64, discriminator__width=64)
    small, large = (wants._count(experiment) for experiment in (visitor().experiment, session.experiment))
    assert small == 256 and 48 <= large < 100
