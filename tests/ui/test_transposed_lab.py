"""The lab of transposed convolutions: its answers are PyTorch's numbers, and whatever is asked, a sentence at worst."""

from __future__ import annotations

import base64
import json
import math
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_models import IMAGE_MAKERS
from test_looking_around import GARBAGE, error_of, json_values
from torch.nn import functional
from visitors import guest, is_sentence, visitor

from playground.experiment import Experiment
from playground.inspection import enlarging_pair
from playground.model import Model
from playground.training import snapshot as outcomes
from playground.ui.handlers import spectra, transposed
from playground.ui.handlers.latent import stop_task
from playground.ui.handlers.runs import session_samples
from playground.ui.handlers.screen import STORE

ASKS = (transposed.look, transposed.frames, transposed.pixel)
FIELDS = ("source", "list", "in", "out", "seed", "input", "weight", "first", "view", "y", "x", *transposed.STEPPERS)
SMALL = {"generator__width": 4, "discriminator__width": 4}
every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)


@pytest.fixture(scope="module")
def session():
    return visitor(model=True, architecture="dcgan", **SMALL)


def unpacked(array: dict) -> torch.Tensor:
    values = np.frombuffer(base64.b64decode(array["data"]), "<f4").reshape(array["shape"])
    return torch.from_numpy(values.copy())


def looked(session, ask=transposed.look, **request):
    answer = ask({"model": session.id, "list": True} | request)
    assert "error" not in answer, answer
    json.dumps(answer, allow_nan=False)
    return answer


@every_ask
@given(request=json_values)
def test_a_request_of_any_form_is_answered_with_a_sentence(ask, request):
    assert "Reload the page" in error_of(ask(request))


@every_ask
@pytest.mark.parametrize("source", ["sandbox", "generator/up1/0"])
def test_garbage_in_one_part_of_a_request_is_answered(session, ask, source):
    for name in FIELDS:
        for value in GARBAGE:
            answer = ask({"model": session.id, "source": source, "view": "up", "y": 0, "x": 0, name: value})
            assert "error" not in answer or error_of(answer), (name, value)
            json.dumps(answer, allow_nan=False)


@every_ask
@given(request=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)))
def test_garbage_in_all_parts_is_answered(session, ask, request):
    answer = ask({"model": session.id} | request)
    assert "error" not in answer or error_of(answer)


def test_the_sandbox_needs_no_model_and_shows_what_pytorch_makes():
    answer = looked(visitor())
    x, weight = (unpacked(answer[name]) for name in ("small", "kernel"))
    wanted = functional.conv_transpose2d(x[None, None], weight[None, None], stride=2)[0, 0]
    torch.testing.assert_close(unpacked(answer["up"]), wanted, rtol=0, atol=0)
    torch.testing.assert_close(unpacked(answer["frames"]["totals"])[-1], wanted, rtol=0, atol=0)
    back = functional.conv2d(unpacked(answer["big"])[None, None], weight[None, None], stride=2)[0, 0]
    torch.testing.assert_close(unpacked(answer["down"]), back, rtol=0, atol=0)
    assert answer["difference"] == 0 and answer["dots"][0] == answer["dots"][1] == float((back * x).sum())
    assert answer["sources"] == [] and answer["note"] == ""


@pytest.mark.parametrize(("kernel", "even", "counts"), [(3, False, [1, 2, 4]), (4, True, [4]), (2, True, [1])])
def test_the_overlap_is_even_when_the_stride_divides_the_kernel(kernel, even, counts):
    answer = looked(visitor(), size=4, kernel=kernel)
    assert answer["even"] == even and answer["counts"] == counts
    small = looked(visitor(), size=2, kernel=kernel)  # all of it is border
    assert small["counts"] == counts


def test_typed_numbers_are_taken_and_the_matrix_makes_the_output_of_them():
    answer = looked(visitor(), size=2, kernel=2, stride=1, input=[1, 2.5, -3, 4], weight=[1, 0, 0, -1])
    x, matrix = unpacked(answer["small"]), unpacked(answer["matrix"])
    assert x.flatten().tolist() == [1, 2.5, -3, 4]
    torch.testing.assert_close(matrix.T @ x.flatten(), unpacked(answer["up"]).flatten())
    assert error_of(transposed.look({"model": visitor().id, "input": [1, 2]})).startswith("input must be 9 numbers")


def test_a_sandbox_that_cannot_be_is_refused_with_the_reason():
    known = {"model": visitor().id}
    assert "smaller than the stride" in error_of(transposed.look(known | {"output_padding": 2}))
    assert "nothing is left" in error_of(transposed.look(known | {"size": 1, "kernel": 1, "padding": 3}))


def test_the_sandbox_answers_fast():
    session = guest()
    looked(session)
    started = time.perf_counter()
    for _ in range(5):
        looked(session, size=4, kernel=5, stride=3, dilation=2, list=False)
    assert (time.perf_counter() - started) / 5 < 0.05 * 4  # 50 ms, on a busy machine


@pytest.mark.parametrize("view", ["up", "down"])
def test_a_pixel_of_the_sandbox_is_the_sum_of_its_products(view):
    session = visitor()
    shown = unpacked(looked(session)["up" if view == "up" else "down"])
    for y, x in [(0, 0), (2, 2), (1, 2)]:
        pair = looked(session, transposed.pixel, view=view, y=y, x=x)["pair"]
        assert sum(term[-1] for term in pair["terms"]) == pair["value"] == pair["shown"] == shown[y, x]


