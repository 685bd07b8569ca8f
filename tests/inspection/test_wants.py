"""What D wants: the gradient of its score is what calculus says, and asking changes nothing."""

import math

import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn
from torch.testing import assert_close
from watched_models import model_of

from playground.architectures import ARCHITECTURES
from playground.datasets import DATASETS
from playground.inspection import Scores, Wants, follow, scores, wants
from playground.inspection.wants import LONGEST, longest
from playground.model import Model
from playground.samples import Samples, to_unit

every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)
logits_32 = arrays(np.float32, st.integers(1, 30), elements=st.sampled_from([-1.5, -1, 0, 0.25, 1, 2, 3]))


class Linear(nn.Module):
    """A discriminator made by hand: its gradient is its weight (C, H, W), whatever it looks at."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return (sample * self.weight).sum((1, 2, 3)) + 3


def fakes(model: Model, count: int = 4) -> torch.Tensor:
    return model.generate(model.latents(count, 1))


def linear(weight: torch.Tensor | None = None) -> Model:
    model = model_of("mlp")
    weight = torch.randn(1, 16, 16, generator=torch.Generator().manual_seed(0)) if weight is None else weight
    model.discriminator = Linear(weight).eval()
    return model


def inside(model: Model, count: int = 4) -> torch.Tensor:
    """Return samples far from the ends of the range of pixels."""
    return torch.rand(count, *model.experiment.spec.shape, generator=torch.Generator().manual_seed(1)) - 0.5


@torch.no_grad()
def judge(model: Model, samples: torch.Tensor, labels: torch.Tensor | None) -> list[float]:
    """Return the scores at the networks' own precision."""
    judged = model.discriminator(samples, labels)
    return (judged[0] if isinstance(judged, tuple) else judged).tolist()


def state(model: Model) -> dict[str, torch.Tensor]:
    networks = {"generator": model.generator, "discriminator": model.discriminator}
    return {f"{name}.{key}": value.clone() for name, net in networks.items() for key, value in net.state_dict().items()}


@every_architecture
def test_every_architecture_has_a_wish_and_asking_changes_nothing(name):
    model = model_of(name)
    samples, before = fakes(model), state(model)
    found = wants(model, samples)
    assert found.logits.shape == found.norms.shape == (4,) and found.gradient.shape == (4, *model.experiment.spec.shape)
    assert found.gradient.dtype == found.logits.dtype == np.float32
    assert all(np.isfinite(values).all() for values in (found.logits, found.gradient, found.norms))
    assert (found.norms > 0).any()
    after = follow(model, samples, 0.5, moves=2)
    assert np.abs(after.samples).max() <= 1 and np.isfinite(after.logits).all()
    assert_close(state(model), before, rtol=0, atol=0)
    networks = (model.generator, model.discriminator)
    assert not any(module.training for network in networks for module in network.modules())
    assert all(parameter.grad is None for network in networks for parameter in network.parameters())


@every_architecture
def test_the_gradient_is_what_finite_differences_give(name, monkeypatch):
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)  # the spread of a batch is else computed in float32
    model = model_of(name)
    model.discriminator.double()
    samples, way = inside(model).double(), torch.randn(4, 1, 16, 16, generator=torch.Generator().manual_seed(2)).double()
    labels = torch.eye(10).double()[:4] if model.experiment.num_classes else None
    found = wants(model, samples, labels)
    for index in range(len(samples)):  # each alone: D may compare the samples of a batch
        step = torch.zeros_like(samples)
        step[index] = 1e-7 * way[index]
        above, below = (judge(model, samples + sign * step, labels)[index] for sign in (1, -1))
        slope = (above - below) / 2e-7
        assert (found.gradient[index] * way[index].numpy()).sum() == pytest.approx(slope, rel=1e-4, abs=1e-7)


def test_a_linear_discriminator_wants_its_own_weight():
    model = linear()
    weight = model.discriminator.weight.detach()
    found = wants(model, inside(model))
    assert_close(torch.from_numpy(found.gradient), weight.expand(4, -1, -1, -1))
    np.testing.assert_allclose(found.norms, weight.norm().item(), rtol=1e-5)
    assert_close(torch.from_numpy(found.logits), (inside(model) * weight).sum((1, 2, 3)) + 3)


@pytest.mark.parametrize("moves", [1, 5])
def test_following_a_linear_wish_raises_the_score_by_length_times_strength(moves):
    model = linear()
    before, after = wants(model, inside(model)), follow(model, inside(model), 0.7, moves=moves)
    np.testing.assert_allclose(after.logits - before.logits, 0.7 * before.norms, rtol=1e-4)
    np.testing.assert_allclose(np.linalg.norm((after.samples - before.samples).reshape(4, -1), axis=1), 0.7, rtol=1e-4)


def test_pixels_at_the_end_of_their_range_take_no_part_in_a_wish():
    model = linear(torch.ones(1, 16, 16))
    samples = torch.zeros(1, 1, 16, 16)
    samples[..., :8] = 1
    after = follow(model, samples, 1.0)
    assert (after.samples[..., :8] == 1).all()
    np.testing.assert_allclose(after.samples[..., 8:], 1 / math.sqrt(128), rtol=1e-5)


