"""Going back to a moment of a run, and what a diagnosis advises: the session shows the past and trains from the newest."""

import numpy as np
import pytest
from visitors import answers, trained, visitor

from playground.evaluation.diagnosis import Diagnosis
from playground.ui.handlers import looking, runs, settings
from playground.ui.handlers.screen import sheet_pictures
from playground.ui.views.run import diagnosis


@pytest.fixture
def session():
    """A visitor whose run has a few moments."""
    return trained(visitor(), steps=4)


def moment(session, step) -> dict:
    return looking.moment({"model": session.id, "step": step})


def test_the_timeline_names_every_moment_kept(session):
    steps = moment(session, None)["timeline"]["steps"]
    assert steps == [0, 1, 2, 3, 4] and session.past is None


def test_an_earlier_moment_shows_the_samples_of_that_step(session):
    newest = sheet_pictures(session.model)
    answer = moment(session, 1)
    assert (answer["timeline"]["at"], answer["sheet"]["step"]) == (1, 1)
    expected = sheet_pictures(session.run.model(1))
    np.testing.assert_array_equal(sheet_pictures(session.shown), expected)
    assert (expected != newest).any()
    assert set(answer) == {"sheet", "ladder", "walk", "timeline"}


def test_what_is_asked_for_at_an_earlier_moment_is_of_that_moment(session):
    moment(session, 1)
    past = looking.walk({"model": session.id, "seeds": [1, 2]})["sprite"]["src"]
    moment(session, None)
    assert looking.walk({"model": session.id, "seeds": [1, 2]})["sprite"]["src"] != past


def test_the_newest_moment_is_the_model_itself(session):
    moment(session, 1)
    assert moment(session, 4)["timeline"]["at"] is None
    assert session.past is None and session.shown is session.model


def test_training_goes_on_from_the_newest_moment(session):
    moment(session, 1)
    list(runs.step(session.id))
    assert session.past is None and session.model.step == 5


def test_a_run_goes_on_while_an_earlier_moment_is_looked_at(session):
    run = runs.train(session.id, 5)
    next(run)
    moment(session, 1)
    frames = [frame for frame, _ in zip(run, range(2), strict=False)]
    run.close()
    assert all("sheet" not in frame and "walk" not in frame and "ladder" not in frame for frame in frames)
    assert all(frame["timeline"]["at"] == 1 and frame["curves"]["step"] for frame in frames)


@pytest.mark.parametrize("step", [-1, 1.5, "1", True, [], {}, 2**60, float("nan")])
def test_a_step_that_is_none_is_refused(session, step):
    assert "step must be a whole number" in moment(session, step)["error"]


def test_a_session_without_a_run_has_nothing_to_go_back_to():
    assert "error" in moment(visitor(), 0)


def test_the_moments_count_as_memory_of_the_session(session):
    assert session.num_bytes > session.run.timeline.nbytes > 0


def test_advice_is_taken_with_the_weights_kept(session):
    before = session.model.resume
    values = settings.apply(session.id, {"recipe.learning_rate_generator": 1e-5})
    assert session.experiment.recipe.learning_rate_generator == 1e-5
    assert (session.model.step, session.run.step) == (4, 4)
    np.testing.assert_array_equal(session.model.resume["noise"], before["noise"])
    assert "kept whole" in values["status"]["message"]
    list(runs.step(session.id))
    assert session.model.step == 5


@pytest.mark.parametrize(
    "change", [None, {}, [], "recipe.loss", {"recipe.loss": "x"}, {"nothing.at": 1}, {"seed": 2}, {"a": 1}]
)
def test_advice_that_is_none_is_refused_and_changes_nothing(session, change):
    before = session.experiment
    (answer,) = answers(settings.apply, session.id, change)
    assert answer["status"]["bad"] and session.experiment == before and session.model.step == 4


def test_the_page_shows_the_newest_diagnosis(session):
    found = Diagnosis("learning", "Learning: it does.", "Let it run.")
    session.diagnosis = found
    assert diagnosis(session) == {"state": "learning", "sentence": found.sentence, "advice": found.advice, "change": {}}


def test_a_session_that_was_put_away_is_told_so():
    assert "put away" in looking.moment({"model": "gone", "step": 0})["error"]
