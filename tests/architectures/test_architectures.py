"""Every architecture of the zoo: shapes, gradients, seeds, and that no picture depends on its neighbours."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.checkpoint import load, save
from playground.config import parse
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.layers import UPSAMPLINGS, Growing, MinibatchStd, ShapeError, give_source, grow, initialise, trace
from playground.layers.tracing import stages
from playground.losses import LOSSES
from playground.model import Model, build, draw_latents
from playground.penalties import r1
from playground.samples import SampleSpec
from playground.training import train

IMAGE_MAKERS = [name for name in ARCHITECTURES if "image" in ARCHITECTURES[name].kinds]
CLASSES = ("a", "b", "c")
SPECS = [SampleSpec("image", (channels, side, side), CLASSES) for side in (16, 32, 64) for channels in (1, 3)]
IDS = [f"{spec.shape[0]}x{spec.shape[1]}" for spec in SPECS]
every_architecture = pytest.mark.parametrize("name", IMAGE_MAKERS)
every_spec = pytest.mark.parametrize("spec", SPECS, ids=IDS)
every_size = pytest.mark.parametrize("spec", SPECS[::3] + SPECS[4:5], ids=IDS[::3] + IDS[4:5])  # grey 16, colour 32, grey 64


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


def called(network: nn.Module, name: str, batch: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
    """Call a network as the training loop does; of a discriminator with a classifier only the logits are kept."""
    if ARCHITECTURES[name].conditional and label is None:
        label = torch.arange(len(batch)) % len(CLASSES)
    result = network(batch, label)
    return result[0] if isinstance(result, tuple) else result


def grown(*networks: nn.Module) -> None:
    """Let networks that grow have grown up."""
    for network in networks:
        grow(network, 10**9)


@every_spec
@every_architecture
def test_samples_have_the_data_s_shape_and_range_and_get_one_logit_each(name, spec):
    generator, discriminator = networks(name, spec)
    for images in (0, 10**9):  # small and grown up, where that makes a difference
        grow(generator, images), grow(discriminator, images)
        sample = called(generator, name, latents(name, 3))
        assert sample.shape == (3, *spec.shape)
        assert sample.min() >= -1 and sample.max() <= 1
        assert sample.std() > 0
        logits = called(discriminator, name, sample)
        assert logits.shape == (3,) and logits.isfinite().all()


@every_size
@every_architecture
def test_every_parameter_receives_a_gradient(name, spec):
    generator, discriminator = networks(name, spec)
    loss = LOSSES["non-saturating"]  # to a Wasserstein or relativistic one the score's last bias makes no difference
    source = torch.Generator().manual_seed(2)
    label = torch.tensor([0, 1, 2, 0]) if ARCHITECTURES[name].conditional else None
    real = torch.rand(4, *spec.shape, generator=source) * 2 - 1
    for network in (generator, discriminator):
        give_source(network, source)
        shaken(network, source)
    for images in phases(generator):
        grow(generator, images), grow(discriminator, images)
        fake = generator(latents(name, 4), label)
        on_real, on_fake = judged(discriminator, real, label), judged(discriminator, fake, label)
        total = loss.discriminator(on_real[0], judged(discriminator, fake.detach(), label)[0], 0.0)
        total = total + loss.generator(on_real[0].detach(), on_fake[0]) + on_real[1] + on_fake[1]
        total.backward()  # gradients of all phases add up
    for network in (generator, discriminator):
        for path, parameter in network.named_parameters():
            assert parameter.grad is not None and parameter.grad.isfinite().all(), path
            assert parameter.grad.abs().max() > 0, path


def shaken(network: nn.Module, source: torch.Generator) -> None:
    """Move every parameter a little, as a step of training does: what starts at zero hides what lies behind it."""
    for parameter in network.parameters():
        parameter.data.add_(0.1 * torch.randn(parameter.shape, generator=source))


def judged(discriminator: nn.Module, sample: torch.Tensor, label: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits (N,) and the loss of naming the class, zero where there is no classifier."""
    result = discriminator(sample, label)
    if isinstance(result, tuple):
        return result[0], cross_entropy(result[1], label)
    return result, result.new_zeros(())