def test_a_wish_of_no_length_or_of_no_direction_changes_nothing():
    model = linear()
    np.testing.assert_array_equal(follow(model, inside(model), 0).samples, inside(model).numpy())
    flat = linear(torch.zeros(1, 16, 16))
    np.testing.assert_array_equal(follow(flat, inside(flat), 2.0).samples, inside(flat).numpy())
    assert (wants(flat, inside(flat)).maps() == 0).all()


def test_bytes_and_numbers_are_the_same_samples():
    model = model_of("sn-dcgan")
    values = torch.randint(0, 256, (3, 1, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    first, second = wants(model, values), wants(model, to_unit(values))
    np.testing.assert_array_equal(first.logits, second.logits)
    np.testing.assert_array_equal(first.gradient, second.gradient)


def test_a_conditional_discriminator_is_told_the_class_that_was_asked_for():
    model = model_of("cgan")
    samples = fakes(model)
    three, five = (wants(model, samples, torch.full((4,), label)) for label in (3, 5))
    assert (three.logits != five.logits).all()
    np.testing.assert_array_equal(wants(model, samples).logits, wants(model, samples, torch.arange(4)).logits)


def test_a_discriminator_that_also_names_classes_is_asked_for_its_score():
    model = model_of("acgan")
    samples = fakes(model)
    with torch.no_grad():
        logits, classes = model.discriminator(samples, model.labels(4))
    assert classes.shape == (4, 10)
    assert_close(torch.from_numpy(wants(model, samples).logits), logits)


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"samples must be \(N, 1, 16, 16\), not \(2, 1, 8, 8\)"):
        wants(model_of("mlp"), torch.zeros(2, 1, 8, 8))


@pytest.mark.parametrize(("length", "moves"), [(-1, 2), (math.nan, 2), (math.inf, 2), (1, 0)])
def test_a_way_that_is_none_is_refused(length, moves):
    with pytest.raises(ValueError, match="length must be 0 or more"):
        follow(model_of("mlp"), torch.zeros(1, 1, 16, 16), length, moves=moves)


def test_maps_share_one_scale_and_say_brighter_or_darker():
    gradient = np.zeros((2, 3, 2, 2), np.float32)
    gradient[0, :, 0, 0], gradient[1, :, 1, 1], gradient[1, 0, 0, 0] = 2, -1, np.nan
    maps = Wants(np.zeros_like(gradient), np.zeros(2), gradient).maps(scale=2.0)
    assert maps.shape == (2, 2, 2) and maps[0, 0, 0] == 1 and maps[1, 1, 1] == -0.5 and maps[1, 0, 0] == 0


def test_the_longest_way_is_as_clear_in_large_pictures_as_in_small_ones():
    small, large = (longest(model_of("mlp", **{"data.resolution": side})) for side in (16, 32))
    assert (small, large) == (LONGEST * 16, LONGEST * 32)


def test_histograms_count_every_finite_score_in_bins_that_both_share():
    found = Scores(np.array([0, 1, 2, np.inf], np.float32), np.array([-2, -2, 0, np.nan], np.float32))
    edges, real, fake = found.histograms(4)
    np.testing.assert_array_equal(edges, [-2, -1, 0, 1, 2])
    np.testing.assert_array_equal(real, [0, 0, 1, 2])
    np.testing.assert_array_equal(fake, [2, 0, 1, 0])


@pytest.mark.parametrize("name", ["sn-dcgan", "cgan"])
def test_as_many_real_as_made_samples_are_scored_and_every_time_the_same(name):
    model = model_of(name)
    data = DATASETS["digits"].load(model.experiment.data, None)
    first, second = scores(model, data, 50), scores(model, data, 50)
    assert first.real.shape == first.fake.shape == (50,)
    np.testing.assert_array_equal(first.fake, second.fake)
    assert first.gap == pytest.approx(float(first.real.mean() - first.fake.mean()), abs=1e-6)


def test_made_samples_are_scored_as_the_classes_of_the_real_ones():
    model = model_of("cgan")
    model.discriminator = nn.Module()
    model.discriminator.register_parameter("unused", nn.Parameter(torch.zeros(1)))
    model.discriminator.forward = lambda sample, label: label.float()
    data = DATASETS["digits"].load(model.experiment.data, None)
    found = scores(model, data, 40)
    np.testing.assert_array_equal(found.real, found.fake)
    assert len(set(found.real)) > 5


def test_fewer_real_samples_than_asked_for_will_do():
    model = model_of("mlp")
    data = Samples(model.experiment.spec, torch.zeros(3, 1, 16, 16, dtype=torch.uint8))
    assert scores(model, data).real.shape == scores(model, data).fake.shape == (3,)
    with pytest.raises(ValueError, match="count must be at least 1, not 0"):
        scores(model, data, 0)
