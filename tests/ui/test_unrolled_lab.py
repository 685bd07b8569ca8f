"""The lab "Unrolled", without a browser."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import torch
from trained_visitors import looked
from visitors import is_sentence, visitor

from playground.experiment import Experiment
from playground.inspection import attentions, recurrences, step_scores
from playground.model import Model
from playground.ui.handlers import unrolled
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session


def opened(**settings) -> Session:
    """Open a session with an untrained model."""
    experiment = Experiment.from_settings({key.replace("__", "."): value for key, value in settings.items()})
    return STORE.open(experiment, Model.untrained(experiment))


def sines(**settings) -> Session:
    small = {"generator__width": 12, "discriminator__width": 8, "data__length": 16, "data__count": 200}
    return opened(architecture="rgan", dataset="sines", **small | settings)


def rows() -> Session:
    return opened(architecture="recurrent-rows", data__resolution=16, generator__width=8, discriminator__width=8)


def array(packed: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f4").reshape(shape)


def test_the_maps_are_the_cells_own_numbers():
    session = sines()
    model = session.model
    for layer, network in enumerate(("generator", "discriminator", "discriminator")):
        answer = looked(session, unrolled.look, point={"seed": 4}, layer=layer)
        latent = model.latents(1, 4)
        cells = recurrences(model.generator, latent) + recurrences(model.discriminator, model.generate(latent))
        about, cell = answer["layers"][layer], cells[layer]
        assert (about["network"], about["steps"], about["units"]) == (network, *cell.states.shape)
        assert about["backward"] == cell.backward
        wanted = {"states": cell.states} | ({} if cell.memory is None else {"memory": cell.memory}) | cell.gates
        assert [one["name"] for one in answer["detail"]["maps"]] == list(wanted)
        for one in answer["detail"]["maps"]:
            np.testing.assert_allclose(array(one["data"], *cell.states.shape), wanted[one["name"]], atol=1e-6)
            assert one["gate"] == (one["name"] in cell.gates) and one["scale"] > 0
        json.dumps(answer, allow_nan=False)


def test_both_samples_are_shown_with_what_d_thinks_of_every_step():
    session = sines()
    model, answer = session.model, looked(session, unrolled.look, point={"seed": 2}, real_seed=3)
    made = model.generate(model.latents(1, 2))
    np.testing.assert_allclose(answer["samples"]["fake"]["line"], made[0], atol=1e-4)
    np.testing.assert_allclose(answer["samples"]["fake"]["scores"], step_scores(model.discriminator, made)[0], atol=1e-5)
    real = torch.tensor(answer["samples"]["real"]["line"])
    scores = step_scores(model.discriminator, real[None])[0]
    np.testing.assert_allclose(answer["samples"]["real"]["scores"], scores, atol=1e-4)
    for name, sample in (("fake", made), ("real", real[None])):
        assert answer["samples"][name]["score"] == pytest.approx(model.discriminator(sample).item(), abs=1e-4)
    assert answer["steps"] == 16 and answer["note"] == "" and not answer["empty"]
    assert looked(session, unrolled.look, real_seed=4)["samples"]["real"] != answer["samples"]["real"]


def test_ds_layers_are_shown_as_they_read_either_sample():
    session = sines()
    made, real = (looked(session, unrolled.look, layer=1, reads=name)["detail"] for name in ("fake", "real"))
    assert made["maps"][0]["data"] != real["maps"][0]["data"]


def test_tokens_are_shown_as_their_words():
    session = opened(architecture="text-gan", dataset="sentences", generator__width=8, discriminator__width=8)
    answer = looked(session, unrolled.look)
    spec = session.experiment.spec
    assert all(set(sample["words"]) <= set(spec.vocabulary) for sample in answer["samples"].values())
    assert all(len(sample["words"]) == spec.shape[0] == len(sample["scores"]) for sample in answer["samples"].values())


@pytest.mark.parametrize("length", [16, 20])
def test_attention_over_steps_is_shown_whole(length):
    session = sines(generator__backbone="transformer", discriminator__backbone="transformer", data__length=length)
    answer = looked(session, unrolled.look)
    (wanted, *_) = attentions(session.model.generator, session.model.latents(1, 1))
    for packed, head in zip(answer["detail"]["heads"], wanted.weights, strict=True):
        np.testing.assert_allclose(array(packed, length, length), head, atol=1e-6)


def test_rows_of_pictures_are_steps():
    answer = looked(rows(), unrolled.look, layer=0)
    assert answer["steps"] == 8 and answer["seen"] == "rows" and answer["layers"][0]["steps"] == 8
    assert len(answer["samples"]["real"]["scores"]) == 8 and answer["samples"]["fake"]["sprite"]["count"] == 1


def test_convolutions_have_only_judgements_and_others_nothing():
    answer = looked(sines(generator__backbone="cnn", discriminator__backbone="cnn"), unrolled.look)
    assert answer["layers"] == [] and answer["detail"] is None and not answer["empty"]
    assert looked(visitor(model=True), unrolled.look)["empty"]


def test_networks_that_are_not_trained_yet_are_shown_too():
    session = sines()
    session.take(None, own=False)
    assert looked(session, unrolled.look)["steps"] == 16


def test_without_the_data_there_is_only_the_made_sample_and_a_sentence():
    session = sines()
    session.experiment = Experiment("rgan", "table", generator=session.experiment.generator)
    session.take(Model.untrained(session.experiment), own=True)
    answer = looked(session, unrolled.look, layer=1, reads="real")
    assert set(answer["samples"]) == {"fake"} and is_sentence(answer["note"])


def test_broken_networks_are_shown():
    session = sines()
    for parameter in session.model.generator.parameters():
        parameter.data.fill_(float("nan"))
    json.dumps(looked(session, unrolled.look), allow_nan=False)


@pytest.mark.parametrize(
    "request_",
    [
        {"layer": 3}, {"layer": -1}, {"layer": "0"}, {"layer": 1e9}, {"reads": "both"}, {"reads": None}, {"real_seed": -1},
        {"point": {"seed": "x"}}, {"point": None}, {"point": {"values": "??"}}, {"real_seed": [1]},
    ],
)  # fmt: skip
def test_garbage_gets_a_sentence(request_):
    answer = unrolled.look({"model": sines().id} | request_)
    assert is_sentence(answer["error"] + "." if not answer["error"].endswith(".") else answer["error"])