def phases(network: nn.Module) -> list[int]:
    """Return counts of images at which a growing network is in each of its phases; one will do where nothing grows."""
    growing = any(isinstance(module, Growing) for module in network.modules())
    return [*range(0, 60_000, 500)] if growing else [10**9]


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


@every_size
@every_architecture
def test_in_eval_mode_nothing_depends_on_batch_mates(name, spec):
    generator, discriminator = networks(name, spec)
    grown(generator, discriminator)
    together = latents(name, 5)
    label = torch.tensor([2, 0, 1, 1, 0]) if ARCHITECTURES[name].conditional else None
    one_by_one = [(slice(n, n + 1), None if label is None else label[n : n + 1]) for n in range(5)]
    with torch.no_grad():
        called(discriminator, name, called(generator, name, together))  # so that running statistics are not those of the start
        generator.eval(), discriminator.eval()
        alone = torch.cat([called(generator, name, together[n], own) for n, own in one_by_one])
        assert_close(called(generator, name, together, label), alone, rtol=1e-4, atol=1e-4)
        if any(isinstance(module, MinibatchStd) for module in discriminator.modules()):
            return  # it is there to look at batch mates
        scores = torch.cat([called(discriminator, name, alone[n], own) for n, own in one_by_one])
        assert_close(called(discriminator, name, alone, label), scores, rtol=1e-4, atol=1e-4)


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
    grown(generator, discriminator)
    for network in (generator, discriminator):
        for module in (inner for stage in stages(network).values() for inner in stage.modules()):
            if not list(module.children()):
                module.register_forward_hook(note)
    mixture = torch.eye(len(CLASSES))[:2]
    called(discriminator, name, called(generator, name, latents(name, 2), mixture), mixture)
    label = [torch.empty(2, len(CLASSES), device="meta")] if ARCHITECTURES[name].conditional else []
    with torch.device("meta"):
        own = ARCHITECTURES[name]
        rows = trace(own.generator(own.generator_config, spec), latents(name, 2).to("meta"), *label)
        rows += trace(own.discriminator(own.discriminator_config, spec), torch.empty(2, *spec.shape), *label)
    table = [(row.type, row.input_shape, row.output_shape) for row in rows]
    if any(isinstance(module, Growing) for module in generator.modules()):
        assert set(seen) <= set(table)  # the table has every stage, of which a network that grows uses some at a time
    else:
        assert table == seen


@every_architecture
def test_the_shape_table_counts_every_parameter(name):
    experiment = Experiment(architecture=name, dataset="digits")
    table = shape_table(experiment)
    for network, rows in zip(build(experiment), (table.generator, table.discriminator), strict=True):
        assert sum(row.parameters for row in rows) == sum(parameter.numel() for parameter in network.parameters())


@every_architecture
def test_the_slope_of_every_discriminator_can_be_differentiated_again(name):
    spec = SPECS[0]
    _, discriminator = networks(name, spec)
    grown(discriminator)
    label = torch.tensor([0, 1, 2, 0]) if ARCHITECTURES[name].conditional else None
    real = torch.rand(4, *spec.shape, generator=torch.Generator().manual_seed(2)) * 2 - 1

    def score(samples: torch.Tensor, asked: torch.Tensor | None) -> torch.Tensor:
        return called(discriminator, name, samples, asked)

    r1(score, (real, label), (real, label), torch.Generator()).mean().backward()
    reached = [parameter.grad for parameter in discriminator.parameters() if parameter.grad is not None]
    assert all(gradient.isfinite().all() for gradient in reached)
    assert sum(gradient.abs().max() > 0 for gradient in reached) >= len(reached) / 3


@every_architecture
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_fifty_steps_of_its_recipe_stay_finite_in_either_format(name, precision):
    settings = {"data.resolution": 16, "recipe.batch_size": 8, "engine.precision": precision}
    experiment = Experiment.from_settings({"architecture": name, "dataset": "digits", **settings})
    *_, last = train(experiment, steps=50, device="cpu", every=100)
    assert last.status == "finished" and last.step == 50
    assert all(np.isfinite(value).all() for value in last.state.values())


