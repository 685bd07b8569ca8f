"""What the panel "Plane" and the visitor's points ask of the server: right answers, and sentences for anything else."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_looking_around import GARBAGE, error_of, json_values
from visitors import conditional, visitor

from playground.exporting import read_settings
from playground.latent import read_points
from playground.latent.plane import plane as plane_of
from playground.ui.handlers import latent, plane

CORNERS = [{"seed": seed} for seed in (1, 2, 3, 4)]
ASKS = (plane.sheet, plane.spot, plane.file, latent.pictures, latent.numbers)
FIELDS = ("points", "point", "u", "v", "first", "truncation")
every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)


@pytest.fixture(scope="module")
def session():
    return visitor(model=True)


def tiles(sprite: dict) -> np.ndarray:
    """Cut a sprite up again: uint8 (N, H, W)."""
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(sprite["src"].partition(",")[2]))))
    height, width, columns = sprite["height"], sprite["width"], sprite["columns"]
    rows = sheet.reshape(-1, height, columns, width).swapaxes(1, 2)
    return rows.reshape(-1, height, width)[: sprite["count"]]


@every_ask
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@every_ask
@pytest.mark.parametrize("name", FIELDS)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    for value in GARBAGE:
        answer = ask({"model": session.id, "points": CORNERS, "point": CORNERS[0], name: value})
        assert "error" not in answer or error_of(answer), value
        json.dumps(answer, allow_nan=False)


@every_ask
@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_garbage_in_all_parts_is_answered(session, ask, request):
    answer = ask({"model": session.id} | request)
    assert "error" not in answer or error_of(answer)


@pytest.mark.parametrize("seconds", [0, 60])
def test_the_rows_that_are_asked_for_in_pieces_are_the_plane(session, monkeypatch, seconds):
    monkeypatch.setattr(plane, "SECONDS", seconds)
    found, first = [], 0
    while first < plane.SIDE:
        answer = plane.sheet({"model": session.id, "points": CORNERS, "first": first})
        found.append(tiles(answer["sprite"]))
        first += len(found[-1]) // plane.SIDE
    assert len(found) == (plane.SIDE if seconds == 0 else 1)
    expected = plane_of(session.model, read_points(CORNERS, session.model)).images[..., 0]
    np.testing.assert_allclose(
        np.concatenate(found).astype(int), expected.astype(int), atol=1
    )  # batches of other sizes round otherwise


def test_a_place_is_the_point_that_its_picture_is_of(session):
    answer = plane.spot({"model": session.id, "points": CORNERS, "u": 0.3, "v": 0.8})
    again = latent.pictures({"model": session.id, "points": [answer["point"]]})
    np.testing.assert_array_equal(tiles(answer["sprite"]), tiles(again["sprite"]))


def test_the_file_says_what_it_was_made_of(session):
    answer = plane.file({"model": session.id, "points": CORNERS[:3], "truncation": 0.5})
    settings = read_settings(io.BytesIO(base64.b64decode(answer["data"].partition(",")[2])))
    assert settings["points"] == CORNERS[:3] and settings["truncation"] == 0.5
    assert answer["name"].endswith("-plane.png")


def test_a_point_of_a_class_that_the_model_does_not_know_stays_without_it():
    session = conditional()
    points = [
        {"seed": 1},
        {"seed": 1, "label": 77},
        {"sum": [[1, {"seed": 1, "label": [0.5, 0.5]}]], "label": 2},
        {"values": "AAAA"},
    ]
    answer = latent.pictures({"model": session.id, "points": points})
    assert (answer["unlabelled"], answer["misfits"]) == ([1, 2], [3])
    shown = tiles(answer["sprite"])
    np.testing.assert_array_equal(shown[0], shown[1])


@pytest.mark.parametrize("spoilt", [{"sum": [[1, {"seed": 1}], "more"]}, {"sum": [[1, {"seed": 1}], [1]]}, {"sum": []}])
def test_what_is_no_point_is_not_made_one_by_leaving_its_class_out(session, spoilt):
    assert latent.pictures({"model": session.id, "points": [CORNERS[0], spoilt]})["misfits"] == [1]


def test_a_sum_as_numbers_is_the_same_picture(session):
    made = {"sum": [[1, CORNERS[0]], [-1, CORNERS[1]], [1, {"sum": [[1, CORNERS[2]], [1, CORNERS[3]]]}]]}
    written = latent.numbers({"model": session.id, "point": made})["point"]
    assert set(written) == {"values"}
    shown = tiles(latent.pictures({"model": session.id, "points": [made, written]})["sprite"])
    np.testing.assert_array_equal(shown[0], shown[1])
