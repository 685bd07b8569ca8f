"""The description of a run: what it refuses, and that nothing is lost on its way through a link or a file."""

import dataclasses
import json
import pathlib
import resource

import pytest

from playground.architectures import ARCHITECTURES
from playground.config import check, field
from playground.datasets import DATASETS, Dataset
from playground.experiment import Experiment
from playground.model import build, build_meta
from playground.recipe import Recipe
from playground.samples import Samples, SampleSpec


@dataclasses.dataclass(frozen=True)
class FolderConfig:
    path: str = field("", help="Where the pictures lie.", private=True)
    resolution: int = field(32, help="Height and width.", choices=(16, 32, 64))

    def __post_init__(self) -> None:
        check(self)


def folder_spec(config: FolderConfig) -> SampleSpec:
    return SampleSpec("image", (3, config.resolution, config.resolution))


def folder_load(config: FolderConfig, root: pathlib.Path) -> Samples:
    raise FileNotFoundError


@pytest.fixture
def private_folder(monkeypatch) -> str:
    """Register a data set with a private setting for one test."""
    name = "private-folder-of-the-tests"
    entry = Dataset(name, "", "", "", "", FolderConfig, folder_spec, folder_load)
    monkeypatch.setitem(DATASETS._entries, name, entry)
    return name


def through_json(experiment: Experiment) -> Experiment:
    return Experiment.from_settings(json.loads(json.dumps(experiment.settings())))


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_defaults_of_every_pair_need_no_more_than_two_names(architecture, dataset):
    spec, entry = DATASETS[dataset].spec(DATASETS[dataset].config()), ARCHITECTURES[architecture]
    if spec.kind not in entry.kinds or (entry.conditional and not spec.classes):
        pytest.skip("they do not fit")
    experiment = Experiment(architecture, dataset)
    assert experiment.settings() == {"architecture": architecture, "dataset": dataset}
    assert through_json(experiment) == experiment


@pytest.mark.parametrize(
    "settings",
    [
        {"architecture": "mlp", "opponent": "dcgan", "seed": 7},
        {"architecture": "dcgan", "generator.kernel_size": [4, 6, 2], "generator.padding": [1, 2, 0]},
        {"generator.upsampling": ["nearest", "bilinear", "pixel-shuffle"], "generator.kernel_size": [3]},
        {"discriminator.slope": 0.05, "recipe.loss": "least-squares", "recipe.learning_rate_generator": 0.00123},
        {"dataset": "digits", "data.resolution": 16, "recipe.batch_size": 8, "seed": 2**31 - 1},
    ],
)
def test_settings_survive_json(settings):
    experiment = Experiment.from_settings(settings)
    written = experiment.settings()
    assert {**written, **settings} == written  # what was asked for is all there
    assert through_json(experiment) == experiment


def test_settings_typed_as_text_equal_those_given_as_numbers():
    typed = {"generator.kernel_size": "4,6,4", "generator.padding": "1,2,1", "seed": "3", "recipe.beta1": "0.25"}
    given = {"generator.kernel_size": [4, 6, 4], "generator.padding": [1, 2, 1], "seed": 3, "recipe.beta1": 0.25}
    assert Experiment.from_settings(typed) == Experiment.from_settings(given)


def test_another_architecture_brings_its_own_defaults():
    experiment = Experiment.from_settings({"architecture": "dcgan"})
    assert experiment.generator == ARCHITECTURES["dcgan"].generator_config
    assert experiment.recipe == ARCHITECTURES["dcgan"].recipe


def test_an_opponent_brings_its_own_discriminator():
    experiment = Experiment(architecture="dcgan", opponent="mlp")
    assert experiment.discriminator == ARCHITECTURES["mlp"].discriminator_config
    assert experiment.recipe == ARCHITECTURES["dcgan"].recipe