@every_architecture
def test_a_run_goes_on_bit_for_bit_from_a_file_and_the_link_gives_the_same_experiment(name, tmp_path):
    settings = {"data.resolution": 16, "recipe.batch_size": 6, "seed": 5}
    experiment = Experiment.from_settings({"architecture": name, "dataset": "digits", **settings})
    assert Experiment.from_settings(experiment.settings()) == experiment
    *_, whole = train(experiment, steps=4, device="cpu", every=100)
    *_, half = train(experiment, steps=2, device="cpu", every=100)
    save(Model.from_state(experiment, half.state), tmp_path / "half.safetensors")
    loaded = load(tmp_path / "half.safetensors")
    *_, rest = train(loaded.experiment, steps=2, resume=loaded.resume, device="cpu", every=100)
    for key in whole.state.keys() - {"seconds"}:
        np.testing.assert_array_equal(whole.state[key], rest.state[key], err_msg=key)


@pytest.mark.parametrize("name", [name for name in IMAGE_MAKERS if ARCHITECTURES[name].conditional])
def test_a_mixture_of_one_class_alone_equals_the_class_and_the_class_makes_a_difference(name):
    generator, discriminator = (network.eval() for network in networks(name, SPECS[0]))
    for network in (generator, discriminator):
        shaken(network, torch.Generator().manual_seed(4))
    label, other = torch.tensor([0, 1, 2]), torch.tensor([1, 2, 0])
    with torch.no_grad():
        sample = generator(latents(name, 3), label)
        assert_close(generator(latents(name, 3), torch.eye(3)[label]), sample)
        score = called(discriminator, name, sample, label)
        assert_close(called(discriminator, name, sample, torch.eye(3)[label]), score)
        assert (generator(latents(name, 3), other) - sample).abs().max() > 0


@every_spec
@pytest.mark.parametrize("kind", UPSAMPLINGS)
@pytest.mark.parametrize(
    "name", [name for name in IMAGE_MAKERS if "upsampling" in type(ARCHITECTURES[name].generator_config).__dataclass_fields__]
)
def test_every_way_to_upsample_reaches_the_data_s_size(name, kind, spec):
    generator, _ = networks(name, spec, upsampling=[kind], kernel_size=[4])
    assert called(generator, name, latents(name, 2)).shape == (2, *spec.shape)


@pytest.mark.parametrize(
    "settings",
    [
        {"generator.kernel_size": [2, 4, 6], "generator.padding": [0, 1, 2]},
        {"generator.upsampling": ["transposed", "nearest", "pixel-shuffle"]},
        {"generator.kernel_size": [3], "generator.output_padding": [1]},
        {"generator.stride": [4, 2, 1], "generator.kernel_size": [4, 4, 3], "generator.padding": [0, 1, 1]},
        {"discriminator.pooling": ["max", "blur", "average"], "discriminator.normalisation": "group"},
        {"generator.normalisation": "spectral", "discriminator.normalisation": "layer", "discriminator.minibatch_std": True},
        {"discriminator.kernel_size": [3, 4, 5], "discriminator.stride": [1, 2, 2], "discriminator.padding": [1, 1, 2]},
    ],
)
@pytest.mark.parametrize("name", ["dcgan", "sn-dcgan"])
def test_each_stage_may_have_its_own_values(name, settings):
    experiment = Experiment.from_settings({"architecture": name, "dataset": "digits", "recipe.batch_size": 4, **settings})
    *_, last = train(experiment, steps=2, device="cpu", every=100)
    assert last.status == "finished" and Model.from_state(experiment, last.state).sample(2).shape == (2, 32, 32, 1)


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


@pytest.mark.parametrize(
    ("name", "opponent"), [(name, "sn-dcgan") for name in IMAGE_MAKERS] + [("dcgan", name) for name in IMAGE_MAKERS]
)
def test_any_generator_plays_against_any_discriminator(name, opponent):
    settings = {"architecture": name, "opponent": opponent, "dataset": "digits", "data.resolution": 16}
    experiment = Experiment.from_settings(settings | {"recipe.batch_size": 4})
    *_, last = train(experiment, steps=2, device="cpu", every=100)
    assert last.status == "finished" and math.isfinite(last.loss_generator)


@pytest.mark.parametrize("name", [name for name in IMAGE_MAKERS if ARCHITECTURES[name].conditional])
def test_a_conditional_architecture_refuses_data_without_classes_and_names_those_that_have_some(name):
    with pytest.raises(ValueError, match=f"{name} needs data with classes, and images has none; choose from: digits"):
        Experiment(architecture=name, dataset="images")
