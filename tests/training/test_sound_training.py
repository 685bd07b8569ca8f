"""GANs of melodies and of chirps learn: within seconds they come nearer to what the data are."""

import pytest
import torch

from playground.datasets import DATASETS, data_root
from playground.evaluation.live import Yardstick
from playground.experiment import Experiment
from playground.model import Model
from playground.training import train


def learnt(architecture: str, dataset: str, steps: int) -> tuple[Yardstick, torch.Tensor, torch.Tensor]:
    """Return what measures, and samples before and after so many steps, as data sets hold them."""
    experiment = Experiment(architecture, dataset)
    samples = DATASETS[dataset].load(experiment.data, data_root())
    *_, last = train(experiment, samples=samples, steps=steps, measure=None, device="cpu", every=5)
    yardstick = Yardstick(experiment, samples)
    made = (yardstick.made(model) for model in (Model.untrained(experiment), Model.from_state(experiment, last.state)))
    return yardstick, *made


def test_wrong_notes_become_rare_while_melodies_stay_different():
    yardstick, before, after = learnt("text-gan", "melodies", 60)
    judged = [{score.name: score.value for score in yardstick.figures(values)} for values in (before, after)]
    wrong_before, wrong_after = (1 - found["in scale"] for found in judged)
    assert wrong_before > 0.4 and wrong_after < wrong_before / 4
    assert judged[1]["unique"] > 0.5
    assert judged[1]["bigram divergence"] < 0.7 * judged[0]["bigram divergence"]
    assert yardstick.distance(after) < 0.8 * yardstick.distance(before)


def test_chirps_come_three_times_nearer():
    yardstick, before, after = learnt("rgan", "chirps", 120)
    assert yardstick.distance(after) < yardstick.distance(before) / 3
    assert yardstick.distance(yardstick.other) == pytest.approx(yardstick.floor) and yardstick.floor < 0.002
