"""Every architecture of the zoo: shapes, gradients, seeds, and that no picture depends on its neighbours."""

import dataclasses

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.config import parse
from playground.experiment import Experiment
from playground.layers import UPSAMPLINGS, ShapeError, initialise, trace
from playground.losses import LOSSES
from playground.model import Model, build, draw_latents
from playground.samples import SampleSpec

IMAGE_MAKERS = [name for name in ARCHITECTURES if "image" in ARCHITECTURES[name].kinds]
SPECS = [SampleSpec("image", (channels, side, side)) for side in (16, 32, 64) for channels in (1, 3)]
IDS = [f"{spec.shape[0]}x{spec.shape[1]}" for spec in SPECS]
every_architecture = pytest.mark.parametrize("name", IMAGE_MAKERS)
every_spec = pytest.mark.parametrize("spec", SPECS, ids=IDS)


def networks(name: str, spec: SampleSpec, seed: int = 0, opponent: str = "", **settings) -> tuple[nn.Module, nn.Module]:
    """Build generator and discriminator for any sample, whether or not a data set has it; `settings` are the generator's."""
    own, other = ARCHITECTURES[name], ARCHITECTURES[opponent or name]
    generator = own.generator(parse(type(own.generator_config), settings, base=own.generator_config), spec)
    discriminator = other.discriminator(other.discriminator_config, spec)
    for network, owner in ((generator, own), (discriminator, other)):
        initialise(network, torch.Generator().manual_seed(seed), owner.initialisation)
    return generator, discriminator


def latents(name: str, count: int) -> torch.Tensor:
    return draw_latents(count, ARCHITECTURES[name].generator_config.latent_dim, seed=1)


@every_spec
@every_architecture
def test_samples_have_the_data_s_shape_and_range_and_get_one_logit_each(name, spec):
    generator, discriminator = networks(name, spec)
    sample = generator(latents(name, 3))
    assert sample.shape == (3, *spec.shape)
    assert sample.min() >= -1 and sample.max() <= 1
    assert sample.std() > 0
    logits = discriminator(sample)
    assert logits.shape == (3,) and logits.isfinite().all()


@every_spec
@every_architecture
def test_every_parameter_receives_a_gradient(name, spec):
    generator, discriminator = networks(name, spec)
    loss = LOSSES[ARCHITECTURES[name].recipe.loss]
    real = torch.rand(4, *spec.shape, generator=torch.Generator().manual_seed(2)) * 2 - 1
    fake = generator(latents(name, 4))
    (loss.generator(discriminator(fake)) + loss.discriminator(discriminator(real), discriminator(fake.detach()))).backward()
    for network in (generator, discriminator):
        for path, parameter in network.named_parameters():
            assert parameter.grad is not None and parameter.grad.isfinite().all(), path
            assert parameter.grad.abs().max() > 0, path


@every_architecture
def test_one_seed_gives_one_picture_and_another_seed_another(name):
    experiments = [Experiment(architecture=name, dataset="digits", seed=seed) for seed in (3, 3, 4)]
    first, second, other = (torch.from_numpy(Model.untrained(experiment).sample(2)).float() for experiment in experiments)
    assert_close(first, second, rtol=0, atol=0)
    assert (first - other).abs().max() > 0


@every_architecture
def test_the_discriminator_s_start_does_not_depend_on_the_generator(name):
    small = Experiment(architecture=name, dataset="digits").with_settings({"generator.latent_dim": 8})
    for mine, other in zip(build(small)[1].parameters(), build(Experiment(name, "digits"))[1].parameters(), strict=True):
        assert_close(mine, other, rtol=0, atol=0)


@every_spec
@every_architecture
def test_in_eval_mode_nothing_depends_on_batch_mates(name, spec):
    generator, discriminator = networks(name, spec)
    together = latents(name, 5)
    with torch.no_grad():
        discriminator(generator(together))  # so that running statistics are not those of the start
        generator.eval(), discriminator.eval()
        alone = torch.cat([generator(latent[None]) for latent in together])
        assert_close(generator(together), alone)
        assert_close(discriminator(alone), torch.cat([discriminator(sample[None]) for sample in alone]))


@every_architecture
def test_a_picture_of_a_model_does_not_depend_on_what_is_made_beside_it(name):
    model = Model.untrained(Experiment(architecture=name, dataset="digits"))
    together = latents(name, 4)
    assert_close(model.generate(together)[:1], model.generate(together[:1]))


