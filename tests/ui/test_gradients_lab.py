"""The lab of gradients and memory, without a browser."""

from __future__ import annotations

import base64
import json
import math

import numpy as np
import pytest
from trained_visitors import looked
from trained_visitors import trained as trained_steps
from visitors import conditional, guest, is_sentence, visitor

from playground.architectures import ARCHITECTURES
from playground.inspection import BACKBONES, Unrolling, backbone, input_gradients, series
from playground.ui.handlers import gradients, runs
from playground.ui.handlers.screen import STORE
from playground.ui.tabs import wiring

ASKS = [gradients.memory, gradients.states, gradients.attention, gradients.inside, gradients.look, gradients.lengths]


def followed(session) -> list[dict]:
    """Follow the run as the page does, and return what the lab is told."""
    return [values[-1] for values in wiring.guarded(gradients.over, ("gradients",))(session.id)]


def test_the_lines_are_logarithms_of_the_gradients():
    session = visitor()
    answer = looked(session, gradients.memory, length=24, bias=1.5, radius=0.9, scale=0.5, start="orthogonal", seed=3)
    wanted = Unrolling(length=24, forget_bias=1.5, radius=0.9, input_scale=0.5, start="orthogonal", seed=3)
    for name in BACKBONES:
        settings = wanted if name != "transformer" else Unrolling(length=24, input_scale=0.5, seed=3)
        norms = input_gradients(backbone(name, settings), series(settings))[0]
        np.testing.assert_allclose(answer["lines"][name], norms.log10(), atol=1e-3)
    assert answer["radius"] == 0.9 and answer["pairs"] == 576
    assert answer["power"] == pytest.approx(24 * math.log10(0.9))
    json.dumps(answer, allow_nan=False)


def test_the_largest_length_is_answered_and_a_gradient_of_0_is_nothing():
    session = visitor()
    answer = looked(session, gradients.memory, length=256, radius=0.05)
    assert all(len(line) == 256 for line in answer["lines"].values())
    assert answer["lines"]["rnn"][0] is None
    json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize(
    ("cell", "maps"),
    [
        ("rnn", ["states"]),
        ("gru", ["states", "reset", "update"]),
        ("lstm", ["states", "memory", "input", "forget", "output"]),
    ],
)
def test_a_cell_shows_its_state_and_its_gates(cell, maps):
    answer = looked(visitor(), gradients.states, cell=cell, length=8)
    assert [one["name"] for one in answer["maps"]] == maps
    assert [one["name"] for one in answer["maps"] if one["gate"]] == [name for name in maps if name not in ("states", "memory")]
    values = np.frombuffer(base64.b64decode(answer["maps"][0]["data"]), np.int8)
    assert values.size == answer["steps"] * answer["units"] == 8 * 32


def test_the_heads_of_the_transformer_are_drawn_row_by_row():
    answer = looked(visitor(), gradients.attention, length=16)
    assert len(answer["heads"]) == 4
    for head in answer["heads"]:
        values = np.frombuffer(base64.b64decode(head), np.uint8).reshape(16, 16)
        assert (values.max(1) == 255).all() and (np.triu(values, 1) == 0).all()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_shows_what_is_inside_it_trained_or_not(name):
    session = visitor(architecture=name, generator__width=8, discriminator__width=8)
    inside = looked(session, gradients.inside)
    lengths = looked(session, gradients.lengths)
    json.dumps([inside, lengths], allow_nan=False)
    assert {bar["network"] for bar in lengths["bars"]} == {"generator", "discriminator"}
    assert bool(inside["states"]) == (inside["rows"] is not None) == (name == "recurrent-rows")
    for layer in inside["attention"]:
        last = math.prod(layer["queries"]) - 1
        answer = looked(session, gradients.look, network=layer["network"], number=layer["number"], query=last)
        assert len(answer["weights"]) == layer["heads"]
        np.testing.assert_allclose(np.sum(answer["weights"], 1), 1, atol=5e-3)


def test_a_shipped_model_has_gradients_and_one_moment_at_most():
    session = guest()
    answer = looked(session, gradients.lengths)
    assert all(bar["weights"] is not None for bar in answer["bars"] if bar["own"]) and answer["moments"] <= 1
    assert answer["step"] == session.model.step


def test_a_model_that_knows_classes_works():
    session = conditional()
    looked(session, gradients.lengths)
    assert looked(session, gradients.inside)["states"] == []


def test_a_run_is_followed_moment_by_moment():
    session = trained_steps(3)
    told = followed(session)
    assert told[0]["busy"] and told[0]["course"] == []
    assert not told[-1]["busy"]
    assert [at["step"] for at in told[-1]["course"]] == [moment.step for moment in session.run.timeline.moments]
    assert told[-1]["course"][-1]["bars"] == looked(session, gradients.lengths)["bars"]
    assert "gradients" not in session.tasks
    json.dumps(told, allow_nan=False)


def test_following_can_be_stopped():
    session = trained_steps(3)
    run = wiring.guarded(gradients.over, ("gradients",))(session.id)
    next(run)
    gradients.halt(session.id)
    told = [values[-1] for values in run]
    assert len(told[-1]["course"]) == 1 and not told[-1]["busy"]


def test_what_cannot_be_followed_is_said():
    assert is_sentence(followed(visitor())[-1]["error"])
    assert is_sentence(gradients.look({"model": visitor(model=True).id})["error"] + ".")


def test_a_run_in_progress_does_not_wait():
    session = trained_steps(1)
    with session.lock:
        pass
    looked(session, gradients.lengths)
    list(runs.step(session.id))
    assert session.run.step == 2


def test_networks_that_do_not_fit_together_are_said():
    session = visitor(architecture="dcgan", generator__kernel_size=(3, 3, 4), generator__width=4)
    for ask in (gradients.inside, gradients.lengths):
        assert is_sentence(ask({"model": session.id})["error"] + ".")


@pytest.mark.parametrize(
    "garbage",
    [
        {"length": 7}, {"length": 257}, {"length": 8.5}, {"length": "9"}, {"length": None}, {"bias": "x"}, {"bias": 1e9},
        {"radius": 0}, {"radius": float("nan")}, {"scale": -1}, {"scale": True}, {"start": "zeros"}, {"start": []},
        {"seed": -1},
    ],
)  # fmt: skip
def test_garbage_is_answered_with_a_sentence(garbage):
    session = visitor()
    for ask in (gradients.memory, gradients.states, gradients.attention):
        assert is_sentence(ask({"model": session.id} | garbage)["error"] + ".")


@pytest.mark.parametrize(
    "garbage",
    [{"network": "x"}, {"network": 1}, {"number": 9}, {"number": "0"}, {"query": -1}, {"query": 10**6}, {"query": None}],
)
def test_a_place_that_is_none_is_answered_with_a_sentence(garbage):
    session = visitor(architecture="sagan", generator__width=8, discriminator__width=8)
    assert is_sentence(gradients.look({"model": session.id} | garbage)["error"] + ".")


@pytest.mark.parametrize("ask", ASKS)
def test_requests_of_no_session_are_answered_with_a_sentence(ask):
    for request in (None, 1, [], {"model": "nobody"}):
        assert is_sentence(ask(request)["error"])
    assert is_sentence(gradients.states({"model": STORE.open(visitor().experiment).id, "cell": "cnn"})["error"] + ".")
