"""A run's quality beside the run: it changes nothing, and the best weights are there at the end."""

import dataclasses
import time

import numpy as np
import pytest
import torch

from playground.checkpoint import load, shipped
from playground.datasets import DATASETS, data_root
from playground.experiment import Experiment
from playground.model import Model
from playground.samples import Samples
from playground.training import Snapshot, train
from playground.training.quality import QualityTracker
from playground.training.state import TrainingState


def small() -> Experiment:
    return Experiment.from_settings({"architecture": "mlp", "dataset": "digits", "data.resolution": 16})


def followed(measure: float | None) -> list[Snapshot]:
    """Train for 60 steps on a hundred digits, which takes a measurement a few milliseconds, and look up now and then."""
    digits = DATASETS["digits"].load(small().data, data_root())
    few = Samples(digits.spec, digits.values[:100], digits.labels[:100])
    snapshots = []
    for snapshot in train(small(), samples=few, steps=60, measure=measure, every=0.02, device="cpu"):
        snapshots.append(snapshot)
        time.sleep(0.1 if measure is not None else 0)  # the measurement has a core to itself
    return snapshots


def test_measuring_takes_no_part_in_training():
    measured, alone = (followed(measure) for measure in (0.0, None))
    assert any(snapshot.quality for snapshot in measured) and not any(snapshot.quality for snapshot in alone)
    for name in measured[-1].state.keys() - {"seconds"}:
        np.testing.assert_array_equal(measured[-1].state[name], alone[-1].state[name], err_msg=name)


def test_what_was_measured_enters_the_record_once():
    snapshots = followed(0.0)
    measured = [snapshot for snapshot in snapshots if snapshot.quality]
    assert len({snapshot.quality.step for snapshot in measured}) == len(measured)
    assert measured[-1].record()["quality"] == measured[-1].quality.value
    assert measured[-1].quality.step == snapshots[-1].step, "the last weights are measured too"
    silent = next(snapshot for snapshot in snapshots if not snapshot.quality)
    assert silent.record()["quality"] is None


@pytest.fixture
def trained() -> tuple[TrainingState, QualityTracker]:
    model = load(next(path for path in shipped() if path.stem == "dcgan-digits"))
    state = TrainingState(model.experiment, torch.device("cpu"))
    state.average.network.load_state_dict(model.generator.state_dict())
    state.generator.load_state_dict(model.generator.state_dict())
    samples = DATASETS["digits"].load(model.experiment.data, data_root())
    tracker = QualityTracker(model.experiment, samples, every=0)
    yield state, tracker
    tracker.close()


def looked(tracker: QualityTracker, state: TrainingState) -> None:
    """Have the state's weights measured and wait for it."""
    tracker.meter.cost = 0.0
    assert tracker.look(state, over=False) is None
    tracker.meter._pending.result()
    tracker.meter.every = np.inf  # no further measurement before the end
    assert tracker.look(state, over=False) is not None


def test_weights_that_were_better_than_the_last_are_kept(trained):
    state, tracker = trained
    state.step = 10
    looked(tracker, state)
    assert tracker.best() is None, "the last are the best"
    before = Model.untrained(tracker.meter.experiment)
    before.generator.load_state_dict(state.average.network.state_dict())
    with torch.no_grad():
        for parameter in state.average.network.parameters():
            parameter.zero_()
    state.step = 20
    assert tracker.look(state, over=True).step == 20
    best = tracker.best()
    assert best.step == 10 and best.value < best.last and best.name == "digits-FD cnn-v1 898"
    shown = Model.untrained(tracker.meter.experiment)
    shown.show_best(best.average, best.step)
    np.testing.assert_array_equal(shown.sample(4), before.sample(4))


def test_a_run_that_got_better_all_the_way_keeps_nothing(trained):
    state, tracker = trained
    good = {name: value.clone() for name, value in state.average.network.state_dict().items()}
    fresh = Model.untrained(tracker.meter.experiment).generator.state_dict()
    state.average.network.load_state_dict(fresh)
    state.generator.load_state_dict(fresh)
    looked(tracker, state)
    state.average.network.load_state_dict(good)
    state.generator.load_state_dict(good)
    state.step = 20
    tracker.look(state, over=True)
    assert tracker.best() is None


def test_a_lucky_measurement_is_not_taken_for_better_weights(trained):
    state, tracker = trained
    looked(tracker, state)
    quality, average = tracker._best
    tracker._best = dataclasses.replace(quality, value=quality.value / 100), average  # the luckiest draw there is
    state.step = 20  # the same weights as before
    tracker.look(state, over=True)
    assert tracker.best() is None
