"""The panel "Steer": what it is told, the pictures it gets, the search that lasts, and what it refuses."""

import base64
import json

import pytest
from visitors import conditional, guest, is_sentence, visitor

from playground.latent.directions import MAX_STRENGTH
from playground.ui.handlers import steer
from playground.ui.session import Session


@pytest.fixture
def session() -> Session:
    return visitor(model=True)


def found(session: Session, **request) -> list[dict]:
    return steer.factors({"model": session.id, **request})["found"]


def moving(session: Session, *strengths: float, **extra) -> dict:
    moves = [[spec, strength] for spec, strength in zip(found(session), strengths, strict=False)]
    return {"model": session.id, "point": {"seed": 3}, "moves": moves, **extra}


def error_of(answer: dict) -> str:
    assert set(answer) == {"error"} and is_sentence(answer["error"] + "."), answer
    return answer["error"]


def test_the_panel_is_told_what_there_is_to_choose():
    answer = steer.choices({"model": visitor(model=True, architecture="stylegan2", generator__width=4).id})
    assert answer["space"] == "w" and [entry["size"] for entry in answer["entries"]] == ["4×4", "8×8", "16×16"]
    assert answer["stages"][0] == {"name": "mapping", "size": ""} and len(answer["classes"]) == 10
    answer = steer.choices({"model": conditional().id})
    assert answer["classes"] == [] and "told which class" in answer["problem"] and len(answer["entries"]) == 1


@pytest.mark.parametrize("architecture", ["mlp", "stylegan2", "biggan", "recurrent-rows"])
def test_a_move_shows_before_and_after_and_strips_of_seven(architecture):
    session = visitor(model=True, architecture=architecture, generator__width=8)
    assert steer.moved(moving(session, 0.0, 0.0))["sprite"]["count"] == 2
    strips = steer.strips(moving(session, 1.0, -2.0))
    assert strips["sprite"]["columns"] == 7 and strips["sprite"]["count"] == 14
    assert strips["strengths"] == [-3, -2, -1, 0, 1, 2, 3]


def test_keeping_gives_a_point_that_makes_the_moved_picture(session):
    from playground.latent.points import read_point

    kept = steer.keep(moving(session, 2.0, -1.0))["point"]
    before, after = read_point({"seed": 3}, session.shown).code, read_point(kept, session.shown).code
    assert (after - before).norm().item() == pytest.approx(5**0.5, rel=1e-3)


def test_the_search_for_components_shows_its_progress_and_then_what_it_found(session):
    request = {"method": "pca", "stage": "hidden1", "point": {"seed": 1}, "token": 4}
    answers = [answer["steer"] for answer in steer.find(session.id, request)]
    progress = [answer["progress"] for answer in answers[:-1]]
    assert progress == sorted(progress) and len(progress) > 3 and {answer["token"] for answer in answers} == {4}
    assert answers[-1]["found"][0]["method"] == "pca" and not session.tasks
    assert steer.moved({"model": session.id, "point": {"seed": 1}, "moves": [[answers[-1]["found"][0], 1]]})["sprite"]


def test_the_search_stops_when_asked(session):
    search = steer.find(session.id, {"method": "pca", "stage": "hidden1", "token": 1})
    next(search)
    steer.halt(session.id)
    assert [answer["steer"] for answer in search] == [{"token": 1, "stopped": True}]


def test_between_classes_there_is_one_direction():
    last = list(steer.find(guest().id, {"method": "classes", "start": 1, "stop": 0}))[-1]["steer"]
    assert [spec["name"] for spec in last["found"]] == ["1 to 0"]


@pytest.mark.parametrize(
    "request_",
    [
        None, {}, {"method": "magic"}, {"method": "pca"}, {"method": "pca", "stage": "up9"}, {"method": "classes"},
        {"method": "classes", "start": 0, "stop": 99}, {"method": "pca", "stage": "hidden1", "point": {"seed": -1}},
    ],
    ids=str,
)  # fmt: skip
def test_a_search_that_cannot_be_ends_in_a_sentence(session, request_):
    (answer,) = steer.find(session.id, request_)
    assert is_sentence(answer["steer"]["error"] + ".")


def test_marks_make_a_direction(session):
    liked, disliked = [{"seed": 1}, {"seed": 2}], [{"seed": 5}]
    (spec,) = steer.marked({"model": session.id, "liked": liked, "disliked": disliked})["found"]
    assert spec["method"] == "marked" and spec["name"] == "my marks"
    assert "mark at least one" in error_of(steer.marked({"model": session.id}))


def test_a_file_is_saved_and_opened_again(session):
    file = steer.save(moving(session, 0.0, 1.0))
    text = base64.b64decode(file["data"].partition(",")[2]).decode()
    assert file["name"].endswith(".json") and steer.opened({"model": session.id, "text": text})["found"] == found(session)[:2]
    other = visitor(model=True, generator__width=24)
    assert "is a direction of mlp" in error_of(steer.opened({"model": other.id, "text": text}))
    assert steer.save(moving(session, 0.0, 1.0, kind="png"))["name"].endswith(".png")


@pytest.mark.parametrize("moves", [None, [], "x", [[{}, 1]], [[1]], [1] * 99, [[{"name": "a"}, "1"]]], ids=str)
def test_moves_that_are_none_are_refused(session, moves):
    for ask in (steer.moved, steer.strips, steer.keep, steer.save):
        error_of(ask({"model": session.id, "point": {"seed": 1}, "moves": moves}))


def test_what_is_out_of_range_is_refused(session):
    error_of(steer.moved(moving(session, MAX_STRENGTH)))
    error_of(steer.moved(moving(session, float("nan"))))
    error_of(steer.factors({"model": session.id, "stage": "up9"}))
    error_of(steer.factors({"model": session.id, "stage": 3}))
    error_of(steer.opened({"model": session.id, "text": 5}))
    error_of(steer.opened({"model": session.id, "text": "[" * 5000}))
    error_of(steer.choices({"model": "nobody"}))


def test_answers_are_json(session):
    json.dumps([steer.choices({"model": session.id}), found(session)], allow_nan=False)
