"""Batch normalisation under other statistics: every number is PyTorch's own, and the model stays as it is."""

import copy
import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import IMAGE_MAKERS
from torch import nn

from playground.experiment import Experiment
from playground.inspection import batch_norms, layer_statistics, recalibrated, statistics_over, under_statistics
from playground.inspection.normalisation import MODES, in_batches, kinds_of
from playground.model import Model
from playground.timeline import Run
from playground.training import train

TINY = {"data.resolution": 16, "generator.width": 4, "discriminator.width": 4}


@pytest.fixture(scope="module")
def dcgan() -> Model:
    """An untrained DCGAN whose running statistics, scales and shifts are all its own."""
    return unsettled(Model.untrained(Experiment(architecture="dcgan").with_settings(TINY)))


def unsettled(model: Model) -> Model:
    source = torch.Generator().manual_seed(5)
    for network in (model.generator, model.discriminator):
        for layer in batch_norms(network).values():
            layer.running_mean.normal_(generator=source)
            layer.running_var.uniform_(0.5, 2, generator=source)
    return model


def state(model: Model) -> dict[str, torch.Tensor]:
    networks = {"g": model.generator, "d": model.discriminator}
    return {f"{name}.{key}": value.clone() for name, part in networks.items() for key, value in part.state_dict().items()}


class OneLayer(nn.Module):
    """A generator that is one batch-norm layer on the latent as maps of `side`²."""

    def __init__(self, layer: nn.Module, side: int) -> None:
        super().__init__()
        self.layer, self.side = layer, side
        self.unused = nn.Parameter(torch.zeros(1))  # says where the network is, as every real one's do

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.layer(latent.reshape(len(latent), -1, self.side, self.side))


@dataclasses.dataclass(frozen=True)
class Size:
    latent_dim: int


def one_layer(layer: nn.BatchNorm2d, side: int) -> Model:
    experiment = copy.copy(Experiment(architecture="dcgan"))
    object.__setattr__(experiment, "generator", Size(layer.num_features * side * side))
    return Model(experiment, OneLayer(layer, side).eval(), nn.Linear(1, 1))


@st.composite
def layers(draw) -> tuple[nn.BatchNorm2d, int, int]:
    """A batch-norm layer with numbers of its own, a batch size and a map's side: two values a channel at least."""
    channels, side, count = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    affine = draw(st.booleans())
    layer = nn.BatchNorm2d(channels, eps=draw(st.floats(1e-6, 1.0)), momentum=draw(st.floats(0, 1)), affine=affine)
    source = torch.Generator().manual_seed(draw(st.integers(0, 999)))
    layer.running_mean.normal_(generator=source)
    layer.running_var.uniform_(0.1, 3, generator=source)
    if affine:
        nn.init.normal_(layer.weight, generator=source)
        nn.init.normal_(layer.bias, generator=source)
    return layer, max(count, 2 if side == 1 else 1), side


@given(layers(), st.integers(0, 3), st.floats(1e-6, 1.0), st.floats(0, 1))
def test_every_mode_equals_pytorchs_layer(drawn, mates, epsilon, momentum):
    layer, count, side = drawn
    model = one_layer(layer, side)
    latents, others = model.latents(count, 3), model.latents(mates, 4)
    own = copy.deepcopy(layer)
    own.eps, own.momentum = epsilon, momentum
    maps = torch.cat([latents, others]).reshape(count + mates, -1, side, side)
    with torch.no_grad():
        by_batch = own.train()(maps)[:count]  # which moves its running statistics by the momentum
        moved = own.eval()(maps[:count])
        as_kept = copy.deepcopy(layer).eval()
        as_kept.eps = epsilon
        plain = as_kept(maps[:count])
    given_mates = {"mates": (4, mates), "epsilon": epsilon}
    torch.testing.assert_close(under_statistics(model, latents, mode="batch", **given_mates), by_batch)
    torch.testing.assert_close(under_statistics(model, latents, momentum=momentum, **given_mates), moved)
    torch.testing.assert_close(under_statistics(model, latents, mates=others, epsilon=epsilon), plain)


