"""The panel "Find": targets of every source, a search that reports and stops, neighbours, and garbage answered in sentences."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image
from test_looking_around import GARBAGE, error_of
from visitors import conditional, is_sentence, visitor

from playground.ui.handlers import find

POINT = {"seed": 3}


def data_url(picture: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def stroke() -> str:
    picture = np.zeros((280, 280, 3), np.uint8)
    picture[40:200, 60:90] = 255
    return data_url(picture)


@pytest.fixture(scope="module")
def session():
    return visitor(model=True)


def reports(session, handler=find.find, **request) -> list[dict]:
    answers = [answer["find"] for answer in handler(session.id, {"source": "point", "point": POINT, "seconds": 1} | request)]
    json.dumps(answers, allow_nan=False)
    return answers


@pytest.mark.parametrize("source", ["draw", "file", "real", "point"])
def test_every_source_gives_a_target_in_the_models_form(session, source):
    answer = find.target({"model": session.id, "source": source, "image": stroke(), "point": POINT})
    assert (answer["sprite"]["width"], answer["sprite"]["height"]) == (16, 16), answer


def test_a_drawing_says_what_was_done_to_it(session):
    answer = find.target({"model": session.id, "source": "draw", "image": stroke()})
    assert answer["centred"] is True and answer["inverted"] is False and answer["colour"] is False
    kept = find.target({"model": session.id, "source": "draw", "image": stroke(), "invert": True, "centre": False})
    assert kept["centred"] is False and kept["inverted"] is True


def test_a_search_reports_and_ends_with_a_point(session):
    started, *going, found = reports(session)
    assert started["kind"] == "started" and found["kind"] == "found" and {each["kind"] for each in going} <= {"progress"}
    assert found["sprite"]["count"] == 3 and "values" in found["point"] and found["levels"] is not None
    assert not session.tasks


def test_a_conditional_model_keeps_to_the_class_asked_for():
    found = reports(conditional(), label=4)[-1]
    assert found["label"] == "4" and found["point"]["label"] == 4


def test_stop_ends_a_search_with_what_it_has(session):
    search = find.find(session.id, {"source": "point", "point": POINT, "seconds": 60})
    next(search)
    next(search)
    find.halt(session.id)
    last = list(search)[-1]["find"]
    assert last["kind"] == "found" and last["seconds"] < 20


def test_training_pictures_near_a_point_come_with_a_verdict(session):
    *_, near = reports(session, find.near)
    assert near["kind"] == "near" and near["sprite"]["count"] == 7 and len(near["levels"]) == 6
    assert near["verdict"] in ("copy", "close", "apart") and near["searched"] <= near["of"]
    assert len(reports(session, find.near)) == 1  # the second time there is nothing to read


def test_without_the_data_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    session = visitor(model=True, dataset="mnist")
    (answer,) = reports(session, find.near)
    assert answer["kind"] == "refused" and is_sentence(answer["sentence"]) and "MNIST" in answer["sentence"]


@pytest.mark.parametrize("name", ["source", "image", "point", "seed", "invert", "centre", "label", "seconds"])
def test_garbage_is_answered_with_a_sentence(session, name):
    for value in GARBAGE:
        wanted = {"source": "draw" if name in ("image", "invert", "centre") else "real" if name == "seed" else "point"}
        request = {"model": session.id, "image": stroke(), "point": POINT, "seconds": 1} | wanted | {name: value}
        answer = find.target(request)
        assert "error" not in answer or error_of(answer), value
        if name in ("label", "seconds"):
            last = next(find.find(session.id, request))["find"]
            assert last["kind"] in ("refused", "started")


def test_a_request_of_another_form_is_refused(session):
    for handler in (find.find, find.near):
        assert next(handler(session.id, "x"))["find"]["kind"] == "refused"
    large = "data:image/png;base64," + "A" * 1_500_000
    assert "too large" in find.target({"model": session.id, "source": "file", "image": large})["error"]