@pytest.mark.parametrize("name", ["generator/up1/0", "generator/project/1", "discriminator/down1/0"])
def test_a_pixel_of_a_layer_adds_up_over_all_channels_to_what_the_layer_gave(session, name):
    view = "up" if name.startswith("generator") else "down"
    answer = looked(session, source=name)
    assert answer["source"] == name and answer["difference"] < 1e-5
    whole = looked(session, transposed.pixel, source=name, view=view, y=1, x=1, out=answer["channel"][1])["whole"]
    total = math.fsum([*(term[-1] for term in whole["terms"]), whole["rest"], whole["bias"]])
    assert math.isclose(total, whole["value"], rel_tol=1e-6, abs_tol=1e-9)
    assert math.isclose(whole["value"], whole["shown"], rel_tol=1e-4, abs_tol=1e-6)


def test_frames_of_a_layer_come_in_pieces_that_end_at_its_output():
    session = guest()
    answer = looked(session, source="generator/up3/0")
    total, first = unpacked(answer["small"]).numel(), answer["frames"]["first"]
    assert first == 0 and len(answer["frames"]["places"]) < total
    last = looked(session, transposed.frames, source="generator/up3/0", first=total - 1)
    torch.testing.assert_close(unpacked(last["totals"])[-1], unpacked(answer["up"]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("architecture", IMAGE_MAKERS)
def test_every_layer_of_every_architecture_can_be_looked_at(architecture):
    settings = {} if architecture in ("mlp", "transgan", "recurrent-rows", "r3gan") else SMALL
    session = visitor(model=True, architecture=architecture, **settings)
    answer = looked(session)
    transposes = any(source["transposed"] and source["stride"] > 1 for source in answer["sources"])
    assert transposes == (answer["note"] == "") and (transposes or is_sentence(answer["note"]))
    for source in answer["sources"][:6]:
        found = looked(session, source=source["name"])
        assert found["dots"][0] == pytest.approx(found["dots"][1], rel=1e-3, abs=1e-6)
        assert found["difference"] < 1e-3


def test_broken_weights_are_shown_without_numbers_that_json_lacks():
    session = visitor(model=True, architecture="dcgan", **SMALL)
    for parameter in session.model.generator.parameters():
        parameter.data.fill_(math.nan)
    answer = looked(session, source="generator/up1/0")
    assert answer["difference"] is None and answer["dots"] == [None, None]
    assert looked(session, transposed.pixel, source="generator/up1/0", view="up", y=1, x=1)["whole"]["value"] is None


def test_a_layer_that_is_not_there_is_refused_with_a_sentence(session):
    assert is_sentence(error_of(transposed.look({"model": session.id, "source": "generator/up9/0"})))


def spectra_of(session, **request):
    return [answer["transposed"]["spectra"] for answer in spectra.compare(session.id, request)]


def test_both_ways_are_trained_step_for_step_with_their_spectra(monkeypatch):
    monkeypatch.setattr(spectra, "MIN_SECONDS", 1.0)
    session = visitor(architecture="dcgan", **SMALL)
    found = spectra_of(session, seconds=1.5, kernel="3")
    last = found[-1]
    assert found[0]["running"] and not last["running"] and last["fraction"] == 1
    assert [arm["upsampling"] for arm in last["arms"]] == ["transposed", "nearest"]
    steps = [arm["step"] for arm in last["arms"]]
    assert min(steps) > 1 and min(steps) > 0.5 * max(steps)
    for arm in (*last["arms"], last["real"]):
        assert len(arm["power"]) == len(arm["frequencies"]) == 8 and 0 <= arm["checkerboard"] <= 1
    assert [arm["count"] for arm in last["arms"]] == [256, 256] and last["real"]["count"] == 512
    json.dumps(found, allow_nan=False)
    assert not session.tasks and not session.running


def test_a_comparison_can_be_stopped_and_left():
    session = visitor(architecture="dcgan", **SMALL)
    running = spectra.compare(session.id, {"seconds": 60})
    next(running), next(running)
    stop_task(session, spectra.NAME)
    assert list(running)[-1]["transposed"]["spectra"]["running"] is False
    left = spectra.compare(session.id, {"seconds": 60})
    next(left), next(left)
    assert STORE.num_running == 1
    left.close()
    assert not session.tasks and STORE.num_running == 0


def test_turns_keep_both_at_about_the_same_step_and_end_with_weights():
    session = visitor(architecture="dcgan", **SMALL)
    pair = enlarging_pair(session.experiment)
    found = list(spectra.take_turns(pair, session_samples(session), 1.0, threading.Event()))
    last = dict(found)
    assert all(snapshot.state is not None and snapshot.status != outcomes.RUNNING for snapshot in last.values())
    assert set(last) == {0, 1}


@pytest.mark.parametrize(
    ("settings", "request_"),
    [
        ({"architecture": "mlp"}, {}),
        ({"architecture": "dcgan"}, {"seconds": 1}),
        ({"architecture": "dcgan"}, {"seconds": "x"}),
        ({"architecture": "dcgan"}, {"resize": "transposed"}),
        ({"architecture": "dcgan"}, {"kernel": 3}),
        ({"architecture": "dcgan"}, None),
        ({"architecture": "dcgan", "dataset": "images"}, {}),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_in_the_lab(settings, request_):
    session = visitor(**settings)
    answers = list(spectra.compare(session.id, request_))
    assert len(answers[-1]["transposed"]["spectra"]["error"]) > 8


def test_nothing_in_the_model_changes():
    session = visitor(model=True, architecture="sn-dcgan", **SMALL)
    networks = (session.model.generator, session.model.discriminator)
    before = [{key: value.clone() for key, value in network.state_dict().items()} for network in networks]
    looked(session, source="discriminator/down1/0")
    for network, kept in zip(networks, before, strict=True):
        torch.testing.assert_close(dict(network.state_dict()), kept, rtol=0, atol=0)
    assert isinstance(session.experiment, Experiment) and isinstance(session.model, Model)
