"""Forks: the same again, or with one thing changed; and a run's past in one picture."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from test_looking_around import error_of, file_of, tiles
from trained_visitors import assert_same_state, forked, looked, train_on, trained
from visitors import answers, conditional, refusal, visitor

from playground.exporting import read_settings
from playground.latent import interpolate
from playground.ui.handlers import forks, pasts, runs, shelf


def fork_of(session):
    return session.shelf.kept[-1]


def test_a_fork_without_a_change_repeats_its_run_bit_for_bit():
    session = trained(6)
    forked(session, step=2, to_end=True)
    entry = fork_of(session)
    assert entry.run.step == 6 and entry.run.timeline.moments[0].step == 2
    assert_same_state(entry.run.timeline.nearest().state, session.run.timeline.nearest().state)


def test_the_curve_of_a_fork_without_a_change_lies_exactly_on_that_of_its_run():
    session = trained(1)
    training = runs.train(session.id, 5)
    for _ in range(4):  # stretches of many steps
        next(training)
    training.close()
    moments = session.run.timeline.moments
    forked(session, step=moments[-2].step, to_end=True)
    names = ("step", "loss_generator", "separation", "gradient_discriminator")
    both = (fork_of(session).run, session.run)
    own, parent = ([[record[name] for name in names] for record in run.history] for run in both)
    assert own == parent and moments[-1].step > moments[-2].step + 1


def test_a_fork_keeps_its_run_and_the_first_tab_stays_where_it_is():
    session = trained(4)
    forked(session, step=1, to_end=True)
    assert [entry.run.title for entry in session.shelf.kept] == ["mlp on digits", "the same again, from step 1"]
    assert session.run.step == 4 and session.shelf.copy_of(session.run) is session.shelf.kept[0]
    assert vars(fork_of(session).run.parent) == {"title": "mlp on digits", "step": 1}


def test_a_fork_shares_its_curve_with_its_run_up_to_where_it_left():
    session = trained(4)
    forked(session, step=2, to_end=True)
    own, parent = ([record for record in run.history if record["step"] <= 2] for run in (fork_of(session).run, session.run))
    assert own == parent


def test_a_change_is_named_in_title_card_and_table():
    session = trained(3)
    forked(session, step=1, key="recipe.loss", value="hinge", to_end=True)
    answer = looked(session)
    assert answer["differences"] == [{"name": "loss", "values": ["non-saturating", "hinge"]}]
    card = answer["runs"][1]
    assert (card["title"], card["changes"]) == ("loss hinge, from step 1", {"recipe.loss": "hinge"})
    assert "kept whole" in card["note"]


def test_a_change_to_what_is_there_already_is_no_change():
    session = trained(2)
    forked(session, step=1, key="recipe.loss", value="non-saturating", to_end=True)
    assert fork_of(session).run.title == "the same again, from step 1"


def test_a_fork_of_a_kept_run_leaves_that_one():
    session = trained(3)
    looked(session, shelf.keep)
    name = session.shelf.kept[0].id
    session.take(None, own=False)
    forked(session, run=name, step=2, to_end=True)
    assert fork_of(session).run.step == 3 and session.run is None


def test_every_answer_of_a_fork_shows_it_live_and_the_last_one_asks_to_look_again():
    session = trained(4)
    answered = forked(session, step=1, to_end=True)
    lives = [values["columns"]["live"] for values in forks_frames(session, step=1)]
    assert all(live["live"] and live["sheet"]["sprite"] for live in lives) and lives[-1]["step"] == 4
    assert answered[-1]["status"]["message"].startswith("“the same again, from step 1” is at step 4.")
    assert not fork_of(session).live and not session.running


def forks_frames(session, step):
    """Run a fork's own generator, of which the page's wiring hides what is not on the first tab."""
    forks.prepare(session.id, {"run": "now", "step": step, "seconds": 5, "to_end": True})
    return [values for values in forks.train(session.id) if "live" in values["columns"]]


def test_a_closed_tab_ends_the_fork_and_leaves_what_there_is():
    session = trained(2)
    forks.prepare(session.id, {"run": "now", "step": 1, "seconds": 600})
    training = forks.train(session.id)
    next(training)
    next(training)
    assert session.running and fork_of(session).live
    assert "training already" in refusal(forks.prepare, session.id, {"run": "now", "step": 1, "seconds": 5})
    assert error_of(shelf.remove({"model": session.id, "run": fork_of(session).id})).startswith("This session is training")
    training.close()
    assert not session.running and not fork_of(session).live and fork_of(session).run.history[-1]["step"] > 1


def test_stop_ends_a_fork():
    session = trained(2)
    forks.prepare(session.id, {"run": "now", "step": 1, "seconds": 600})
    training = forks.train(session.id)
    next(training)
    runs.stop(session.id)
    assert [values["buttons"] for values in training][-1] == "idle"


def test_training_what_was_not_prepared_does_nothing():
    assert answers(forks.train, trained(1).id) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"key": "seed", "value": 3}, "A fork cannot change 'seed'"),
        ({"key": "data.resolution", "value": 32}, "A fork cannot change"),
        ({"key": "recipe.nothing", "value": 3}, "A fork cannot change"),
        ({"key": "recipe.loss", "value": "nothing"}, "Recipe: "),
        ({"key": "recipe.batch_size", "value": 1e9}, "Recipe: "),
        ({"key": "recipe.learning_rate_generator", "value": float("nan")}, "Recipe: "),
        ({"key": "recipe.loss", "value": ["hinge"]}, "Recipe.loss must be one value"),
        ({"seconds": 1}, "The training time must be"),
        ({"seconds": None}, "The training time must be"),
        ({"step": -1}, "Step must be a whole number"),
        ({"to_end": True, "step": None}, "The run ends at this moment"),
        ({"run": "gone"}, "This run is no longer kept."),
        ({"key": "generator.width", "value": 10**7}, ""),
    ],
    ids=repr,
)
def test_a_fork_that_cannot_be_is_refused_before_it_begins(change, sentence):
    session = trained(1)
    assert refusal(forks.prepare, session.id, {"run": "now", "step": 1, "seconds": 5} | change).startswith(sentence)
    assert session.shelf.plan is None and not session.shelf.kept


def test_common_settings_come_first_with_help_ranges_and_choices():
    fields = looked(trained(1), forks.choices)["fields"]
    assert [field["key"] for field in fields[:3]] == [
        "recipe.loss", "recipe.learning_rate_generator", "recipe.learning_rate_discriminator",
    ]  # fmt: skip
    assert "hinge" in fields[0]["choices"] and fields[1]["high"] == 1.0 and fields[0]["help"]
    assert not {"seed", "opponent", "data.resolution"} & {field["key"] for field in fields}


def test_the_grid_has_moments_down_and_the_walk_across():
    session = trained(5)
    answer = looked(session, pasts.history, rows=4, columns=5, seeds=[3, 4])
    assert answer["steps"] == [0, 2, 3, 5] and answer["sprite"]["columns"] == 5
    frames = interpolate(session.run.model(3), [3, 4], frames=5)[..., 0]
    np.testing.assert_array_equal(tiles(answer["sprite"])[10:15], frames)


@pytest.mark.parametrize(("name", "value"), [("rows", 3), ("rows", 17), ("columns", 3), ("columns", 17), ("rows", True)])
def test_a_grid_of_a_wrong_size_is_refused(name, value):
    assert error_of(pasts.history({"model": trained(1).id, name: value})).startswith(f"{name} must be a whole number between")


def test_a_cell_takes_the_first_tab_to_its_moment_and_place():
    session = trained(4)
    answer = looked(session, pasts.cell, step=2, seeds=[5, 6], method="lerp", t=0.5)
    assert answer["timeline"]["at"] == 2 and answer["walk"]["seeds"] == [5, 6]
    assert session.past.step == 2 and (session.walk.seeds, session.walk.method, session.walk.t) == ((5, 6), "lerp", 0.5)
    assert looked(session, pasts.cell, step=4, t=1.0)["timeline"]["at"] is None and session.past is None


def test_a_grid_of_a_model_with_classes_walks_between_those_of_the_first_tab():
    session = conditional()
    train_on(session, 1)
    session.walk.classes = (3, 8)
    answer = looked(session, pasts.history, rows=4, columns=4)
    wanted = interpolate(session.run.model(), [1, 2], frames=4, classes=[3, 8])[..., 0]
    np.testing.assert_array_equal(tiles(answer["sprite"])[-4:], wanted)


def test_the_picture_of_a_grid_carries_its_settings():
    session = trained(3)
    answer = looked(session, pasts.keepsake, kind="png", rows=4, columns=4, seeds=[7, 8])
    settings = read_settings(io.BytesIO(base64.b64decode(answer["data"].partition(",")[2])))
    assert settings["kind"] == "history" and settings["seeds"] == [7, 8] and settings["steps"] == [0, 1, 2, 3]
    assert settings["experiment"] == session.run.experiment.settings()


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_the_film_has_a_frame_for_every_moment(kind):
    picture = file_of(looked(trained(3), pasts.keepsake, kind=kind))
    assert isinstance(picture, Image.Image) and picture.format == kind.upper() and picture.n_frames == 4


def test_the_film_is_a_video_too():
    pytest.importorskip("av")
    answer = looked(trained(2), pasts.keepsake, kind="mp4")
    assert answer["name"].endswith("-film.mp4") and answer["data"].startswith("data:video/mp4;base64,")


def test_there_is_no_past_to_draw_before_training():
    for ask in (pasts.history, pasts.cell, pasts.keepsake):
        error_of(ask({"model": visitor().id, "step": 1, "kind": "gif"}))