@every_spec
@every_architecture
def test_the_shape_table_equals_what_hooks_see_when_the_networks_run(name, spec):
    seen: list[tuple] = []

    def note(module: nn.Module, args: tuple, output: torch.Tensor) -> None:
        seen.append((type(module).__name__, tuple(args[0].shape[1:]), tuple(output.shape[1:])))

    generator, discriminator = networks(name, spec)
    for module in (*generator.modules(), *discriminator.modules()):
        if not list(module.children()):
            module.register_forward_hook(note)
    discriminator(generator(latents(name, 2)))
    with torch.device("meta"):
        own = ARCHITECTURES[name]
        rows = trace(own.generator(own.generator_config, spec), latents(name, 2).to("meta"))
        rows += trace(own.discriminator(own.discriminator_config, spec), torch.empty(2, *spec.shape))
    assert [(row.type, row.input_shape, row.output_shape) for row in rows] == seen


@every_spec
@pytest.mark.parametrize("kind", UPSAMPLINGS)
@pytest.mark.parametrize(
    "name", [name for name in IMAGE_MAKERS if "upsampling" in type(ARCHITECTURES[name].generator_config).__dataclass_fields__]
)
def test_every_way_to_upsample_reaches_the_data_s_size(name, kind, spec):
    generator, _ = networks(name, spec, upsampling=[kind])
    assert generator(latents(name, 2)).shape == (2, *spec.shape)


@pytest.mark.parametrize(
    "settings",
    [
        {"generator.kernel_size": [2, 4, 6], "generator.padding": [0, 1, 2]},
        {"generator.upsampling": ["transposed", "nearest", "pixel-shuffle"]},
        {"generator.kernel_size": [3], "generator.output_padding": [1]},
        {"generator.stride": [4, 2, 1], "generator.kernel_size": [4, 4, 3], "generator.padding": [0, 1, 1]},
        {"discriminator.kernel_size": [3, 4, 5], "discriminator.stride": [1, 2, 2], "discriminator.padding": [1, 1, 2]},
    ],
)
@pytest.mark.parametrize("name", ["dcgan", "sn-dcgan"])
def test_each_stage_may_have_its_own_values(name, settings):
    model = Model.untrained(Experiment.from_settings({"architecture": name, "dataset": "digits", **settings}))
    assert model.sample(2).shape == (2, 32, 32, 1)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"generator.kernel_size": [4, 4]}, "kernel_size has 2 values for 3 stages; give one for all or one for each"),
        ({"generator.stride": [1]}, "the generator makes 1×7×7 but the data are 1×32×32"),
        ({"generator.padding": [8]}, "nothing is left of the feature map"),
        ({"generator.output_padding": [2]}, "output padding 2 must be smaller than the stride 2"),
        ({"discriminator.kernel_size": [11], "discriminator.padding": [0]}, r"the kernel \(11×11\) is larger than its input"),
        ({"discriminator.stride": [1, 2]}, "stride has 2 values for 3 stages"),
    ],
)
@pytest.mark.parametrize("name", ["dcgan", "sn-dcgan"])
def test_sizes_that_do_not_meet_are_refused_in_one_sentence(name, settings, words):
    experiment = Experiment.from_settings({"architecture": name, "dataset": "digits", **settings})
    with pytest.raises(ValueError, match=words) as caught:
        build(experiment)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 150


def test_a_broken_ladder_names_its_stage_and_keeps_the_rows_before():
    settings = {"generator.kernel_size": [4, 2, 4], "generator.padding": [1, 8, 1]}  # (8 - 1) * 2 - 16 + 2 = 0
    experiment = Experiment.from_settings({"architecture": "dcgan", "dataset": "digits", **settings})
    with pytest.raises(ShapeError) as caught:
        build(experiment)
    assert caught.value.stage == "up2"
    assert caught.value.rows[-1].output_shape == (32, 8, 8)


@every_architecture
@pytest.mark.parametrize("section", ["generator", "discriminator"])
def test_every_setting_refuses_garbage_by_name(name, section):
    for spec in dataclasses.fields(getattr(ARCHITECTURES[name], f"{section}_config")):
        for garbage in ("garbage", -7, float("nan"), None):
            if isinstance(spec.default, bool) and garbage == "garbage":
                continue
            with pytest.raises(ValueError, match=f"{section}: {spec.name}") as caught:
                Experiment.from_settings({"architecture": name, "dataset": "digits", f"{section}.{spec.name}": garbage})
            assert str(garbage) in str(caught.value)


@pytest.mark.parametrize("opponent", IMAGE_MAKERS)
@every_architecture
def test_any_generator_plays_against_any_discriminator(name, opponent):
    generator, discriminator = build(Experiment(architecture=name, dataset="digits", opponent=opponent))
    logits = discriminator(generator(latents(name, 3)))
    logits.sum().backward()
    assert logits.shape == (3,)
    assert all(parameter.grad is not None for parameter in generator.parameters())
