"""The store of moments: bounded, spread over the run, never copying."""

import math

import numpy as np
import pytest
from tiny_runs import TINY, go_on

from playground.experiment import Experiment
from playground.timeline import Timeline


def state(step: int, numbers: int = 10) -> dict[str, np.ndarray]:
    counters = {"step": float(step), "samples_seen": 2.0 * step, "seconds": step / 10}
    return {"average.weight": np.zeros(numbers, np.float32)} | {name: np.array(value) for name, value in counters.items()}


def filled(steps, **limits) -> Timeline:
    timeline = Timeline(**limits)
    for step in steps:
        timeline.add(state(step))
    return timeline


def steps_of(timeline: Timeline) -> list[int]:
    return [moment.step for moment in timeline.moments]


def test_a_short_run_keeps_every_moment_in_order():
    timeline = filled(range(0, 480, 10))
    assert steps_of(timeline) == list(range(0, 480, 10)) and len(timeline) == 48


@pytest.mark.parametrize("length", [49, 200, 3000])
def test_a_long_run_keeps_its_first_and_newest_moment_and_the_order(length):
    steps = steps_of(filled(range(length)))
    assert len(steps) == 48 and steps[0] == 0 and steps[-1] == length - 1
    assert steps == sorted(set(steps))


@pytest.mark.parametrize("limit", [3, 5, 16, 48])
def test_no_gap_is_wider_than_twice_an_even_one_in_the_square_root_of_the_step(limit):
    timeline = Timeline(max_moments=limit)
    for step in range(0, 6000, 3):
        timeline.add(state(step))
        places = np.sqrt(steps_of(timeline))
        arrival = math.sqrt(step) - math.sqrt(max(step - 3, 0))
        even = places[-1] / max(1, limit - 1)
        assert np.diff(places).max(initial=0) <= max(2 * even, math.sqrt(3), arrival) + 1e-9


def test_gaps_stay_bounded_when_moments_come_at_uneven_times():
    source = np.random.default_rng(0)
    steps = np.cumsum(source.integers(1, 40, 3000))
    gaps = np.diff(np.sqrt(steps_of(filled([0, *steps.tolist()]))))
    assert gaps.max() <= 2 * math.sqrt(steps[-1]) / 47 + 1e-9


def test_early_training_is_denser_than_late_but_half_of_the_run_is_not_forgotten():
    steps = np.array(steps_of(filled(range(0, 10_000, 20))))
    assert 11 <= (steps < 1000).sum() <= 22  # a tenth of the run, about a third of the moments
    assert (steps > 5000).sum() >= 10


def test_bytes_are_bounded_too():
    timeline = Timeline(max_bytes=50 * state(0)["average.weight"].nbytes)
    one = timeline.add(state(0)).nbytes
    for step in range(1, 200):
        timeline.add(state(step))
        assert timeline.nbytes <= timeline.max_bytes
    assert timeline.nbytes == len(timeline) * one and steps_of(timeline)[0] == 0 and steps_of(timeline)[-1] == 199


def test_three_moments_are_kept_however_large_they_are():
    assert len(filled(range(20), max_bytes=1)) == 3


def test_arrays_are_kept_as_they_are_and_never_copied():
    given = [state(step) for step in range(100)]
    timeline = Timeline()
    for value in given:
        timeline.add(value)
    for moment in timeline.moments:
        assert moment.state is given[moment.step]


def test_a_snapshot_is_taken_with_its_counters_and_one_without_state_is_not():
    snapshot = go_on(Experiment.from_settings(TINY), None, 2)[-1]
    moment = Timeline().add(snapshot)
    assert (moment.step, moment.samples_seen, moment.seconds) == (2, 4, snapshot.seconds)
    assert moment.state is snapshot.state
    timeline = filled([0])
    assert timeline.add(type(snapshot)(**{**vars(snapshot), "state": None})) is None and len(timeline) == 1


def test_nearest_is_the_nearest_moment_and_the_earlier_of_two():
    timeline = filled([0, 10, 20])
    assert [timeline.nearest(step).step for step in (-5, 0, 4, 5, 6, 14, 99)] == [0, 0, 0, 0, 10, 10, 20]
    assert timeline.nearest().step == 20


def test_rewinding_drops_what_came_after():
    timeline = filled([0, 10, 20, 30])
    assert timeline.rewind(29).step == 20 and steps_of(timeline) == [0, 10, 20]
    assert timeline.rewind(10).step == 10 and steps_of(timeline) == [0, 10]
    assert timeline.rewind(-1).step == 0 and steps_of(timeline) == [0]


def test_a_moment_of_an_earlier_step_replaces_the_course_that_was_taken_from_there():
    timeline = filled([0, 10, 20, 30])
    timeline.add(state(15))
    assert steps_of(timeline) == [0, 10, 15]
    timeline.add(again := state(15))
    assert steps_of(timeline) == [0, 10, 15] and timeline.nearest().state is again


def test_a_copy_stays_as_it_is():
    timeline = filled([0, 10])
    copied = timeline.copy()
    timeline.add(state(20))
    assert steps_of(copied) == [0, 10] and copied.moments[0] is timeline.moments[0]


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="no moments yet"):
        Timeline().nearest(3)
    with pytest.raises(ValueError, match="max_moments must be at least 3, not 2"):
        Timeline(max_moments=2)
    with pytest.raises(ValueError, match="needs the state of a snapshot"):
        Timeline().add({"step": np.zeros(3)})
