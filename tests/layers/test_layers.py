"""Shared layers, each against a slower way to say the same."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, linear
from torch.testing import assert_close

from playground.layers import UPSAMPLINGS, Maxout, SpectralConv2d, SpectralLinear, Stage, initialise, per_stage, upsample


def seeded(layer: nn.Module, seed: int = 0, scheme: str = "default") -> nn.Module:
    initialise(layer, torch.Generator().manual_seed(seed), scheme)
    return layer


def randn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(9))


SPECTRAL = [
    (lambda: SpectralConv2d(3, 8, 3, stride=2, padding=1), randn(2, 3, 6, 6), lambda x, w, b: conv2d(x, w, b, 2, 1)),
    (lambda: SpectralLinear(5, 7), randn(2, 5), linear),
]


@pytest.mark.parametrize(("make", "features", "plain"), SPECTRAL, ids=["conv", "linear"])
def test_a_spectral_layer_uses_its_weight_over_its_largest_singular_value(make, features, plain):
    layer = seeded(make())
    for _ in range(300):  # power iterations
        layer(features)
    largest = torch.linalg.svdvals(layer.weight.flatten(1)).max()
    expected = plain(features, layer.weight / largest, layer.bias)
    assert_close(layer(features), expected, rtol=1e-4, atol=1e-5)
    assert_close(layer.eval()(features), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("make", "features", "plain"), SPECTRAL, ids=["conv", "linear"])
def test_a_spectral_layer_moves_its_vector_only_in_training(make, features, plain):
    layer = seeded(make()).eval()
    before = layer.u.clone()
    layer(features)
    assert_close(layer.u, before, rtol=0, atol=0)
    layer.train()(features)
    assert not torch.equal(layer.u, before)
    assert_close(layer.u.norm(), torch.ones(()))


@pytest.mark.parametrize(("make", "features", "plain"), SPECTRAL, ids=["conv", "linear"])
def test_a_spectral_layer_s_gradient_is_at_right_angles_to_its_weight(make, features, plain):
    # only the weight's direction counts, so that its length gets no gradient (Miyato 2018, equation 12)
    layer = seeded(make())
    for _ in range(300):
        layer(features)
    (layer(features) * randn(*layer(features).shape)).sum().backward()
    cosine = torch.cosine_similarity(layer.weight.grad.flatten(), layer.weight.detach().flatten(), dim=0)
    assert_close(cosine, torch.zeros(()), rtol=0, atol=1e-4)


def test_a_spectral_layer_may_run_twice_before_the_gradient():
    layer = seeded(SpectralConv2d(1, 2, 3))
    (layer(randn(1, 1, 4, 4)).sum() + layer(randn(1, 1, 4, 4)).sum()).backward()
    assert layer.weight.grad.isfinite().all()


def test_maxout_keeps_the_largest_of_neighbouring_features():
    features = randn(4, 12)
    expected = torch.tensor([[max(row[start : start + 3]) for start in range(0, 12, 3)] for row in features.tolist()])
    assert_close(Maxout(3)(features), expected)


@pytest.mark.parametrize("kind", UPSAMPLINGS)
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_upsampling_gives_the_documented_size(kind, kernel_size, stride):
    layers = upsample(
        kind, 3, 2, kernel_size=kernel_size, stride=stride, padding=0, output_padding=stride - 1, bias=True
    )  # fmt: skip
    output = seeded(nn.Sequential(*layers))(randn(2, 3, 5, 4))
    if kind == "transposed":
        size = tuple((side - 1) * stride + kernel_size + stride - 1 for side in (5, 4))
    else:
        size = (5 * stride, 4 * stride)
    assert output.shape == (2, 2, *size)


@pytest.mark.parametrize("kind", UPSAMPLINGS)
@pytest.mark.parametrize("bias", [True, False])
def test_upsampling_has_a_bias_only_where_asked(kind, bias):
    layers = upsample(kind, 3, 2, kernel_size=4, stride=2, padding=1, output_padding=0, bias=bias)
    assert any(name.endswith("bias") for name, _ in nn.Sequential(*layers).named_parameters()) == bias


def network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ConvTranspose2d(8, 4, 3), SpectralConv2d(4, 2, 3), nn.Linear(6, 5)
    )


@pytest.mark.parametrize("scheme", ["default", "normal"])
def test_one_seed_gives_one_network(scheme):
    first, second, other = (seeded(network(), seed, scheme).state_dict() for seed in (1, 1, 2))
    for name in first:
        assert_close(first[name], second[name], rtol=0, atol=0)
    assert not torch.equal(first["0.weight"], other["0.weight"])


@pytest.mark.parametrize("scheme", ["default", "normal"])
def test_starting_weights_leave_torch_s_global_random_state_alone(scheme):
    before = torch.get_rng_state()
    layer = network()
    torch.set_rng_state(before)
    seeded(layer, scheme=scheme)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("scheme", ["default", "normal"])
def test_every_value_is_filled_after_memory_is_allocated_empty(scheme):
    with torch.device("meta"):
        layer = network()
    layer.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in layer.state_dict().values():
            tensor.fill_(float("nan") if tensor.is_floating_point() else -1)
    expected = seeded(network(), scheme=scheme).state_dict()
    for name, value in seeded(layer, scheme=scheme).state_dict().items():
        assert_close(value, expected[name], rtol=0, atol=0)


@pytest.mark.parametrize(
    "make", [lambda: nn.Linear(300, 200), lambda: nn.Conv2d(30, 20, 3), lambda: nn.ConvTranspose2d(30, 20, 3)]
)
def test_the_default_scheme_draws_from_torch_s_own_range(make):
    ours, theirs = seeded(make()), make()
    for mine, own in zip(ours.parameters(), theirs.parameters(), strict=True):
        bound = own.abs().max()  # the range is uniform: its end shows
        assert_close(mine.abs().max(), bound, rtol=0.2, atol=0)
    assert_close(ours.weight.std(), theirs.weight.std(), rtol=0.05, atol=0)


def test_the_default_scheme_bounds_a_linear_layer_by_the_root_of_its_inputs():
    layer = seeded(nn.Linear(400, 300))
    for parameter in layer.parameters():
        assert parameter.abs().max() <= 1 / 20
    assert layer.weight.abs().max() > 0.999 / 20


def test_the_normal_scheme_is_that_of_the_dcgan_paper():
    layer = seeded(nn.Sequential(nn.Conv2d(64, 64, 3), nn.BatchNorm2d(4096)), scheme="normal")
    assert_close(layer[0].weight.std(), torch.tensor(0.02), rtol=0.02, atol=0)
    assert_close(layer[1].weight.std(), torch.tensor(0.02), rtol=0.05, atol=0)
    assert_close(layer[1].weight.mean(), torch.tensor(1.0), rtol=0.001, atol=0)
    assert_close(layer[0].bias, torch.zeros(64))


def test_a_layer_without_a_rule_is_refused_by_name():
    with pytest.raises(TypeError, match="no initialisation is written for Bilinear"):
        seeded(nn.Bilinear(2, 3, 4))


def test_one_value_serves_all_stages():
    assert per_stage("stride", (2,), 3) == [2, 2, 2]
    assert per_stage("stride", (1, 2, 3), 3) == [1, 2, 3]


def test_too_few_values_for_the_stages_are_refused():
    with pytest.raises(ValueError, match="stride has 2 values for 3 stages; give one for all or one for each"):
        per_stage("stride", (1, 2), 3)


def test_a_stage_is_its_modules_in_order():
    assert_close(Stage(nn.ReLU(), nn.Flatten())(torch.tensor([[[-1.0, 2.0]]])), torch.tensor([[0.0, 2.0]]))
