"""Runs side by side: only what differs, and curves on one axis."""

import math

import numpy as np
import pytest
from tiny_runs import TINY, go_on, tiny_run

from playground.experiment import Experiment
from playground.timeline import Run, compare, fork
from playground.training.snapshot import RECORD_FIELDS


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    run = tiny_run(3)
    child = fork(run, 2, {"recipe.loss": "least-squares", "recipe.batch_size": 4}).start("child")
    for snapshot in go_on(child.experiment, child.timeline.nearest().state, 3):
        child.add(snapshot)
    return [run, child]


def made(history: list[dict], **changes) -> Run:
    return Run(Experiment.from_settings({**TINY, **changes}), history=history)


def test_only_fields_that_differ_are_in_the_table(runs):
    result = compare(runs)
    assert result.titles == ("tiny", "child")
    assert result.fields == {"recipe.batch_size": (2, 4), "recipe.loss": ("hinge", "least-squares")}


def test_a_field_that_one_architecture_lacks_is_none(runs):
    other = Run(Experiment.from_settings({"architecture": "dcgan", "dataset": "digits"}), title="other")
    fields = compare([*runs, other]).fields
    assert fields["architecture"] == ("mlp", "mlp", "dcgan") and fields["data.resolution"] == (16, 16, 32)
    assert fields["generator.num_hidden"][:2] == (2, 2) and fields["generator.num_hidden"][2] is None


def test_a_path_on_this_machine_is_not_shown(runs):
    mine = [
        made([], dataset="images", **{"data.colour": False}),
        Run(
            Experiment.from_settings({**TINY, "dataset": "images", "data.colour": False, "data.path": "/home/me"}, trusted=True)
        ),
    ]
    assert compare(mine).fields == {}


def test_last_figures_are_the_last_that_are_known(runs):
    result = compare(runs)
    assert set(result.last) == set(RECORD_FIELDS)
    assert result.last["step"] == (3, 5)
    assert result.last["loss_generator"] == tuple(run.history[-1]["loss_generator"] for run in runs)
    assert compare([made([]), made([{"step": 0, "rate": None}])]).last["rate"] == (None, None)


@pytest.mark.parametrize("over", ["step", "seconds", "samples_seen"])
@pytest.mark.parametrize("field", RECORD_FIELDS)
def test_series_of_all_runs_lie_on_one_axis(field, over, runs):
    places, values = compare(runs).series(field, over)
    assert values.shape == (2, len(places)) and (np.diff(places) > 0).all()
    for run, row in zip(runs, values, strict=True):
        for record in run.history:
            if record[field] is not None:
                assert row[np.searchsorted(places, record[over])] == pytest.approx(record[field])


def test_a_series_is_interpolated_between_its_own_values_and_empty_outside():
    first = made([{"step": 0, "loss_generator": 1.0}, {"step": 4, "loss_generator": 3.0}])
    second = made([{"step": 2, "loss_generator": 5.0}, {"step": 3, "loss_generator": None}, {"step": 6, "loss_generator": 9.0}])
    places, values = compare([first, second]).series("loss_generator")
    assert places.tolist() == [0, 2, 4, 6]
    np.testing.assert_array_equal(values, [[1, 2, 3, math.nan], [math.nan, 5, 7, 9]])


def test_a_run_without_a_figure_has_an_empty_series():
    places, values = compare([made([]), made([{"step": 1, "rate": 2.0}])]).series("rate")
    assert places.tolist() == [1] and np.isnan(values[0]).all() and values[1].tolist() == [2]
    assert compare([made([]), made([])]).series("rate")[1].shape == (2, 0)


def test_wrong_names_and_counts_are_named(runs):
    with pytest.raises(ValueError, match="unknown figure 'beauty'; choose from: step"):
        compare(runs).series("beauty")
    with pytest.raises(ValueError, match="unknown figure 'moon'; choose from: step, seconds, samples_seen"):
        compare(runs).series("rate", over="moon")
    for count in (0, 1, 5):
        with pytest.raises(ValueError, match=f"give 2 to 4 runs to compare, not {count}"):
            compare([runs[0]] * count)