@given(layers(), st.integers(1, 5))
@settings(max_examples=20)
def test_standing_statistics_are_pytorchs_cumulative_average(drawn, batches):
    layer, count, side = drawn
    model, own = one_layer(layer, side), copy.deepcopy(layer)
    found = batch_norms(recalibrated(model, batches, count, seed=7).generator)["layer"]
    own.reset_running_stats()
    own.momentum = None
    source = torch.Generator().manual_seed(7)
    for _ in range(batches):
        own.train()(torch.randn(count, own.num_features * side * side, generator=source).reshape(count, -1, side, side))
    torch.testing.assert_close(found.running_mean, own.running_mean)
    torch.testing.assert_close(found.running_var, own.running_var)
    assert found.momentum == layer.momentum and not found.training


@given(layers(), st.sampled_from(["batch", "running"]))
def test_a_layers_statistics_are_those_that_pytorch_normalises_by(drawn, source):
    layer, count, side = drawn
    model = one_layer(layer, side)
    latents = model.latents(count, 3)
    (found,) = layer_statistics(model, latents, source=source)
    maps = latents.reshape(count, -1, side, side)
    with torch.no_grad():
        own = copy.deepcopy(layer).train(source == "batch")
        own.momentum = 1.0
        made = own(maps)
    if source == "batch":
        correction = found.count / (found.count - 1)
        torch.testing.assert_close(torch.tensor(found.batch_mean), own.running_mean)
        torch.testing.assert_close(torch.tensor(found.batch_var) * correction, own.running_var)
    middle = made[0, :, side // 2, side // 2]
    torch.testing.assert_close(torch.tensor(found.result), middle)
    mean, variance = getattr(found, f"{source}_mean"), getattr(found, f"{source}_var")
    formula = found.scale * (found.example - mean) / np.sqrt(variance + found.epsilon) + found.shift
    np.testing.assert_allclose(found.result, formula, atol=1e-4, rtol=1e-4)
    assert found.before.counts.sum(1).tolist() == [found.count] * layer.num_features == found.after.counts.sum(1).tolist()
    assert (found.momentum, found.epsilon) == (layer.momentum, layer.eps)


@pytest.mark.parametrize("mode", MODES)
def test_the_model_stays_as_it_is(dcgan, mode):
    before = state(dcgan)
    under_statistics(dcgan, dcgan.latents(4, 0), mode=mode, mates=(1, 4), momentum=0.5, epsilon=0.1, standing_batches=2)
    layer_statistics(dcgan, dcgan.latents(4, 0))
    torch.testing.assert_close(state(dcgan), before, rtol=0, atol=0)
    assert not any(module.training for module in (*dcgan.generator.modules(), *dcgan.discriminator.modules()))
    assert {layer.momentum for layer in batch_norms(dcgan.generator).values()} == {0.1}


@pytest.mark.parametrize("mode", MODES)
def test_the_same_request_makes_the_same_pictures(dcgan, mode):
    first, second = (under_statistics(dcgan, dcgan.latents(4, 0), mode=mode, mates=(1, 4)) for _ in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_only_by_the_batch_a_picture_depends_on_its_mates(dcgan):
    latents = dcgan.latents(4, 0)
    pictures = {mode: [under_statistics(dcgan, latents, mode=mode, mates=(seed, 4)) for seed in (1, 2)] for mode in MODES}
    change = {mode: (one - other).abs() for mode, (one, other) in pictures.items()}
    assert change["batch"].max() > 1e-4
    assert change["running"].max() == change["standing"].max() == 0


def test_a_batch_of_a_size_has_each_latent_once_and_mates_for_the_rest(dcgan):
    latents = dcgan.latents(8, 0)
    wanted = {
        1: [under_statistics(dcgan, latent[None], mode="batch") for latent in latents],
        6: [
            under_statistics(dcgan, latents[n : n + 3], mode="batch", mates=(9, 6 - len(latents[n : n + 3]))) for n in (0, 3, 6)
        ],
        20: [under_statistics(dcgan, latents, mode="batch", mates=(9, 12))],
    }
    for size, pieces in wanted.items():
        torch.testing.assert_close(in_batches(dcgan, latents, size=size, seed=9), torch.cat(pieces))


def test_running_statistics_as_they_are_make_the_models_own_pictures(dcgan):
    latents = dcgan.latents(4, 0)
    torch.testing.assert_close(under_statistics(dcgan, latents), dcgan.generate(latents), rtol=0, atol=0)


def test_a_single_value_a_channel_is_refused_with_a_sentence_and_a_batch_of_one_with_larger_maps_is_not(dcgan):
    assert under_statistics(dcgan, dcgan.latents(1, 0), mode="batch").shape == (1, 1, 16, 16)
    single = one_layer(nn.BatchNorm2d(3), 1)
    with pytest.raises(ValueError, match="the layer layer would get a single value a channel: its variance is 0"):
        under_statistics(single, single.latents(1, 0), mode="batch")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"mode": "x"}, "unknown mode 'x'; choose from: running, batch, standing"),
        ({"epsilon": 0.0}, "epsilon must be above 0"),
        ({"epsilon": float("nan")}, "epsilon must be above 0"),
        ({"momentum": 1.5}, "momentum must be from 0 to 1"),
        ({"mode": "batch", "mates": (0, -1)}, "mates"),
        ({"mode": "standing", "standing_batches": 0}, "batches must be 1 to"),
    ],
)
def test_bad_values_are_named(dcgan, wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        under_statistics(dcgan, dcgan.latents(2, 0), **wrong)


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_architecture_works_or_has_no_such_layer(name):
    model = unsettled(Model.untrained(Experiment(architecture=name)))
    latents = model.latents(2, 0)
    own = model.generate(latents)
    found = layer_statistics(model, latents)
    assert len(found) == sum(len(batch_norms(network)) for network in (model.generator, model.discriminator))
    for mode in MODES:
        made = under_statistics(model, latents, mode=mode, mates=(1, 2), standing_batches=1, epsilon=0.5)
        assert made.shape == own.shape and made.isfinite().all()
        assert bool(batch_norms(model.generator)) != torch.allclose(made, own, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("sn-dcgan", (["batch"], ["spectral"])), ("progan", (["pixel"], [])), ("transgan", (["layer"], ["layer"])),
        ("wgan-gp", (["batch"], ["layer"])), ("mlp", ([], [])),
    ],
)  # fmt: skip
def test_the_kinds_of_normalisation_are_named(name, kinds):
    model = Model.untrained(Experiment(architecture=name))
    assert (kinds_of(model.generator), kinds_of(model.discriminator)) == kinds


