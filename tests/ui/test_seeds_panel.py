"""The panel "Samples": pictures of seeds, their order, the smoothness of the space; and at worst a sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_looking_around import GARBAGE, error_of, json_values, tiles
from visitors import conditional, guest, is_sentence, visitor

from playground.inspection.wants import logits
from playground.latent import path_length, rank
from playground.latent.ranking import seed_labels, seed_samples
from playground.samples import to_pixels
from playground.ui.handlers import seeds, smoothness

FIELDS = ("seeds", "seed", "label", "truncation")
ORDER = ("id", "by", "count", "label", "to", "truncation")
ASKS = (seeds.pictures, seeds.about)
every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)


@pytest.fixture(scope="module")
def session():
    return visitor(model=True)


def ranked(session, **request) -> list[dict]:
    return [answer["seeds"] for answer in seeds.rank(session.id, {"id": 1, "count": 500} | request)]


@every_ask
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@every_ask
@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    for value in GARBAGE:
        answer = ask({"model": session.id, "seeds": [1], "seed": 1, name: value})
        assert "error" not in answer or error_of(answer), value
        json.dumps(answer, allow_nan=False)


@settings(max_examples=15)
@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(ORDER, json_values)) | json_values)
def test_an_order_of_any_form_ends_with_values_or_a_sentence(session, request):
    *_, last = seeds.rank(session.id, request)
    assert ("values" in last["seeds"]) != ("error" in last["seeds"])
    json.dumps(last, allow_nan=False)


@every_ask
def test_networks_without_a_model_say_to_train_them(ask):
    assert is_sentence(error_of(ask({"model": visitor().id, "seeds": [1], "seed": 1})))


def test_without_a_model_nothing_is_sorted_or_measured():
    assert is_sentence(list(seeds.rank(visitor().id, {}))[-1]["seeds"]["error"])
    assert is_sentence(list(smoothness.measure(visitor().id))[-1]["smoothness"]["error"])


def test_each_picture_is_its_seeds_and_depends_on_no_other():
    session = guest()
    together = tiles(seeds.pictures({"model": session.id, "seeds": [2**31 - 1, 0, 77]})["sprite"])
    for number, seed in enumerate((2**31 - 1, 0, 77)):
        np.testing.assert_allclose(together[number], session.model.sample(1, seed)[0][..., 0], atol=1)


def test_a_conditional_model_shows_classes_in_turn_or_the_one_asked_for():
    session = conditional()
    every, three = (seeds.pictures({"model": session.id, "seeds": [3, 13, 14], "label": label}) for label in (None, 3))
    first, second = tiles(every["sprite"]), tiles(three["sprite"])
    np.testing.assert_array_equal(first[:2], second[:2])  # seeds 3 and 13 are of class 3 anyway
    assert (first[2] != second[2]).any() and every["names"] == [str(n) for n in range(10)]


def test_more_pictures_than_an_answer_takes_are_refused(session):
    assert error_of(seeds.pictures({"model": session.id, "seeds": list(range(257))})).startswith("seeds must be 1 to 256")


def test_the_picked_sample_has_ds_score():
    session = conditional()
    answer = seeds.about({"model": session.id, "seed": 14})
    samples = seed_samples(session.model, [14])
    assert answer["score"] == pytest.approx(
        float(logits(session.model, samples, seed_labels(session.model, [14]))[0]), rel=1e-3
    )
    np.testing.assert_array_equal(tiles(answer["sprite"])[0], to_pixels(samples)[0, ..., 0])


@pytest.mark.parametrize("by", ["score", "typicality", "similarity"])
def test_seeds_are_given_the_values_of_the_ranking(session, by):
    first, *_, last = ranked(session, by=by, to={"seed": 3})
    assert first["fraction"] == 0 and last["fraction"] == 1 and last["id"] == 1
    expected = rank(session.model, range(500), by=by, to={"seed": 3})
    np.testing.assert_allclose(last["values"], expected.values, rtol=1e-3, atol=1e-4)
    assert last["measure"] == expected.measure and last["step"] == session.model.shown_step


@pytest.mark.parametrize(
    "request_",
    [{"by": "beauty"}, {"count": 10**9}, {"by": "similarity"}, {"by": "similarity", "to": {"seed": -1}}, {"label": 3}],
)
def test_an_order_that_cannot_be_is_refused(session, request_):
    (answer,) = ranked(session, **request_)
    assert answer["error"] and answer["id"] == 1


def test_a_halt_ends_the_sorting(session):
    work = seeds.rank(session.id, {"id": 5, "by": "score"})
    assert next(work)["seeds"]["fraction"] == 0
    seeds.halt(session.id)
    assert [answer["seeds"] for answer in work] == [{"id": 5, "stopped": True}] and not session.tasks


def test_a_value_that_is_no_number_is_null():
    session = visitor(model=True)
    for parameter in session.model.discriminator.parameters():
        parameter.data.fill_(3e38)
    last = ranked(session)[-1]
    json.dumps(last, allow_nan=False)
    assert set(last["values"]) == {None}


def test_smoothness_is_measured_with_signs_of_progress(session):
    first, *_, last = (answer["smoothness"] for answer in smoothness.measure(session.id))
    assert first == {"fraction": 0.0} and last["fraction"] == 1
    count = smoothness.pairs_of(session.model.experiment)
    assert last["result"]["model"]["detour"] == pytest.approx(path_length(session.model, count).model.detour)
    assert last["result"]["caption"] == "mlp · digits" and last["result"]["count"] == count == 64
    json.dumps(last, allow_nan=False)


def test_a_halt_ends_the_measuring(session):
    work = smoothness.measure(session.id)
    next(work)
    smoothness.halt(session.id)
    assert list(work) == [{"smoothness": {"stopped": True}}] and not session.tasks


def test_large_networks_are_measured_on_fewer_walks():
    assert smoothness.pairs_of(visitor(architecture="sagan", data__resolution=64).experiment) == 16
