"""The pooling bench's answers, without a browser."""

import base64
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import IMAGE_MAKERS
from test_looking_around import GARBAGE, error_of, json_values
from visitors import conditional, is_sentence, visitor

from playground.experiment import Experiment
from playground.inspection import KINDS, pooled, shift_test, shifted
from playground.layers import POOLINGS
from playground.model import Model, draw_latents
from playground.ui.handlers import pooling
from playground.ui.handlers.screen import STORE
from playground.ui.tabs import wiring

SANDBOX = [float((row + column) % 3 == 0) for row in range(8) for column in range(8)]
FIELDS = ("source", "seed", "drawn", "size", "across", "down", "axis")


@pytest.fixture(scope="module")
def session():
    return visitor(model=True)


def values(part: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(part["values"]), "<f4").reshape(part["height"], part["width"])


def test_a_drawing_goes_through_every_kind_without_a_model():
    answer = pooling.look({"model": visitor().id, "source": "drawn", "drawn": SANDBOX, "size": 3})
    image = np.array(SANDBOX, np.float32).reshape(1, 8, 8)
    np.testing.assert_allclose(values(answer["picture"]), image[0], atol=1e-6)
    assert list(answer["kinds"]) == list(KINDS)
    for kind, found in answer["kinds"].items():
        expected = pooled(image, kind, 3)
        np.testing.assert_allclose(values(found), expected.output[0], atol=1e-6)
        gradient = np.frombuffer(base64.b64decode(found["gradient"]), "<f4").reshape(8, 8)
        np.testing.assert_allclose(gradient, expected.gradient()[0], atol=1e-6)
    assert answer["unseen"] == round(100 * (64 - 9) / 64)
    json.dumps(answer, allow_nan=False)


def test_the_picture_is_what_the_generator_made_and_moves_as_asked(session):
    ask = {"model": session.id, "source": "fake", "seed": 5}
    made = session.model.generate(draw_latents(1, session.model.experiment.generator.latent_dim, 5))[0]
    still, moved = pooling.look(ask), pooling.look(ask | {"across": 2, "down": -1})
    np.testing.assert_allclose(values(still["picture"]), (made[0] + 1) / 2, atol=1e-6)
    expected = shifted(torch.tensor(values(still["picture"])), 2, -1)
    np.testing.assert_allclose(values(moved["picture"]), expected, atol=1e-6)


def test_the_curves_are_those_of_the_shown_discriminator(session):
    answer = pooling.moves({"model": session.id, "source": "real", "seed": 2, "axis": "down"})
    assert list(answer["changes"]) == list(POOLINGS) and all(len(line) == 9 for line in answer["changes"].values())
    images, label = pooling._picture(session.model, session, {"source": "real", "seed": 2})
    found = shift_test(session.model, images, label, axis="down")
    np.testing.assert_allclose(answer["scores"], found.scores[0], rtol=1e-3)
    assert answer["features"][4] == 0


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_the_moves_work_for_every_architecture(name):
    experiment = Experiment.from_settings({"architecture": name, "dataset": "digits", "data.resolution": 16})
    session = STORE.open(experiment, Model.untrained(experiment))
    for ask in ({"source": "drawn", "drawn": SANDBOX}, {"source": "fake"}):
        answer = pooling.moves({"model": session.id} | ask)
        assert len(answer["scores"]) == len(answer["features"]) == 9
        json.dumps(answer, allow_nan=False)


def test_without_a_model_the_layers_have_curves_and_pictures_of_it_are_refused():
    session = visitor()
    assert "scores" not in pooling.moves({"model": session.id, "drawn": SANDBOX})
    assert is_sentence(error_of(pooling.look({"model": session.id, "source": "fake"})))


def test_a_conditional_model_is_asked_for_its_classes():
    session = conditional()
    first, second = (pooling.look({"model": session.id, "source": "fake", "seed": seed}) for seed in (0, 1))
    assert first["picture"] != second["picture"]
    assert "error" not in pooling.moves({"model": session.id, "source": "real"})


def test_a_broken_network_has_gaps_instead_of_numbers_that_json_lacks():
    session = visitor(model=True)
    for network in (session.model.generator, session.model.discriminator):
        for parameter in network.parameters():
            parameter.data.fill_(float("nan"))
    answer = pooling.moves({"model": session.id, "source": "fake"})
    assert answer["scores"] == [None] * 9
    json.dumps([answer, pooling.look({"model": session.id, "source": "fake"})], allow_nan=False)


def test_costs_are_measured_for_the_datas_size(session):
    answer = pooling.costs({"model": session.id})
    assert answer["side"] == 8 and [row["kind"] for row in answer["stage"]] == ["stride", "max", "average", "blur"]
    assert answer["stage"][0]["ratio"] == 1 and len(answer["head"]) == 3


@pytest.mark.parametrize("ask", [pooling.look, pooling.moves])
@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    for value in GARBAGE:
        answer = ask({"model": session.id, "source": "drawn", "drawn": SANDBOX, name: value})
        assert "error" not in answer or error_of(answer), value


@settings(max_examples=10)
@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_garbage_in_all_parts_is_answered(session, request):
    answer = pooling.look({"model": session.id} | request)
    assert "error" not in answer or error_of(answer)


def raced(session, request):
    """Run a race as the page does, and return what the lab is told each time."""
    return [told[-1] for told in wiring.guarded(lambda id: pooling.go(id, request), (pooling.NAME,))(session.id)]


def test_a_race_tells_of_its_runners_and_in_the_end_of_the_steadiest():
    session = visitor(architecture="dcgan", generator__width=4, discriminator__width=4)
    told = raced(session, {"seconds": 2})
    assert [told[0]["state"], told[-1]["state"]] == ["running", "over"] and told[-1]["kept"]
    last = told[-1]
    assert list(last["runners"]) == list(POOLINGS)
    assert len({runner["step"][-1] for runner in last["runners"].values()}) == 1
    steady = {kind: runner["wobble"] for kind, runner in last["runners"].items()}
    assert last["best"] == min(steady, key=steady.get)
    assert all(runner["relative"][4] == 0 and len(runner["relative"]) == 9 for runner in last["runners"].values())
    assert not session.tasks and not session.running
    json.dumps(told, allow_nan=False)


def test_a_race_is_stopped_and_still_judged():
    session = visitor()
    race = pooling.go(session.id, {"seconds": 100})
    next(race)
    pooling.halt(session.id)
    last = list(race)[-1]["pooling"]
    assert last["state"] == "over" and last["best"] in POOLINGS and not last["kept"]
    assert max(runner["step"][-1] for runner in last["runners"].values()) < 30


@pytest.mark.parametrize("request_", [{"seconds": "x"}, {"seconds": 1e9}, {"seconds": True}])
def test_a_race_of_no_length_is_refused_with_a_sentence(request_):
    (told,) = raced(visitor(), request_)
    assert told["error"].startswith("seconds must be a number")


def test_a_race_on_data_that_are_not_there_is_refused_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    (told,) = raced(visitor(dataset="mnist"), {})
    assert is_sentence(told["error"])


def test_a_race_of_networks_that_do_not_fit_is_refused_with_a_sentence():
    session = visitor(architecture="dcgan", generator__width=4, discriminator__width=4, generator__kernel_size="3")
    assert "generator makes" in raced(session, {})[-1]["error"]
