"""What each pooling costs, and discriminators trained side by side that differ in nothing else."""

import numpy as np
import pytest
import torch
from torch import nn

from playground.datasets import DATASETS, data_root
from playground.experiment import Experiment
from playground.inspection import head_costs, race, runner, stage_costs
from playground.layers import POOLINGS, trace
from playground.layers.stage import Stage
from playground.model import build

SMALL = {"data.resolution": 16, "generator.width": 4, "discriminator.width": 4, "recipe.batch_size": 16}


def dcgan(**settings) -> Experiment:
    return Experiment.from_settings({"architecture": "dcgan", "dataset": "digits"} | SMALL | settings)


@pytest.fixture(scope="module")
def samples():
    experiment = dcgan()
    return DATASETS["digits"].load(experiment.data, data_root())


def test_a_stride_takes_a_quarter_of_the_multiplications_with_as_many_weights():
    stride, largest, mean, blur = stage_costs(8, 16, rounds=1)
    assert [cost.kind for cost in (stride, largest, mean, blur)] == ["stride", "max", "average", "blur"]
    assert {cost.parameters for cost in (stride, largest, mean, blur)} == {8 * 16 * 9}
    assert largest.macs == 4 * stride.macs == 8 * 16 * 9 * 16 * 16
    assert mean.macs - largest.macs == 16 * 8 * 8 * 4 and blur.macs - largest.macs == 16 * 8 * 8 * 16
    assert stride.ratio == 1 and all(cost.milliseconds > 0 for cost in (stride, largest, mean, blur))


def test_the_convolutions_count_as_the_shape_table_counts_them():
    stride, largest, *_ = stage_costs(8, 16, rounds=1)
    for cost, step in ((stride, 2), (largest, 1)):
        with torch.device("meta"):
            network = nn.Sequential(Stage(nn.Conv2d(8, 16, 3, step, 1, bias=False)))
        (row,) = trace(network, torch.empty(1, 8, 16, 16, device="meta"))
        assert (row.parameters, row.macs) == (cost.parameters, cost.macs)


def test_a_score_of_one_number_a_channel_has_a_weight_a_channel():
    flat, mean, largest = head_costs(32, 4, rounds=1)
    assert (flat.parameters, mean.parameters, largest.parameters) == (32 * 16 + 1, 33, 33)
    assert flat.macs == 32 * 16


@pytest.mark.parametrize("wrong", [{"kernel_size": 4}, {"side": 15}])
def test_stages_that_would_not_be_equal_are_refused(wrong):
    with pytest.raises(ValueError, match="the kernel must be odd"):
        stage_costs(**wrong)


def test_the_runners_begin_with_the_same_weights_and_differ_in_their_pooling_alone():
    start = [build(runner(dcgan(), kind)) for kind in POOLINGS]
    for generator, discriminator in start[1:]:
        for network, first in ((generator, start[0][0]), (discriminator, start[0][1])):
            torch.testing.assert_close(dict(network.named_parameters()), dict(first.named_parameters()), rtol=0, atol=0)


def test_a_runner_keeps_the_settings_of_its_family_and_the_data_of_any_other():
    kept = runner(dcgan(seed=3), "blur")
    assert (kept.seed, kept.generator.width, kept.recipe.batch_size) == (3, 4, 16)
    other = Experiment.from_settings({"architecture": "mlp", "dataset": "digits", "data.resolution": 16, "seed": 5})
    made = runner(other, "max")
    assert (made.architecture, made.dataset, made.seed, made.data) == ("dcgan", "digits", 5, other.data)
    assert made.discriminator.pooling == ("max",) and not made.num_classes


def test_a_race_trains_all_alike_and_twice_the_same(samples):
    finals = []
    for _ in range(2):
        laps = list(race(dcgan(), samples, steps=6, device="cpu"))
        ends = {lap.kind: lap for lap in laps if lap.model is not None}
        assert list(ends) == list(POOLINGS) and {lap.step for lap in ends.values()} == {6}
        assert all(0 <= lap.separation <= 1 and lap.rate > 0 and lap.seconds > 0 for lap in laps)
        assert [lap.kind for lap in laps if lap.step == 4] == list(POOLINGS)  # in turns
        finals.append([weight.detach().numpy() for lap in ends.values() for weight in lap.model.discriminator.parameters()])
    assert all(np.array_equal(first, second) for first, second in zip(*finals, strict=True))


def test_a_race_that_is_stopped_ends_with_a_model_of_each_at_the_same_step(samples):
    laps = []
    for lap in race(dcgan(), samples, steps=1000, device="cpu", kinds=("max", "blur"), stop=lambda: bool(laps)):
        laps.append(lap)
    ends = [lap for lap in laps if lap.model is not None]
    assert [lap.kind for lap in ends] == ["max", "blur"] and ends[0].step == ends[1].step < 20


@pytest.mark.parametrize("wrong", [{}, {"steps": 0}, {"seconds": 1, "kinds": ()}, {"seconds": 1, "kinds": ("median",)}])
def test_a_race_without_a_budget_or_with_unknown_runners_is_refused(samples, wrong):
    with pytest.raises(ValueError, match=r"a race needs|unknown pooling"):
        next(race(dcgan(), samples, **wrong))
