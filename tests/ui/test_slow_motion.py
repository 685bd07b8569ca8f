"""Slow steps as the page asks for them: on whose model, in whose way, and what is said of each moment."""

from __future__ import annotations

import json
import math
import threading
import time

import numpy as np
import pytest
from visitors import answers, conditional, guest, is_sentence, visitor

from playground.checkpoint import load, shipped
from playground.training import train
from playground.training.substeps import Substep, slow_step
from playground.ui import compute
from playground.ui.handlers import runs, settings, slow
from playground.ui.handlers.runs import claimed, session_samples
from playground.ui.handlers.screen import STORE
from playground.ui.session import Session
from playground.ui.views.slow import caption, curve, stage_name


def ask(session: Session, **request) -> dict:
    return slow.step({"model": session.id} | request)


def error_of(answer: dict) -> str:
    """Return the one sentence of an answer that refuses."""
    assert list(answer) == ["error"] and is_sentence(answer["error"].rstrip(".") + "."), answer
    return answer["error"]


def test_a_slow_step_is_the_session_s_own_step():
    session = visitor()
    expected = list(train(session.experiment, samples=session_samples(session), steps=2))[-1].state
    ask(session)
    ask(session)
    for name in expected.keys() - {"seconds"}:
        np.testing.assert_array_equal(session.model.resume[name], expected[name], err_msg=name)
    assert session.own and not session.running and session.model.step == 2
    assert [record["step"] for record in session.model.history] == [1, 2]


def test_the_answer_is_json_with_a_sentence_a_moment():
    session = conditional()
    answer = ask(session)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert all(is_sentence(substep["caption"]) for substep in answer["substeps"])
    assert answer["labels"] and set(answer["labels"]) <= set(session.experiment.spec.classes)
    lengths = [substep["series"]["lengths"] for substep in answer["substeps"] if "lengths" in substep["series"]]
    assert [len(values) for values in lengths] == [len(answer["stages"][n]) for n in ("discriminator", "generator")]
    assert len(json.dumps(answer)) < 500_000


def test_numbers_that_are_said_are_the_numbers_that_are_given():
    score = next(substep for substep in ask(visitor())["substeps"] if substep["name"] == "score")
    numbers = score["numbers"]
    assert f"right in {numbers['right']:.0%}" in score["caption"]
    assert f"{numbers['real']:+.3f}".replace("-", "−") in score["caption"]


@pytest.mark.parametrize(("turn", "moved"), [("discriminator", "discriminator"), ("generator", "generator")])
def test_one_network_alone_learns_when_asked(turn, moved):
    session = visitor()
    ask(session)
    before = session.model.resume
    answer = ask(session, turn=turn)
    after = session.model.resume
    changed = {name.split(".")[0] for name in before if (before[name] != after[name]).any()}
    assert {"generator", "discriminator"} & changed == {moved}
    assert answer["turn"] == turn and answer["step"] == 1 + (turn == "generator")


def test_the_first_tab_shows_the_step_to_whoever_goes_back():
    session = visitor()
    ask(session)
    (values,) = answers(slow.shown, session.id)
    assert values["sheet"]["step"] == 1 and values["curves"]["step"] == [1]
    assert "Step 1, taken in slow motion" in values["status"]["message"]


def test_a_step_of_one_network_leaves_the_curves_of_the_first_tab_whole():
    session = visitor()
    for turn in ("discriminator", "generator", "both"):
        ask(session, turn=turn)
    (values,) = answers(slow.shown, session.id)
    assert len(values["curves"]["step"]) >= 1 and None not in values["curves"]["loss_discriminator"]


def test_who_goes_back_in_the_middle_of_a_run_disturbs_nothing():
    session = visitor(model=True)
    with claimed(session):
        assert answers(slow.shown, session.id) == [{}]


def test_a_copy_of_the_shown_model_goes_on_where_its_training_ended():
    (file,) = [file for file in shipped() if load(file).experiment.dataset == "digits"]  # whose data are built in
    shown = load(file)
    session = STORE.open(shown.experiment, shown)
    before, length = shown.resume, len(shown.history)
    told = slow.start({"model": session.id})
    assert (told["kind"], told["step"]) == ("copy", shown.step) and f"step {shown.step:,}" in told["note"]
    assert ask(session)["step"] == shown.step + 1 and session.model is not shown
    assert shown.resume is before and len(shown.history) == length == len(session.model.history) - 1
    assert slow.start({"model": session.id})["kind"] == "own"


def test_other_networks_than_the_shown_model_s_start_from_noise():
    session = guest()
    session.experiment = visitor().experiment
    told = slow.start({"model": session.id})
    assert (told["kind"], told["step"]) == ("noise", 0) and "came with the page" in told["note"]
    shown = session.model
    assert ask(session)["step"] == 1 and session.model is not shown


def test_fresh_begins_again():
    session = visitor()
    first = ask(session)
    ask(session)
    session.remaining = 12.0  # of a paused run
    again = ask(session, fresh=True)
    assert again["substeps"] == first["substeps"] and again["step"] == 1
    assert session.remaining == 0 and len(session.model.history) == 1


def test_a_paused_run_keeps_its_remaining_time():
    session = visitor()
    ask(session)
    session.remaining = 12.0
    ask(session)
    (values,) = answers(slow.shown, session.id)
    assert session.remaining == 12.0 and values["train"].value == "Resume"


