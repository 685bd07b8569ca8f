"""The batch-norm lab's answers, without a browser."""

import base64
import json
from urllib.request import urlopen

import numpy as np
import pytest
import torch
from small_models import IMAGE_MAKERS
from trained_visitors import trained
from visitors import conditional, guest, is_sentence, visitor

from playground.inspection import batch_norms, layer_statistics, under_statistics
from playground.samples import to_pixels
from playground.ui.handlers import norms
from playground.ui.views.norms import BEYOND, NONE, ZERO, packed

TINY = {"architecture": "dcgan", "generator__width": 4, "discriminator__width": 4}
PAIR = [{"normalisation": "batch", "where": "both"}, {"normalisation": "none", "where": "both"}]


def ask(function, session, **request):
    answer = function({"model": session.id} | request)
    json.dumps(answer, allow_nan=False)
    assert "error" not in answer, answer
    return answer


def pixels(sprite) -> np.ndarray:
    """Cut a sprite of one row into its pictures, grey (N, H, W)."""
    from PIL import Image

    with urlopen(sprite["src"]) as file:
        image = np.array(Image.open(file).convert("L"))
    return np.stack(np.split(image, sprite["count"], 1))


def raced(session, request):
    return [answer["norms"] for answer in norms.race(session.id, request)]


def test_the_rows_are_the_pictures_that_the_core_makes():
    session = guest()
    latents = session.model.latents(8, 0)
    answer = ask(norms.same, session, size=20, mates=3)
    by_batch = under_statistics(session.model, latents, mode="batch", mates=(3, 12))
    own = session.model.generate(latents)
    np.testing.assert_array_equal(pixels(answer["batch"]["sprite"]), to_pixels(by_batch)[..., 0])
    np.testing.assert_array_equal(pixels(answer["running"]["sprite"]), to_pixels(own)[..., 0])
    assert answer["away"] == pytest.approx(float((by_batch - own).abs().mean()) * 127.5, rel=1e-3)
    assert answer["batch"]["change"] > 0 == answer["running"]["change"]
    standing = ask(norms.standing, session)
    assert 0 < standing["away"] < 10 and pixels(standing["sprite"]).shape == (8, 32, 32)


def test_only_with_a_momentum_other_mates_change_the_running_row():
    session = guest()
    assert ask(norms.same, session, momentum=0.5)["running"]["change"] > 0
    assert ask(norms.same, session, size=1)["batch"]["change"] == 0


def test_asking_leaves_the_model_as_it_is():
    session = guest()
    before = {key: value.clone() for key, value in session.model.generator.state_dict().items()}
    for function in (norms.same, norms.standing, norms.statistics):
        ask(function, session, momentum=1.0, epsilon=0.1)
    torch.testing.assert_close(dict(session.model.generator.state_dict()), before, rtol=0, atol=0)


def test_the_formula_has_the_numbers_of_the_channel():
    session = guest()
    layer = ask(norms.statistics, session)["layers"][1]["name"]
    for source in ("batch", "running"):
        answer = ask(norms.statistics, session, layer=layer, channel=5, source=source, size=32)
        n = answer["numbers"]
        assert n["gamma"] * (n["x"] - n["mean"]) / (n["var"] + n["eps"]) ** 0.5 + n["beta"] == pytest.approx(n["y"], abs=0.01)
        own = batch_norms(session.model.generator)[layer.removeprefix("generator.")]
        assert answer["channels"]["running_mean"][5] == pytest.approx(float(own.running_mean[5]), rel=1e-3)
        assert sum(answer["before"]["one"]) == answer["layers"][1]["count"] == sum(answer["after"]["one"])


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_architecture_answers_or_says_which_normalisation_it_has(name):
    session = visitor(model=True, architecture=name)
    answer = ask(norms.same, session, size=4)
    statistics = ask(norms.statistics, session, size=4)
    bare = not batch_norms(session.model.generator)
    assert answer["without"] == bare
    if bare:
        assert set(answer["kinds"]) == {"generator", "discriminator"}
    else:
        assert len(statistics["layers"]) == len(layer_statistics(session.model, session.model.latents(4, 0), counted=()))


def test_a_model_with_classes_has_pictures_too():
    answer = ask(norms.same, conditional(), size=12)
    assert answer["batch"]["sprite"]["count"] == 8


