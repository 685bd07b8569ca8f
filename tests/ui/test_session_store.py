"""The store of sessions: bounded, private, and never in the way of a run."""

import re

import pytest

from playground.experiment import Experiment
from playground.model import Model
from playground.ui.session import Session, SessionGone, Store

EXPERIMENT = Experiment.from_settings({"architecture": "mlp", "generator.width": 8, "discriminator.width": 8})


def opened(store: Store, count: int) -> list[Session]:
    return [store.open(EXPERIMENT) for _ in range(count)]


def test_a_session_is_found_by_its_id():
    store = Store()
    first, second = opened(store, 2)
    assert store.get(first.id) is first and store.get(second.id) is second


def test_ids_cannot_be_guessed():
    ids = {session.id for session in opened(Store(), 50)}
    assert len(ids) == 50
    assert all(re.fullmatch(r"[\w-]{24}", name) for name in ids)  # 144 bits


def test_the_session_used_longest_ago_makes_room():
    store = Store(max_sessions=3)
    first, second, third = opened(store, 3)
    store.get(first.id)
    fourth = store.open(EXPERIMENT)
    with pytest.raises(SessionGone):
        store.get(second.id)
    assert [store.get(session.id) for session in (first, third, fourth)] == [first, third, fourth]
    assert len(store) == 3


def test_a_running_session_stays_however_old_it_is():
    store = Store(max_sessions=2)
    busy, idle = opened(store, 2)
    busy.running = True
    store.open(EXPERIMENT)
    assert store.get(busy.id) is busy
    with pytest.raises(SessionGone):
        store.get(idle.id)


def test_a_new_session_stays_even_when_all_others_are_running():
    store = Store(max_sessions=1)
    (busy,) = opened(store, 1)
    busy.running = True
    newest = store.open(EXPERIMENT)
    assert store.get(newest.id) is newest and store.get(busy.id) is busy


def test_too_many_bytes_make_room_too():
    model = Model.untrained(EXPERIMENT)
    one = Session("", EXPERIMENT, model).num_bytes
    assert one > 10_000
    store = Store(max_bytes=int(2.5 * one))
    first, second, third = (store.open(EXPERIMENT, Model.untrained(EXPERIMENT)) for _ in range(3))
    with pytest.raises(SessionGone):
        store.get(first.id)
    assert store.get(second.id) is second and store.get(third.id) is third


def test_the_pinned_session_is_never_put_away():
    store = Store(max_sessions=1)
    home = store.pin(Session("home", EXPERIMENT))
    opened(store, 3)
    assert store.get("home") is home


@pytest.mark.parametrize("name", [None, 7, "", "home", ["x"], {"id": 1}, "x" * 10_000], ids=repr)
def test_what_is_no_id_is_answered_with_a_sentence(name):
    store = Store()
    opened(store, 1)
    with pytest.raises(SessionGone, match=r"^This page's session .+ Reload the page to go on\.$"):
        store.get(name)


def test_a_closed_tab_ends_its_own_runs_and_calls_off_one_that_waits_for_its_turn():
    store = Store()
    mine, also_mine, anothers, nobodys = opened(store, 4)
    mine.tab = also_mine.tab = "here"
    anothers.tab = "there"
    mine.running = True
    store.leave("here")
    store.leave("")
    assert mine.stop.is_set() and also_mine.cancelled
    assert not any(session.cancelled or session.stop.is_set() for session in (anothers, nobodys))
    assert len(store) == 4
