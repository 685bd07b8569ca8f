"""How smooth a space is: figures known in closed form for generators that are one matrix, and every architecture."""

import concurrent.futures
import copy
import math

import pytest
import torch
from small_models import IMAGE_MAKERS
from torch import nn
from torch.testing import assert_close

from playground.experiment import Experiment
from playground.latent import lerp, path_length, slerp
from playground.latent.path_length import path_length_pieces
from playground.model import Model, draw_latents

SIDE = 16
PIXELS = 3 * SIDE * SIDE


class Linear(nn.Module):
    """Make pictures of 16×16 by one matrix."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return (latent @ self.weight.mT).unflatten(1, (3, SIDE, SIDE))


def model_of(name: str, dataset: str = "shapes", **settings) -> Model:
    return Model.untrained(
        Experiment.from_settings({"architecture": name, "dataset": dataset, "data.resolution": SIDE} | settings)
    )


def linear(scale: float = 0.1) -> Model:
    """Return a model whose generator turns the latent and makes it shorter: lengths in pictures are those of latents."""
    model = model_of("mlp")
    latent_dim = model.experiment.generator.latent_dim
    turned = torch.linalg.qr(torch.randn(PIXELS, latent_dim, generator=torch.Generator().manual_seed(0))).Q
    model.generator = Linear(scale * turned)
    return model


def ends(model: Model, count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    latents = draw_latents(2 * count, model.experiment.generator.latent_dim, seed).double()
    return latents[:count], latents[count:], torch.rand(count, generator=torch.Generator().manual_seed(seed)).double()


def test_straight_through_a_linear_generator_there_is_no_detour_and_the_speed_is_the_distance():
    model = linear()
    result = path_length(model, 40, 5, method="lerp")
    a, b, _ = ends(model, 40, 5)
    expected = (0.05 * (b - a)).square().sum(1)  # pixels in [0, 1] are half of those in [-1, 1]
    assert result.model.full == pytest.approx(expected.mean().item(), rel=1e-5)
    assert result.model.full_error == pytest.approx(expected.std().item() / math.sqrt(40), rel=1e-5)
    assert result.model.end == pytest.approx(result.model.full, rel=1e-5)
    assert result.model.detour == pytest.approx(1, abs=1e-6) and result.model.detour >= result.floor == 1


def test_on_the_sphere_the_speed_is_that_of_the_arc_and_the_detour_its_length():
    model = linear()
    result = path_length(model, 40, 5)
    a, b, t = ends(model, 40, 5)
    angle = torch.arccos((a * b).sum(1) / a.norm(dim=1) / b.norm(dim=1))[:, None]
    t = t[:, None]
    velocity = angle / torch.sin(angle) * (torch.cos(t * angle) * b - torch.cos((1 - t) * angle) * a)
    assert result.model.full == pytest.approx((0.05 * velocity).square().sum(1).mean().item(), rel=1e-4)
    fine = torch.stack([slerp(a, b, at.item()) for at in torch.linspace(0, 1, 401)])
    lengths = (fine[1:] - fine[:-1]).norm(dim=2).sum(0) / (b - a).norm(dim=1)
    assert result.model.detour == pytest.approx(lengths.mean().item(), rel=2e-3)  # 16 chords are a little shorter than the arc
    assert result.model.detour == pytest.approx(math.pi / 2 / math.sqrt(2), abs=0.03)  # a quarter circle and its chord


@pytest.mark.parametrize("name", ["mlp", "sn-dcgan", "r3gan"])
def test_the_derivative_is_the_limit_of_the_papers_quotient(name):
    """ε = 1e-4 as in the paper, where the networks count in float64."""
    model = model_of(name)
    a, b, t = ends(model, 12, 3)
    generator, epsilon = copy.deepcopy(model.generator).double(), 1e-4

    def look(shift: float) -> torch.Tensor:
        codes = torch.stack([slerp(*pair, at + shift) for *pair, at in zip(a, b, t, strict=True)])
        return generator(codes).flatten(1) / 2

    with torch.no_grad():
        quotient = ((look(epsilon) - look(0)) / epsilon).square().sum(1).mean().item()
    assert path_length(model, 12, 3).model.full == pytest.approx(quotient, rel=1e-2)


def test_fading_from_picture_to_picture_is_straight_in_pixels():
    result = path_length(model_of("mlp"), 20)
    assert result.crossfade.detour == pytest.approx(1, abs=1e-6)
    assert result.crossfade.full == pytest.approx(result.crossfade.end, rel=1e-4)


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_architecture_has_figures_and_no_detour_is_shorter_than_the_straight_way(name):
    model = model_of(name, "digits")
    result = path_length(model, 3)
    for way in (result.model, result.untrained, result.crossfade):
        assert way.full > 0 and way.end > 0 and way.detour >= 1 - 1e-9
    assert result.model == result.untrained  # it is not trained
    assert result.measure == "digits features cnn-v1 (3 pairs)"
    assert (result.space, result.method) == (("w", "lerp") if name == "stylegan2" else ("z", "slerp"))


def test_the_same_seed_gives_the_same_figures_and_another_seed_others():
    model = model_of("mlp")
    first, again, other = (path_length(model, 10, seed) for seed in (1, 1, 2))
    assert first == again and first.model != other.model


def test_a_generator_of_one_picture_has_no_speed_and_no_detour():
    result = path_length(linear(0.0), 4)
    assert result.model.full == 0 and result.model.detour is None and result.model.detour_error is None
    assert result.untrained.full > 0


def test_styles_can_be_walked_in_z_too():
    result = path_length(model_of("stylegan2", "digits"), 3, space="z")
    assert (result.space, result.method) == ("z", "slerp")


def test_progress_grows_to_one_and_the_result_comes_last():
    *steps, last = path_length_pieces(model_of("mlp"), 40, 0)
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions) and len(fractions) == 6 and last[0] == 1
    assert all(result is None for _, result in steps) and last[1].count == 40


def test_two_measurements_at_once_do_not_spoil_each_other():
    models = [model_of(name, "digits") for name in ("sn-dcgan", "dcgan", "sn-dcgan", "dcgan")]
    alone = [path_length(model, 12) for model in models]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda model: path_length(model, 12), models)) == alone


def test_the_model_is_left_as_it_is():
    model = model_of("sn-dcgan")
    before = copy.deepcopy(model.generator.state_dict())
    path_length(model, 2)
    assert_close(dict(model.generator.state_dict()), dict(before), rtol=0, atol=0)
    assert not any(value.grad is not None for value in model.generator.parameters())


def test_pictures_of_ends_are_the_seeds_whatever_the_method():
    model = linear()
    for method, way in (("slerp", slerp), ("lerp", lerp)):
        a, b, _ = ends(model, 2, 0)
        assert_close(way(a, b, 0.0), a)
        assert path_length(model, 2, method=method).method == method


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ({"count": 1}, "count"),
        ({"seed": -1}, "seed"),
        ({"space": "v"}, "unknown space 'v'"),
        ({"space": "w"}, "has no styles"),
        ({"method": "bend"}, "unknown method 'bend'"),
    ],
)
def test_what_is_none_is_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        path_length(model_of("mlp"), **{"count": 2} | call)