def test_a_conditional_layer_shows_its_samples_own_scale():
    model = unsettled(Model.untrained(Experiment(architecture="projection").with_settings(TINY)))
    for found in layer_statistics(model, model.latents(3, 0)):
        inside = (found.example - found.batch_mean) / np.sqrt(found.batch_var + found.epsilon)
        np.testing.assert_allclose(found.result, found.example_scale * inside + found.example_shift, atol=1e-4, rtol=1e-4)


def test_over_training_the_statistics_are_those_of_each_moment():
    experiment = Experiment(architecture="dcgan").with_settings(TINY | {"recipe.batch_size": 8})
    run = Run(experiment)
    for snapshot in train(experiment, steps=2, every=0.0, measure=None, device="cpu"):
        run.add(snapshot)
    assert list(statistics_over(Run(experiment))) == []
    found = dict(statistics_over(run, count=8))
    assert list(found) == [moment.step for moment in run.timeline.moments]
    last, model = found[2], run.model()
    same = layer_statistics(model, model.latents(8, 0))
    for one, other in zip(last, same, strict=True):
        np.testing.assert_array_equal(one.batch_mean, other.batch_mean)
        np.testing.assert_array_equal(one.running_mean, batch_norms(getattr(model, one.network))[one.layer].running_mean)
    assert not found[0][0].running_mean.any() and last[0].running_mean.any()
    assert last[0].levels["running_std"] > 0 and last[0].gap > 0
