"""Runs, as the page drives them: frames while they last, pause and resume, stop, step, reset, no visitor in another's way."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from visitors import answers, is_sentence, refusal, visitor

from playground.ui.handlers import looking, runs, settings
from playground.ui.session import Session
from playground.ui.tabs import wiring


@pytest.fixture(autouse=True)
def short_runs(monkeypatch):
    """Let budgets be shorter than a person may ask for, and keep the digits in memory."""
    monkeypatch.setattr(runs, "MIN_SECONDS", 0.1)


def started(session: Session, seconds: float = 60, frames: int = 2):
    """Start a run and take some frames: the generator and the last frame."""
    run = runs.train(session.id, seconds)
    for _ in range(frames):
        frame = next(run)
    return run, frame


def paused(seconds: float = 60, **options) -> Session:
    session = visitor(**options)
    run, _ = started(session, seconds)
    runs.pause(session.id)
    list(run)
    return session


def trained_seconds(session: Session) -> float:
    return session.model.history[-1]["seconds"]


def test_the_first_frame_comes_before_any_training_and_the_second_within_a_second_of_it():
    session = visitor()
    run = runs.train(session.id, 60)
    first, second = next(run), next(run)
    assert first["sheet"]["step"] == 0 and first["sheet"]["sprite"]["count"] == 36
    assert second["sheet"]["step"] > 0 and second["curves"]["seconds"][0] < 1
    run.close()


def test_every_frame_brings_pictures_curves_numbers_and_the_contents_of_the_ladder():
    session = visitor()
    run, frame = started(session)
    assert frame["status"]["state"] == "running" and "images/s" in frame["status"]["numbers"]
    assert frame["curves"]["step"] == [frame["sheet"]["step"]]
    assert frame["sheet"]["model"] == frame["ladder"]["model"] == session.id
    assert set(frame["ladder"]["contents"]["stages"]) >= {"generator.hidden1", "generator.image", "discriminator.hidden1"}
    run.close()


def test_a_run_ends_by_itself_when_its_time_is_spent():
    session = visitor()
    *_, last = runs.train(session.id, 0.5)
    assert last["status"]["message"].startswith("Done:") and last["buttons"] == "idle"
    assert trained_seconds(session) == pytest.approx(0.5, abs=0.2)
    assert not session.running and session.own


def test_training_goes_on_from_where_it_ended():
    session = visitor()
    list(runs.train(session.id, 0.3))
    step = session.model.step
    first = next(runs.train(session.id, 0.3))
    assert first["sheet"]["step"] == step > 0


def test_a_paused_run_resumes_to_the_end_of_its_budget():
    session = paused(seconds=1.5)
    left, done, step = session.remaining, trained_seconds(session), session.model.step
    assert 0 < left < 1.5 and wiring.refused(session.id, "")["buttons"] == "paused"
    frames = list(runs.train(session.id, 60))  # the field may say anything now
    assert frames[0]["sheet"]["step"] == step
    assert trained_seconds(session) == pytest.approx(done + left, abs=0.2)
    assert session.remaining == 0 and frames[-1]["status"]["message"].startswith("Done:")


def test_a_paused_run_offers_resume_and_a_second_pause_changes_nothing():
    session = paused()
    left = session.remaining
    (answer,) = answers(runs.pause, session.id)
    assert answer["train"].value == "Resume" and answer["status"]["message"].startswith("Paused")
    assert session.remaining == left


def test_stop_ends_a_run_for_good_and_keeps_its_model():
    session = visitor()
    run, _ = started(session)
    runs.stop(session.id)
    *_, last = run
    assert last["status"]["message"].startswith("Stopped at step") and last["buttons"] == "idle"
    assert session.remaining == 0 and session.model.step > 0


def test_stop_calls_off_what_is_left_of_a_paused_run():
    session = paused()
    (answer,) = answers(runs.stop, session.id)
    assert session.remaining == 0 and answer["train"].value == "Train"


def test_a_run_that_was_called_off_while_it_waited_never_starts():
    session = visitor()
    runs.announce(session.id)
    runs.stop(session.id)
    assert list(runs.train(session.id, 60)) == [] and session.model is None
    runs.announce(session.id)
    assert next(runs.train(session.id, 60))["sheet"]["step"] == 0


def test_who_has_to_wait_for_a_turn_is_told_so():
    others = [visitor() for _ in range(runs.RUNS)]
    assert runs.announce(visitor().id)["status"]["message"] == "Starting…"
    for other in others:
        other.running = True
    message = runs.announce(visitor().id)["status"]["message"]
    for other in others:
        other.running = False
    assert message.startswith(f"{runs.RUNS} others are training")


def test_a_step_is_one_update():
    session = visitor()
    for wanted in (1, 2):
        *_, last = runs.step(session.id)
        assert session.model.step == wanted
        assert last["status"]["message"].startswith(f"Step {wanted}:")


def test_a_step_in_a_pause_keeps_the_time_that_is_left():
    session = paused()
    left = session.remaining
    *_, last = runs.step(session.id)
    assert session.remaining == left and last["buttons"] == "paused"


def test_reset_gives_the_same_start_every_time():
    session = visitor(seed=5)
    first = settings.reset(session.id)["sheet"]
    list(runs.step(session.id))
    list(runs.step(session.id))
    trained, again = runs.screen(session, "")["sheet"], settings.reset(session.id)["sheet"]
    assert first["sprite"]["src"] == again["sprite"]["src"] != trained["sprite"]["src"]
    assert (again["step"], session.remaining) == (0, 0)


def test_the_same_seed_trains_the_same_way():
    first, second = visitor(seed=3), visitor(seed=3)
    sheets = [list(runs.step(session.id))[-1]["sheet"]["sprite"]["src"] for session in (first, second)]
    assert sheets[0] == sheets[1]


@pytest.mark.parametrize("as_the_page_does", [False, True])
def test_a_run_that_nobody_watches_any_more_frees_its_session(as_the_page_does):
    session = visitor()
    run = (wiring.guarded(runs.train) if as_the_page_does else runs.train)(session.id, 600)
    next(run)
    assert session.running
    run.close()
    assert not session.running
    assert next(runs.train(session.id, 60))["sheet"]["model"] == session.id


def test_a_session_trains_once_at_a_time():
    session = visitor()
    run, _ = started(session)
    for handler, inputs in ((runs.train, (60,)), (runs.step, ()), (runs.announce, ())):
        assert refusal(handler, session.id, *inputs) == "This session is training already. Pause or stop it first."
    assert session.running and next(run)["sheet"]["step"] > 0
    run.close()


def test_two_sessions_train_at_once_and_never_see_each_others_pictures():
    small = visitor(seed=1)
    large = visitor(dataset="shapes", architecture="sn-dcgan", data__resolution=32, data__count=200)
    with ThreadPoolExecutor(2) as pool:
        frames = list(pool.map(lambda session: list(runs.train(session.id, 1.0)), (small, large)))
    for session, side, shown in ((small, 16, frames[0]), (large, 32, frames[1])):
        assert all(frame["sheet"]["model"] == session.id for frame in shown)
        assert {frame["sheet"]["sprite"]["width"] for frame in shown} == {side}
        assert all(session.experiment.architecture in frame["sheet"]["caption"] for frame in shown)
    assert small.model.step > 0 and large.model.step > 0


def test_looking_around_while_a_run_goes_on_never_fails():
    session = visitor()
    run, _ = started(session)
    for t in (0.0, 0.5, 1.0):
        place = {"model": session.id, "seeds": [3, 4], "method": "lerp", "t": t}
        assert all("error" not in ask(place) for ask in (looking.walk, looking.maps))
        assert next(run)["ladder"]["place"]["seeds"] == (3, 4)
    run.close()


def test_a_run_that_diverges_ends_with_a_sentence_and_sound_weights():
    session = visitor(recipe__learning_rate_generator=1.0, recipe__learning_rate_discriminator=1.0, recipe__beta1=0.0)
    *_, last = runs.train(session.id, 30)
    assert last["status"]["bad"] and is_sentence(last["status"]["message"])
    assert "Lower the learning rates" in last["status"]["message"] and last["buttons"] == "idle"
    assert all(np.isfinite(value).all() for value in session.model.resume.values())
    assert "error" not in looking.maps({"model": session.id})


def test_after_a_divergence_a_reset_and_lower_rates_train_again():
    session = visitor(recipe__learning_rate_generator=1.0, recipe__learning_rate_discriminator=1.0, recipe__beta1=0.0)
    list(runs.train(session.id, 30))
    for key in ("recipe.learning_rate_generator", "recipe.learning_rate_discriminator"):
        settings.edit(session.id, key, 1e-4)
    settings.reset(session.id)
    *_, last = runs.train(session.id, 0.3)
    assert last["status"]["message"].startswith("Done:")


def test_loss_and_rates_changed_in_a_pause_take_effect_and_keep_the_count_of_steps():
    session = paused()
    step, left = session.model.step, session.remaining
    for key, value in (("recipe.loss", "hinge"), ("recipe.learning_rate_generator", 1e-5), ("recipe.batch_size", 4)):
        (answer,) = answers(settings.edit, session.id, key, value)
        assert answer["form"]["error"] == "" and "next step" in answer["status"]["message"]
    assert session.remaining == left
    run, frame = started(session, frames=1)
    assert frame["sheet"]["step"] == step > 0
    assert session.model.experiment.recipe.loss == "hinge"
    next(run)
    assert session.model.resume["step"] >= step
    run.close()


def test_networks_changed_in_a_pause_start_a_run_of_their_own():
    session = paused()
    settings.edit(session.id, "generator.width", 24)
    assert session.remaining == 0
    assert next(runs.train(session.id, 60))["sheet"]["step"] == 0


def test_a_chain_of_sizes_that_breaks_is_not_trained():
    session = visitor(architecture="sn-dcgan", generator__kernel_size="4,5")
    assert refusal(runs.train, session.id, 60).startswith("This cannot be trained: ")
    assert not session.running and session.model is None


def test_data_that_are_not_on_disk_are_not_trained_on(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    session = visitor(dataset="mnist")
    assert "not on this machine" in refusal(runs.train, session.id, 60)
    assert "Choose your own images first" in refusal(runs.train, visitor(dataset="images").id, 60)
    assert not session.running


@pytest.mark.parametrize(
    "seconds", [None, "", "x", "NaN", float("nan"), float("inf"), -1, 0, 601, 1e9, 10**400, True, [], [5], {}, "9" * 10_000],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_a_training_time_that_makes_no_sense_is_refused_with_a_sentence(seconds, monkeypatch):
    monkeypatch.setattr(runs, "MIN_SECONDS", 5)
    session = visitor()
    assert "training time" in refusal(runs.train, session.id, seconds)
    assert not session.running


@pytest.mark.parametrize("name", ["gone", None, 3, ["x"]], ids=repr)
def test_a_session_that_was_put_away_cannot_be_trained(name):
    handlers = ((runs.announce, ()), (runs.train, (60,)), (runs.step, ()), (runs.pause, ()), (runs.stop, ()))
    for handler, inputs in handlers:
        assert "Reload the page" in refusal(handler, name, *inputs)


def test_pausing_takes_no_longer_than_a_step_and_a_frame():
    session = visitor()
    run, _ = started(session)
    before = time.perf_counter()
    runs.pause(session.id)
    list(run)
    assert time.perf_counter() - before < 2
