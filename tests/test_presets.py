"""Experiments that fail on purpose: each can be built and trained."""

import pytest

from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.presets import PRESETS


@pytest.mark.parametrize("dataset", ["digits", "mnist", "shapes"])
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_makes_a_chain_of_sizes_that_meets_and_keeps_data_and_seed(name, dataset):
    like = Experiment(dataset=dataset, seed=5).with_settings({"data.resolution": 16})
    broken = PRESETS[name].experiment(like)
    assert (broken.dataset, broken.data, broken.seed) == (dataset, like.data, 5)
    assert shape_table(broken).problem is None


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_in_sentences_what_to_watch(name):
    preset = PRESETS[name]
    assert preset.name == name and "Watch" in preset.summary and preset.summary.endswith(".")


def test_an_unknown_preset_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="choose from: collapse"):
        PRESETS["nothing"]
