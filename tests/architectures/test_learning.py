"""Every architecture that makes images learns: what it makes of the embedded digits gets nearer to them than untrained."""

import pytest
from small_models import IMAGE_MAKERS

from playground.datasets import DATASETS, data_root
from playground.evaluation import features, frechet_distance, sample_features
from playground.experiment import Experiment
from playground.model import Model
from playground.training import train

COUNT, SEED = 1_000, 5
STEPS = {"mlp": 300}  # the cheapest steps, and the least they bring
GROWTH = {"generator.images_per_phase": 400, "discriminator.images_per_phase": 400}  # full size within the shortest test


def ratio(name: str, steps: int) -> float:
    """Return how many times nearer to real digits `steps` bring the samples: Fréchet distance before over after."""
    small = {"data.resolution": 16, "recipe.batch_size": 32, "recipe.discriminator_steps": 1}
    experiment = Experiment.from_settings({"architecture": name, "dataset": "digits", **small})
    if "images_per_phase" in type(experiment.generator).__dataclass_fields__:
        experiment = experiment.with_settings(GROWTH)
    samples = DATASETS["digits"].load(experiment.data, data_root())
    real = features(samples.values, "digits")
    *_, last = train(experiment, samples=samples, steps=steps, device="cpu", every=100)
    models = Model.untrained(experiment), Model.from_state(experiment, last.state)
    before, after = (frechet_distance(sample_features(model, COUNT, SEED), real) for model in models)
    return before / after


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_a_hundred_and_twenty_steps_bring_samples_nearer_to_digits(name):
    assert ratio(name, STEPS.get(name, 120)) > 1.2


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_six_hundred_steps_bring_samples_much_nearer_to_digits(name):
    assert ratio(name, 600) > 2
