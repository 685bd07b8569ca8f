"""What the page's components may ask for. Anyone can ask anything: the answer is pictures or a sentence, never another's."""

from __future__ import annotations

import base64
import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from visitors import conditional, guest, is_sentence, visitor

from playground.experiment import Experiment
from playground.exporting.pictures import grid
from playground.latent import interpolate
from playground.ui.handlers import looking, runs
from playground.ui.handlers.screen import STORE, WALK_FRAMES, sheet_pictures

ASKS = (looking.walk, looking.maps, looking.stage, looking.picture, looking.sheet, looking.real)
GARBAGE = [
    None, True, -1, 1.5, math.nan, math.inf, 10**400, "", "x" * 10_000, "\x00", [], [1], [1, 2, 3], [[1], [2]], ["1", "2"],
    [True, False], [1.5, 2.5], [math.nan, 1], [-1, 2], [1, 2**31], [None, None], {}, {"a": {"b": []}},
]  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def session():
    """A visitor of the module, whose networks are small and untrained."""
    return visitor(model=True)


def error_of(answer: dict) -> str:
    """Return the one sentence of an answer that refuses."""
    assert list(answer) == ["error"], answer
    assert 8 < len(answer["error"]) < 400 and "\n" not in answer["error"] and "Traceback" not in answer["error"]
    return answer["error"]


def tiles(sprite: dict) -> np.ndarray:
    """Cut a sprite up again, as the browser does: (count, height, width)."""
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(sprite["src"].partition(",")[2]))).convert("L"))
    width, height, columns = sprite["width"], sprite["height"], sprite["columns"]
    places = [divmod(index, columns) for index in range(sprite["count"])]
    return np.stack([sheet[y * height : (y + 1) * height, x * width : (x + 1) * width] for y, x in places])


def file_of(answer: dict) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(answer["data"].partition(",")[2])))


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
@given(request=st.fixed_dictionaries({}, optional={name: json_values for name in ("seeds", "classes", "method", "t", "label")}))
def test_a_place_of_any_form_is_answered_with_pictures_or_a_sentence(session, ask, request):
    answer = ask({"model": session.id, "network": "generator", "stage": "image", "kind": "png"} | request)
    assert "error" not in answer or error_of(answer)
    json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("name", ["seeds", "classes", "method", "t", "network", "stage", "kind", "label"])
@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, name):
    good = {"model": session.id, "seeds": [1, 2], "method": "slerp", "t": 0.5, "network": "generator", "stage": "image"}
    for value in GARBAGE:
        answer = ask(good | {"kind": "png", name: value})
        assert "error" not in answer or error_of(answer), value
        json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("value", [True, math.nan, math.inf, -0.1, 1.1, "0.5", None, [0.5]], ids=repr)
def test_a_position_off_the_path_is_refused(session, value):
    assert error_of(looking.maps({"model": session.id, "t": value})).startswith("t must be a number between 0 and 1")


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: repr(value)[:20])
def test_end_points_that_are_no_seeds_are_refused(session, value):
    assert error_of(looking.walk({"model": session.id, "seeds": value})).startswith("seeds must be two whole numbers")


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
def test_only_the_exact_id_opens_a_session(session, ask):
    name = session.id
    for other in ("gone", name[:-1], name + "x", name.swapcase(), name + " ", [name], {"id": name}, f"{name}\x00", ""):
        assert "Reload the page" in error_of(ask({"model": other, "kind": "sheet"}))


def test_answers_show_ones_own_model_and_nobody_elses():
    mine, yours = visitor(model=True, seed=1), visitor(model=True, seed=2)
    for session, other in ((mine, yours), (yours, mine)):
        frames = tiles(looking.walk({"model": session.id, "seeds": [5, 6]})["sprite"])
        wanted = [interpolate(shown.model, [5, 6], frames=WALK_FRAMES)[..., 0] for shown in (session, other)]
        np.testing.assert_array_equal(frames, wanted[0])
        assert (frames != wanted[1]).any()


def test_an_answer_never_names_another_session(session):
    other = visitor(model=True)
    answers = [ask({"model": session.id, "kind": "sheet", "other": other.id}) for ask in ASKS]
    assert other.id not in json.dumps(answers)


def test_a_walk_is_remembered_as_what_its_visitor_looks_at():
    session = visitor(model=True)
    looking.walk({"model": session.id, "seeds": [7, 8], "method": "lerp", "t": 0.25})
    assert (session.walk.seeds, session.walk.method, session.walk.t) == ((7, 8), "lerp", 0.25)


def test_the_ladder_at_a_position_shows_the_frame_of_that_position(session):
    frames = tiles(looking.walk({"model": session.id, "seeds": [1, 9]})["sprite"])
    for index in (0, 13, WALK_FRAMES - 1):
        contents = looking.maps({"model": session.id, "seeds": [1, 9], "t": index / (WALK_FRAMES - 1)})
        picture = tiles(contents["stages"]["generator.image"]["sprite"])[0]
        assert np.corrcoef(picture.flatten(), frames[index].flatten())[0, 1] > 0.99


def test_a_stage_shows_every_channel_with_its_number():
    session = guest()
    answer = looking.stage({"model": session.id, "network": "generator", "stage": "up1"})
    channels = session.model.experiment.generator.width * 2
    assert answer["sprite"]["count"] == channels and sorted(answer["channels"]) == list(range(channels))
    assert set(answer["statistics"]) == {"mean", "std", "min", "max", "off"}


