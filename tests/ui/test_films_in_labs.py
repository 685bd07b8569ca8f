"""A model of films on the tabs that look into networks: everything answers, or says why not."""

from __future__ import annotations

import json

import pytest
from small_models import model_of
from visitors import is_sentence

from playground.ui.handlers import gradients, looking, maps, norms, pooling
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session


@pytest.fixture(scope="module")
def session() -> Session:
    model = model_of("mocogan", **{"generator.width": 8, "discriminator.width": 8})
    return STORE.open(model.experiment, model)


@pytest.mark.parametrize(
    "ask",
    [
        looking.sheet,
        looking.walk,
        looking.maps,
        maps.look,
        maps.dead,
        maps.reach,
        norms.same,
        norms.statistics,
        gradients.inside,
        gradients.lengths,
    ],
    ids=lambda ask: ask.__name__,
)
def test_what_is_asked_of_a_model_of_films_is_answered(session, ask):
    answer = ask({"model": session.id, "seed": 1, "size": 4})
    assert "error" not in answer, answer
    json.dumps(answer, allow_nan=False)


def test_every_module_can_be_looked_at_and_every_one_of_g_has_its_causes(session):
    for module in maps.look({"model": session.id, "seed": 1})["modules"]:
        request = {"model": session.id, "seed": 1, "chosen": module["key"], "y": 5, "x": 9}
        assert maps.look(request)["wall"]["key"] == module["key"]
        assert module["key"][0] != "generator" or "error" not in maps.cause(request)


def test_what_only_pictures_can_do_says_so(session):
    answer = pooling.moves({"model": session.id, "source": "fake"})
    assert is_sentence(answer["error"])
