"""A recurrent GAN learns what a sine is: within seconds its series come nearer to real ones."""

from playground.datasets import DATASETS, data_root
from playground.datasets.sines import fit_sines
from playground.evaluation.live import Yardstick
from playground.experiment import Experiment
from playground.model import Model
from playground.training import train

# short series and a small writer learn within a few seconds of one core
SMALL = {"data.length": 16, "data.count": 2000, "generator.width": 32, "discriminator.width": 32, "recipe.batch_size": 32}
STEPS = 150


def test_series_come_three_times_nearer_in_a_few_seconds():
    experiment = Experiment("rgan", "sines").with_settings(SMALL)
    samples = DATASETS["sines"].load(experiment.data, data_root())
    yardstick = Yardstick(experiment, samples)
    *_, last = train(experiment, samples=samples, steps=STEPS, measure=None, device="cpu", every=5)
    values = yardstick.made(Model.from_state(experiment, last.state))
    untrained = yardstick.made(Model.untrained(experiment))
    assert yardstick.distance(values) < yardstick.distance(untrained) / 3
    assert fit_sines(values)[0].median() > fit_sines(untrained)[0].median() + 5