@pytest.mark.parametrize(("kind", "form"), [("sheet", "PNG"), ("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP")])
def test_pictures_to_keep_open_as_what_they_are_called(session, kind, form):
    answer = looking.picture({"model": session.id, "kind": kind})
    picture = file_of(answer)
    assert picture.format == form and answer["name"].endswith((".png", ".gif", ".webp"))
    assert getattr(picture, "n_frames", 1) == (2 * WALK_FRAMES - 2 if kind in ("gif", "webp") else 1)


def test_a_picture_carries_the_settings_that_made_it(session):
    text = file_of(looking.picture({"model": session.id, "kind": "sheet"})).text
    assert json.dumps(session.experiment.settings()["architecture"]) in json.dumps(text).replace('\\"', '"')


def test_the_sheet_to_keep_holds_the_samples_in_view(session):
    kept = np.asarray(file_of(looking.picture({"model": session.id, "kind": "sheet"})))
    np.testing.assert_array_equal(kept, np.asarray(grid(sheet_pictures(session.model), scale=looking.SHEET_SCALE)))


def test_a_walk_between_classes_shows_the_mixtures_on_the_way():
    session = conditional()
    frames = tiles(looking.walk({"model": session.id, "seeds": [5, 5], "classes": [2, 7]})["sprite"])
    wanted = interpolate(session.model, [5, 5], frames=WALK_FRAMES, classes=[2, 7])[..., 0]
    np.testing.assert_array_equal(frames, wanted)
    assert (frames[0] != frames[-1]).any() and session.walk.classes == (2, 7)


def test_the_ladder_follows_the_mixture_of_classes():
    session = conditional()
    request = {"model": session.id, "seeds": [5, 5], "classes": [2, 7]}
    frames = tiles(looking.walk(request)["sprite"])
    contents = looking.maps(request | {"t": 1.0})
    picture = tiles(contents["stages"]["generator.up2"]["sprite"])[0]
    assert np.corrcoef(picture.flatten(), frames[-1].flatten())[0, 1] > 0.99


def test_the_sheet_has_a_row_for_each_class_or_shows_one_class():
    session = conditional()
    every, one = (looking.sheet({"model": session.id, "label": label}) for label in (None, 3))
    assert every["sprite"]["columns"] == 6 and every["rows"] == every["classes"] == [str(n) for n in range(10)]
    assert one["rows"] == [] and one["sprite"]["count"] == 36 and one["label"] == 3
    np.testing.assert_array_equal(tiles(every["sprite"])[18:24], tiles(one["sprite"])[:6])  # the same latents


@pytest.mark.parametrize("label", [-1, 10, True, "3", 1.5, [3]], ids=repr)
def test_a_class_that_is_none_is_refused(label):
    session = conditional()
    assert error_of(looking.sheet({"model": session.id, "label": label})).startswith("label must be")
    assert error_of(looking.walk({"model": session.id, "classes": [0, label]})).startswith("classes must be")


def test_pictures_to_keep_follow_the_classes():
    session = conditional()
    sheet = looking.picture({"model": session.id, "kind": "sheet", "label": 3})
    strip = looking.picture({"model": session.id, "kind": "png", "classes": [2, 7]})
    assert '"label": 3' in json.dumps(file_of(sheet).text).replace("\\", "")
    assert '"classes": [2, 7]' in json.dumps(file_of(strip).text).replace("\\", "")


def test_classes_chosen_for_another_model_are_brought_into_range():
    session = conditional()
    session.walk.classes = (3, 99)
    assert runs.screen(session, "")["walk"]["classes"] == [3, 9]


def test_networks_without_a_model_say_to_train_them():
    session = visitor()
    for ask in set(ASKS) - {looking.real}:
        assert is_sentence(error_of(ask({"model": session.id, "kind": "sheet"})))


def test_a_model_with_enormous_weights_is_shown_without_numbers_that_json_lacks():
    session = visitor(model=True)
    session.model.generator.stages.image[0].bias.data.fill_(100)  # a white picture
    for parameter in session.model.discriminator.parameters():
        parameter.data.fill_(3e38)
    for ask in ASKS:
        answer = ask({"model": session.id, "kind": "sheet", "network": "discriminator", "stage": "hidden1"})
        json.dumps(answer, allow_nan=False)
    json.dumps(runs.screen(session, "")["ladder"], allow_nan=False)


def test_what_goes_wrong_inside_is_logged_and_not_told(session, monkeypatch, caplog):
    monkeypatch.setattr(looking, "walk_pictures", lambda *inputs: 1 / 0)
    answer = looking.walk({"model": session.id})
    assert "division" not in error_of(answer) and "division" in caplog.text
    assert STORE.get(session.id) is session


def test_real_samples_are_those_of_the_data_set_and_the_same_every_time(session):
    first, second = looking.real({"model": session.id}), looking.real({"model": session.id})
    assert first["real"] and first["sprite"] == second["sprite"] and first["caption"] == "Digits 8×8 (embedded)"
    known = {image.tobytes() for image in runs.session_samples(session).values[:, 0].numpy()}
    shown = tiles(first["sprite"])
    assert len(shown) == 36 and all(tile.tobytes() in known for tile in shown)


def test_real_samples_of_a_conditional_model_are_a_row_a_class():
    session = conditional()
    samples = runs.session_samples(session)
    labels = {image.tobytes(): int(label) for image, label in zip(samples.values[:, 0].numpy(), samples.labels, strict=True)}
    shown = tiles(looking.real({"model": session.id})["sprite"])
    assert [labels[tile.tobytes()] for tile in shown] == [label for label in range(10) for _ in range(6)]


def test_real_samples_that_are_not_on_this_machine_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    session = visitor()
    session.experiment = Experiment(dataset="mnist")
    assert "MNIST is not on this machine" in error_of(looking.real({"model": session.id}))
