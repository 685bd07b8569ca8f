"""The shelf: what is kept, what makes room, what a run is called, how it is saved and opened again."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest
from test_looking_around import GARBAGE, error_of, tiles
from trained_visitors import forked, looked, train_on, trained
from visitors import answers, guest, is_sentence, refusal, shipped_file, visitor

from playground.samples import to_pixels
from playground.timeline import load_run
from playground.ui import shelf as shelves
from playground.ui.handlers import forks, pasts, runs, shelf
from playground.ui.shelf import MAX_KEPT

ASKS = (
    shelf.look,
    shelf.sheets,
    shelf.keep,
    shelf.rename,
    shelf.remove,
    forks.choices,
    pasts.history,
    pasts.cell,
    pasts.keepsake,
)


def kept(session, number=0):
    return session.shelf.kept[number]


def save_to_file(session, name: str = "now") -> pathlib.Path:
    return pathlib.Path(shelf.save(session.id, name)["run_file"])


def test_a_kept_run_stays_as_it_was_while_the_first_tab_trains_on():
    session = trained(2)
    looked(session, shelf.keep)
    train_on(session, 1)
    assert (kept(session).run.step, session.run.step) == (2, 3)


def test_keeping_a_run_copies_no_array():
    session = trained(3)
    before = session.num_bytes
    looked(session, shelf.keep)
    assert session.num_bytes == before


def test_a_run_kept_again_is_brought_up_to_date_and_not_kept_twice():
    session = trained(2)
    looked(session, shelf.keep)
    train_on(session, 2)
    answer = looked(session, shelf.keep)
    assert len(session.shelf.kept) == 1 and kept(session).run.step == 4
    assert answer["said"] == "“mlp on digits” is kept up to step 4 now."


def test_a_run_that_went_on_with_other_settings_is_kept_beside_the_one_before():
    session = trained(2)
    looked(session, shelf.keep)
    session.experiment = session.experiment.with_settings({"recipe.loss": "hinge"})
    train_on(session, 1)
    looked(session, shelf.keep)
    assert [entry.run.experiment.recipe.loss for entry in session.shelf.kept] == ["non-saturating", "hinge"]
    assert [entry.run.title for entry in session.shelf.kept] == ["mlp on digits", "mlp on digits 2"]


def test_what_was_kept_longest_ago_makes_room_and_is_named():
    session = visitor()
    for seed in range(MAX_KEPT + 1):
        session.experiment = session.experiment.with_settings({"seed": seed})
        session.take(None, own=False)
        train_on(session, 1)
        answer = looked(session, shelf.keep)
        looked(session, shelf.rename, run="now", title=f"seed {seed}")
    assert [entry.run.title for entry in session.shelf.kept] == [f"seed {seed}" for seed in range(1, MAX_KEPT + 1)]
    assert "“seed 0” is no longer kept." in answer["said"]
    assert len({entry.mark for entry in session.shelf.kept}) == MAX_KEPT


def test_runs_make_room_where_memory_ends(monkeypatch):
    session = trained(3)
    looked(session, shelf.keep)
    monkeypatch.setattr(shelves, "MAX_BYTES", 2 * session.run.timeline.nbytes)
    session.take(None, own=False)
    train_on(session, 3)
    looked(session, shelf.keep)
    assert len(session.shelf.kept) == 2
    session.take(None, own=False)
    train_on(session, 3)
    answer = looked(session, shelf.keep)
    assert len(session.shelf.kept) == 2 and "There was no room for all" in answer["said"]


def test_a_run_larger_than_the_shelf_is_refused_in_a_sentence(monkeypatch):
    session = trained(2)
    monkeypatch.setattr(shelves, "MAX_BYTES", 100)
    assert "Save it to a file instead." in error_of(shelf.keep({"model": session.id}))
    assert not session.shelf.kept


def test_there_is_nothing_to_keep_before_training():
    for session in (visitor(), visitor(model=True)):
        assert is_sentence(error_of(shelf.keep({"model": session.id})))
        assert is_sentence(refusal(shelf.save, session.id, "now"))


def test_the_run_of_the_first_tab_comes_first_and_not_once_more_as_its_copy():
    session = trained(2)
    looked(session, shelf.keep)
    forked(session, step=1, to_end=True)
    cards = looked(session)["runs"]
    assert [card["current"] for card in cards] == [True, False] and cards[0]["kept"]


def test_a_model_without_its_past_stands_there_too():
    session = guest()
    (card,) = looked(session)["runs"]
    sheet = looked(session, shelf.sheets, moments={"now": None})["sheets"]["now"]
    assert card["current"] and sheet["sprite"]["count"] == 36


def test_a_sheet_is_of_the_moment_nearest_to_the_step_that_was_asked_for():
    session = trained(3)
    answer = looked(session, shelf.sheets, moments={"now": 1})["sheets"]["now"]
    model = session.run.model(1)
    wanted = to_pixels(model.generate(model.latents(36, 0)))[..., 0]
    assert answer["step"] == 1
    np.testing.assert_array_equal(tiles(answer["sprite"]), wanted)


def test_at_most_four_runs_stand_side_by_side_and_any_can_be_hidden():
    session = visitor()
    for seed in range(MAX_KEPT):
        session.experiment = session.experiment.with_settings({"seed": seed})
        session.take(None, own=False)
        train_on(session, 1)
        looked(session, shelf.keep)
    session.take(None, own=False)
    train_on(session, 1)
    cards = looked(session)["runs"]
    assert [card["shown"] for card in cards] == [True] * 4 + [False]
    answer = looked(session, hidden=["now"])
    assert [card["shown"] for card in answer["runs"]] == [False] + [True] * 4
    assert answer["differences"] == [{"name": "seed", "values": ["0", "1", "2", "3"]}]


@pytest.mark.parametrize("title", ["", "  ", "x" * 61, "two\nlines", "\x00", 3, None, ["a"], True], ids=repr)
def test_a_title_that_is_none_is_refused(title):
    session = trained(1)
    looked(session, shelf.keep)
    assert error_of(shelf.rename({"model": session.id, "run": "now", "title": title})).startswith("a title is one line")


def test_a_title_goes_with_the_run_and_no_two_are_called_the_same():
    session = trained(2)
    looked(session, shelf.keep)
    forked(session, step=1, to_end=True)
    looked(session, shelf.rename, run="now", title="trunk")
    looked(session, shelf.rename, run=kept(session, 1).id, title="trunk")
    assert [card["title"] for card in looked(session)["runs"]] == ["trunk", "trunk 2"]


def test_a_removed_run_is_gone_and_the_first_tab_keeps_its_own():
    session = trained(2)
    looked(session, shelf.keep)
    looked(session, shelf.remove, run="now")
    assert not session.shelf.kept and session.run.step == 2
    assert is_sentence(error_of(shelf.remove({"model": session.id, "run": "now"})))


def test_showing_a_run_keeps_the_one_before_and_training_goes_on_with_it():
    session = trained(3)
    looked(session, shelf.keep)
    first = kept(session)
    session.take(None, own=False)
    session.experiment = session.experiment.with_settings({"seed": 5})
    train_on(session, 1)
    values = answers(shelf.show, session.id, first.id)[-1]
    assert "is on the first tab now, at step 3" in values["status"]["message"]
    assert (session.run.step, session.experiment.seed) == (3, 0)
    assert [entry.run.experiment.seed for entry in session.shelf.kept] == [0, 5]
    train_on(session, 1)
    assert (session.model.step, session.run.step, first.run.step) == (4, 4, 3)


def test_a_saved_run_opens_in_another_session_with_every_moment():
    session, other = trained(3), visitor()
    path = save_to_file(session)
    assert path.name == "mlp-on-digits-step3.run.safetensors"
    values = answers(shelf.open_file, other.id, str(path))[-1]
    assert values["status"]["message"].startswith("Opened “mlp on digits”: 4 moments up to step 3.")
    assert [moment.step for moment in kept(other).run.timeline.moments] == [0, 1, 2, 3]
    assert kept(other).run.history == session.run.history


def test_a_run_too_large_for_the_page_is_saved_with_fewer_moments(monkeypatch):
    session = trained(5)
    monkeypatch.setattr(shelf, "MAX_SAVED", 4 * session.run.timeline.moments[0].nbytes)
    values = shelf.save(session.id, "now")
    assert "with 4 of its 6 moments" in values["status"]["message"] or "with 3 of its 6 moments" in values["status"]["message"]
    steps = [moment.step for moment in load_run(values["run_file"]).timeline.moments]
    assert steps[0] == 0 and steps[-1] == 5


def test_a_file_that_is_no_run_is_refused_by_name_and_nothing_is_kept(tmp_path):
    session = visitor()
    assert "checkpoint" in refusal(shelf.open_file, session.id, str(shipped_file())).lower()
    for content in (b"", b"{}", b"\x00" * 100, b"PK\x03\x04" + b"x" * 50, (2**40).to_bytes(8, "little") + b"{}"):
        path = tmp_path / "bad.safetensors"
        path.write_bytes(content)
        refusal(shelf.open_file, session.id, str(path))
    damaged = bytearray(save_to_file(trained(1)).read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 200] = b"\xff" * 200  # weights that are not numbers
    path.write_bytes(damaged)
    refusal(shelf.open_file, session.id, str(path))
    assert not session.shelf.kept


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
def test_garbage_in_any_part_of_a_request_gets_a_sentence(ask):
    session = trained(1)
    good = {"model": session.id, "run": "now", "moments": {"now": 1}, "step": 1, "kind": "png", "title": "a"}
    for name in ("run", "moments", "step", "hidden", "title", "kind", "rows", "columns", "seeds", "method", "t", "classes"):
        for value in GARBAGE:
            answer = ask(good | {name: value})
            assert "error" not in answer or error_of(answer), (name, value)
            json.dumps(answer, allow_nan=False)
    for request in GARBAGE:
        assert "Reload the page" in error_of(ask(request))


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: repr(value)[:20])
def test_garbage_in_an_event_gets_a_sentence(value):
    session = trained(1)
    for handler in (shelf.show, shelf.save, forks.prepare):
        refusal(handler, session.id, value)


def test_one_session_cannot_reach_the_runs_of_another():
    mine, yours = trained(1), trained(1)
    looked(yours, shelf.keep)
    name = kept(yours).id
    assert error_of(shelf.sheets({"model": mine.id, "moments": {name: 1}})) == "This run is no longer kept."
    refusal(shelf.show, mine.id, name)
    refusal(forks.prepare, mine.id, {"run": name, "step": 1, "seconds": 5})


def test_a_run_in_training_can_be_kept_and_goes_on():
    session = trained(1)
    run = runs.train(session.id, 5)
    next(run)
    looked(session, shelf.keep)
    run.close()
    assert kept(session).run.step == 1 and not session.running