@pytest.mark.parametrize(
    "request_",
    [
        {"size": 0}, {"size": 65}, {"size": "x"}, {"size": True}, {"mates": -1}, {"mates": 1.5}, {"momentum": 2},
        {"momentum": None}, {"epsilon": 0}, {"epsilon": "x"}, {"epsilon": float("nan")}, {"epsilon": []},
    ],
)  # fmt: skip
def test_garbage_is_answered_with_a_sentence(request_):
    session = visitor(model=True, **TINY)
    for function in (norms.same, norms.standing, norms.statistics):
        assert is_sentence(function({"model": session.id} | request_)["error"] + ".")


def test_garbage_about_layers_is_answered():
    session = visitor(model=True, **TINY)
    assert ask(norms.statistics, session, layer="nonsense", channel=10**6)["channel"] == 7
    assert ask(norms.statistics, session, layer=["x"])["layer"] == "generator.stages.project.2"
    assert "channel must be" in norms.statistics({"model": session.id, "channel": -1})["error"]
    assert "source must be" in norms.statistics({"model": session.id, "source": 3})["error"]
    assert is_sentence(norms.same({"model": "nobody"})["error"]) and is_sentence(norms.same(7)["error"])


@pytest.mark.parametrize(
    "request_",
    [
        None, 3, {}, {"arms": []}, {"arms": [1], "steps": 10}, {"arms": PAIR, "steps": 7}, {"arms": PAIR, "steps": True},
        {"arms": PAIR * 2, "steps": 10}, {"arms": PAIR * 4, "steps": 10}, {"arms": [{"normalisation": 3}], "steps": 10},
        {"arms": PAIR, "steps": []},
    ],
)  # fmt: skip
def test_arms_that_cannot_be_are_answered_with_a_sentence(request_):
    (answer,) = raced(visitor(model=True, **TINY), request_)
    assert is_sentence(answer["error"].rstrip(".") + ".")


def test_arms_are_trained_and_described():
    session = visitor(model=True, **TINY)
    before = session.model.generator.state_dict()["stages.project.1.weight"].clone()
    *_, last = raced(session, {"arms": PAIR, "steps": 10})
    json.dumps(last, allow_nan=False)
    assert last["done"] and last["taken"] == 10 and not last["instead"]
    assert [arm["normalisation"] for arm in last["arms"]] == ["batch", "none"]
    for arm in last["arms"]:
        values = np.frombuffer(base64.b64decode(arm["figures"]["gradient"]), "<i2")
        assert len(values) == len(arm["stages"]) * arm["steps"] and arm["sprite"]["count"] == 8
    assert (session.model.generator.state_dict()["stages.project.1.weight"] == before).all()
    assert not session.tasks


def test_without_the_models_data_the_arms_learn_the_digits(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    for name in ("sn-dcgan", "mlp"):
        session = visitor(model=True, architecture=name, dataset="mnist")
        rounds = norms.race(session.id, {"arms": PAIR[:1], "steps": 10})
        first = next(rounds)["norms"]
        rounds.close()
        assert first["instead"] and first["arms"][0]["sprite"]["count"] == 8


def test_arms_need_no_trained_model():
    session = visitor(**TINY)
    rounds = norms.race(session.id, {"arms": PAIR[:1], "steps": 10})
    assert next(rounds)["norms"]["arms"][0]["architecture"] == "dcgan"
    rounds.close()


def test_arms_can_be_stopped():
    session = visitor(model=True, **TINY)
    rounds = norms.race(session.id, {"arms": PAIR, "steps": 200})
    next(rounds)
    norms.halt(session.id)
    *_, last = [answer["norms"] for answer in rounds]
    assert last["done"] and last["taken"] < 200


def test_a_run_is_measured_at_each_of_its_moments():
    session = trained(2, **TINY)
    *_, last = [answer["norms"] for answer in norms.over(session.id)]
    assert last["steps"] == [moment.step for moment in session.run.timeline.moments] and last["moments"] == len(last["steps"])
    found = layer_statistics(session.run.model(), session.model.latents(64, 0))
    assert last["layers"][0]["series"]["batch_std"][-1] == pytest.approx(found[0].levels["batch_std"], rel=1e-3)


def test_a_session_without_a_run_has_no_moments():
    for session in (visitor(), visitor(model=True, **TINY)):
        (answer,) = norms.over(session.id)
        assert answer["norms"] == {"kind": "over", "steps": [], "moments": 0, "layers": []}


def test_numbers_are_packed_to_a_thousandth_of_a_power_of_ten():
    values = np.array([[1.0, 0.0, np.inf], [np.nan, 250.0, 1e-40]])
    found = np.frombuffer(base64.b64decode(packed(values)), "<i2")
    assert found.tolist() == [0, ZERO, BEYOND, NONE, 2398, ZERO + 1]
