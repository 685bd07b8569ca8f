"""Text GANs learn: within seconds sentences become right that never were."""

import torch

from playground.datasets import DATASETS, data_root
from playground.datasets.sentences import valid
from playground.evaluation.live import Yardstick
from playground.experiment import Experiment
from playground.model import Model
from playground.training import train


def test_validity_rises_tenfold_in_a_few_hundred_steps():
    experiment = Experiment("text-gan", "sentences")
    samples = DATASETS["sentences"].load(experiment.data, data_root())
    yardstick = Yardstick(experiment, samples)
    *_, last = train(experiment, samples=samples, steps=270, measure=None, device="cpu", every=5)
    values = yardstick.made(Model.from_state(experiment, last.state))
    untrained = yardstick.made(Model.untrained(experiment))
    right, at_first = (valid(made).double().mean().item() for made in (values, untrained))
    assert right >= 10 * max(at_first, 1 / len(values)), f"{right:.1%} after, {at_first:.1%} before"
    assert len(values[valid(values)].unique(dim=0)) >= 10, "they are the same few"
    assert yardstick.distance(values) < 0.8 * yardstick.distance(untrained)
    again = yardstick.made(Model.from_state(experiment, last.state))
    torch.testing.assert_close(again, values, rtol=0, atol=0)  # all randomness lies in z