def test_a_changed_copy_keeps_the_rest():
    start = Experiment.from_settings({"architecture": "mlp", "generator.width": 64, "seed": 5})
    changed = start.with_settings({"recipe.loss": "hinge", "seed": 6})
    assert changed.settings() == {**start.settings(), "recipe.loss": "hinge", "seed": 6}
    assert start.seed == 5


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"architecture": "biggan9"}, "unknown architecture 'biggan9'; choose from: .*dcgan"),
        ({"dataset": "imagenet9"}, "unknown data set 'imagenet9'; choose from: .*digits"),
        ({"opponent": "biggan9"}, "unknown architecture 'biggan9'; choose from: .*dcgan"),
        ({"colour": 1}, "unknown setting 'colour'; choose from: architecture, dataset, opponent, seed"),
        ({"generator": {}}, "unknown setting 'generator'; choose from"),
        (
            {"painter.width": 1},
            "unknown setting 'painter.width'; it starts with one of: data, generator, discriminator, recipe",
        ),
        ({"recipe.": 1}, "unknown setting 'recipe.'"),
        ({"recipe.luck": 1}, "recipe: unknown setting 'luck'; choose from: loss, batch_size"),
        ({"recipe.loss": "wishful"}, "recipe: loss 'wishful' is not one of: non-saturating, minimax, least-squares"),
        ({"recipe.batch_size": 1}, "recipe: batch_size must be between 2 and 512, not 1"),
        ({"recipe.beta1": "nan"}, "recipe: beta1 must be between 0 and 0.999, not nan"),
        ({"data.resolution": 33}, "data: resolution 33 is not one of: 16, 32, 64"),
        ({"generator.latent_dim": 1e9}, "generator: latent_dim must be between 2 and 512, not 1000000000"),
        ({"generator.upsampling": "magic"}, "generator: upsampling 'magic' is not one of: transposed, nearest"),
        ({"seed": -1}, "seed must be between 0 and .*, not -1"),
        ({"seed": 2**31}, "seed must be between 0 and .*, not 2147483648"),
        ({"seed": 0.5}, "seed must be a whole number, not 0.5"),
        ({"architecture": ["mlp"]}, "unknown architecture"),
    ],
)
def test_a_bad_setting_is_named_with_the_choices(settings, words):
    with pytest.raises(ValueError, match=words) as caught:
        Experiment.from_settings({"dataset": "digits", **settings})
    assert len(str(caught.value)) < 600 and "\n" not in str(caught.value)


def test_a_negative_seed_is_refused_in_a_copy_too():
    with pytest.raises(ValueError, match="seed must be between"):
        Experiment().with_settings({"seed": -3})
    with pytest.raises(ValueError, match="seed must be between"):
        Experiment(seed=-3)


def test_a_section_of_another_network_is_refused():
    with pytest.raises(ValueError, match="recipe must be a Recipe, not"):
        Experiment(recipe={"loss": "hinge"})
    with pytest.raises(ValueError, match=r"generator must be a Generator\.Config, not"):
        Experiment(architecture="mlp", generator=ARCHITECTURES["dcgan"].generator_config)


def test_private_settings_are_refused_from_strangers(private_folder):
    with pytest.raises(ValueError, match="data: path cannot be set from a link or a file"):
        Experiment.from_settings({"dataset": private_folder, "data.path": "/etc"})


def test_private_settings_are_taken_from_the_person_at_the_machine_and_never_passed_on(private_folder):
    experiment = Experiment.from_settings(
        {"dataset": private_folder, "data.path": "/pictures", "data.resolution": 16}, trusted=True
    )
    assert experiment.data.path == "/pictures"
    assert experiment.settings() == {"architecture": experiment.architecture, "dataset": private_folder, "data.resolution": 16}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"data.resolution": 64, "generator.width": 256, "generator.latent_dim": 512}, "parameters are more than the"),
        ({"data.resolution": 64, "discriminator.width": 256}, "parameters are more than the"),
        (
            {"data.resolution": 64, "generator.width": 128, "recipe.batch_size": 512},
            "GiB allowed; lower the width or the batch",
        ),
    ],
)
def test_networks_too_large_for_a_visitor_are_refused_before_memory_is_taken(settings, words):
    experiment = Experiment.from_settings({"architecture": "sn-dcgan", "dataset": "digits", **settings})
    assert all(weight.is_meta for network in build_meta(experiment) for weight in network.parameters())
    build(Experiment(dataset="digits"))  # the first use of the meta device loads 150 MB of PyTorch's own code
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=words):
        build(experiment)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


def test_an_experiment_cannot_be_changed_and_serves_as_a_key():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Experiment().seed = 3
    assert len({Experiment(), Experiment(), Experiment(recipe=Recipe(batch_size=2))}) == 2
