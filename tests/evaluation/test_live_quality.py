"""Quality on the side of a run: what the numbers say of copies, of one picture over and over, and of noise."""

import pytest
import torch

from playground.checkpoint import load, shipped
from playground.datasets import DATASETS, data_root
from playground.evaluation.live import COUNT, QUALITY_FIELDS, SEED, QualityMeter, Yardstick
from playground.experiment import Experiment
from playground.model import Model, to_arrays

DATA = ("digits", "shapes")


def real(dataset: str):
    entry = DATASETS[dataset]
    return entry.load(entry.config(resolution=32), data_root())


@pytest.fixture(scope="module", params=DATA)
def yardstick(request) -> Yardstick:
    experiment = Experiment.from_settings({"architecture": "mlp", "dataset": request.param})
    return Yardstick(experiment, real(request.param))


def test_real_samples_lie_near_the_floor_and_are_as_varied_as_the_data(yardstick):
    values = real(yardstick.dataset).values
    numbers = yardstick.judge(
        values[torch.randperm(len(values), generator=torch.Generator().manual_seed(5))[: yardstick.count]]
    )
    assert numbers["quality"] < 2 * yardstick.floor < 0.2 * yardstick.untrained
    assert 0.8 < numbers["diversity"] < 1.25


def test_copies_of_training_samples_are_nearer_than_real_ones(yardstick):
    order = torch.randperm(len(real(yardstick.dataset)), generator=torch.Generator().manual_seed(SEED))
    copies = real(yardstick.dataset).values[order[-yardstick.count :]]
    assert yardstick.judge(copies)["nearest"] < 0.5


def test_one_sample_over_and_over_has_no_diversity(yardstick):
    one = real(yardstick.dataset).values[:1].expand(yardstick.count, -1, -1, -1).contiguous()
    numbers = yardstick.judge(one)
    assert numbers["diversity"] < 0.01
    if numbers["classes_made"] is not None:
        assert numbers["classes_made"] == pytest.approx(0.1)


def test_only_data_with_a_classifier_have_classes_to_count():
    assert real("digits").labels is not None
    names = {name: Yardstick(Experiment.from_settings({"architecture": "mlp", "dataset": name}), real(name)) for name in DATA}
    assert names["digits"].judge(real("digits").values[:898])["classes_made"] == 1
    assert names["shapes"].judge(real("shapes").values[:COUNT])["classes_made"] is None
    assert names["digits"].name == "digits-FD cnn-v1 898"
    assert names["shapes"].name == "sliced Wasserstein, 16×16 pixels 1k"


def test_a_trained_model_scores_better_than_its_untrained_self():
    model = load(next(path for path in shipped() if path.stem == "dcgan-digits"))
    meter = QualityMeter(model.experiment, DATASETS["digits"].load(model.experiment.data, data_root()), every=0)
    for step, each in enumerate((Model.untrained(model.experiment), model)):
        assert meter.due()
        meter.offer(step, to_arrays(each.generator.state_dict()))
        assert not meter.due()
        found = meter.collect(wait=True)
        assert found.step == step and found.numbers().keys() == set(QUALITY_FIELDS)
        assert meter.collect() is None
        if step == 0:
            assert found.value == pytest.approx(found.untrained)
        meter._offered_at = meter.cost = 0.0
    assert found.floor < found.value < 0.2 * found.untrained
    meter.close()


def test_the_next_measurement_waits_until_this_one_was_a_small_share_of_the_time():
    meter = QualityMeter(Experiment.from_settings({"architecture": "mlp", "dataset": "digits"}), real("digits"), every=0)
    assert meter.due()
    meter.cost = 60.0
    assert not meter.due()
    meter.close()