def test_training_and_slow_motion_do_not_get_in_each_other_s_way():
    session = visitor()
    with claimed(session):
        assert "training already" in error_of(ask(session))
    ask(session)
    *_, last = answers(runs.step, session.id)
    assert last["sheet"]["step"] == 2


def test_a_run_that_meets_a_slow_step_is_refused_with_a_sentence(monkeypatch):
    session, began, go_on = visitor(), threading.Event(), threading.Event()
    true_step = compute.one_step

    def slowly(*inputs):
        began.set()
        go_on.wait(10)
        return true_step(*inputs)

    monkeypatch.setattr(compute, "one_step", slowly)
    stepping = threading.Thread(target=ask, args=(session,))
    stepping.start()
    began.wait(10)
    assert answers(runs.step, session.id)[-1]["status"]["bad"]
    go_on.set()
    stepping.join(10)
    assert session.model.step == 1 and not session.running


def test_others_wait_for_their_turn(monkeypatch):
    monkeypatch.setattr(slow, "PATIENCE", 0.05)
    monkeypatch.setattr(slow, "_slots", threading.BoundedSemaphore(1))
    with slow._slot():
        assert "Many others" in error_of(ask(visitor()))
    assert "error" not in ask(visitor())


def test_what_everybody_sees_is_nobody_s_to_train():
    pinned = STORE._pinned
    session = STORE.pin(Session("everybody", visitor().experiment))
    try:
        error_of(ask(session))
        assert session.model is None
    finally:
        STORE._pinned = pinned


def test_missing_data_broken_chains_and_networks_too_large_are_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    assert "not on this machine" in error_of(ask(visitor(dataset="mnist")))
    assert "images" in error_of(ask(visitor(dataset="images", **{"data__resolution": 16})))
    broken = visitor(architecture="dcgan", discriminator__kernel_size=9, discriminator__padding=0)
    assert slow.start({"model": broken.id})["obstacle"] == error_of(ask(broken))
    large = visitor(architecture="dcgan", data__resolution=64, generator__width=128, discriminator__width=128)
    assert "two seconds" in error_of(ask(large)) and large.model is None


def test_on_zero_gpu_the_cpu_takes_the_step(monkeypatch):
    asked = {}
    monkeypatch.setattr(compute, "ZERO_GPU", True)
    monkeypatch.setattr(compute, "slow_step", lambda *inputs: asked.update(device=inputs[-1]) or slow_step(*inputs))
    session = visitor()
    assert slow.start({"model": session.id})["note"].endswith("Slow motion computes on the CPU.")
    assert ask(session)["step"] == 1 and asked["device"] == "cpu"


def test_a_step_that_runs_away_leaves_the_model_alone():
    session = visitor()
    ask(session)
    for name, value in session.model.resume.items():
        if name.startswith("discriminator."):
            session.model.resume[name] = value * np.float32(1e9)
    before = session.model.resume
    assert "ran away" in error_of(ask(session))
    assert session.model.resume is before and len(session.model.history) == 1


@pytest.mark.parametrize("turn", [None, 1, "nobody", [], {"both": 1}, True, "x" * 9999])
def test_a_turn_that_is_none_gets_a_sentence(turn):
    assert "turn" in error_of(ask(visitor(), turn=turn))


def test_a_flag_that_is_none_gets_a_sentence():
    assert "fresh" in error_of(ask(visitor(), fresh="yes"))


@pytest.mark.parametrize(
    "request_", [None, 3, "", "x" * 9999, [], [1], {}, {"model": None}, {"model": {"a": []}}, {"turn": "both"}]
)
def test_garbage_gets_a_sentence(request_):
    for function in (slow.start, slow.step):
        error_of(function(request_))


def test_a_reset_model_starts_from_noise():
    session = visitor()
    ask(session)
    settings.reset(session.id)
    assert slow.start({"model": session.id})["kind"] == "noise"
    assert ask(session)["step"] == 1


def test_numbers_are_written_as_their_kind_is_read():
    numbers = {"before": -0.6104, "fake": 12.34, "right": 0.914}
    assert caption(Substep("score_again", "discriminator", numbers), 0.0) == (
        "D scores the same pictures with its new weights: fakes go from −0.610 to +12.3, and D is right in 91% of cases now."
    )
    share = caption(Substep("update_generator", "generator", {"share": 0.0123}), 0.0)
    assert "1.2%" in share
    assert "–" in caption(Substep("update_generator", "generator", {"share": math.nan}), 0.0)


def test_a_stage_has_the_name_that_the_ladder_gives_it():
    assert [stage_name(name) for name in ("up2", "project", "unheard")] == ["up 2", "first map", "unheard"]


def test_the_small_curve_takes_any_history():
    history = [{"loss_generator": "x"}, {"separation": 0.75}, {"loss_discriminator": math.inf}] * 30
    found = curve(history)
    assert len(found["separation"]) == 60 and found["separation"][1] == 0.75
    assert set(found["loss_generator"]) == set(found["loss_discriminator"]) == {None}


def test_a_slow_step_of_small_networks_takes_no_time_to_speak_of():
    session = visitor()
    ask(session)
    started = time.perf_counter()
    ask(session)
    assert time.perf_counter() - started < 2
