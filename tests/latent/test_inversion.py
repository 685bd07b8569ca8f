"""Inversion: what a generator made is found again, the same way for the same seed, and weights stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from playground.checkpoint import load, shipped
from playground.experiment import Experiment
from playground.latent import Inversion, Progress, invert
from playground.latent.inversion import EXACT
from playground.latent.points import read_point, write_point
from playground.latent.spaces import decode
from playground.model import Model
from playground.samples import to_pixels

GAIN = 1.5  # more and most pixels are black or white, with no slope to go down
QUICK = {"pool": 128, "starts": 4, "steps": 30}
FULL = {"pool": 1000, "starts": 16, "steps": 100}  # past the valleys that end beside the target


def model_of(name: str, **settings: object) -> Model:
    """Make an untrained model whose samples differ: small weights as at the start make all of them grey."""
    model = Model.untrained(
        Experiment.from_settings({"architecture": name, "dataset": "digits", "data.resolution": 16} | settings)
    )
    for parameter in model.generator.parameters():
        parameter.data.mul_(GAIN)
    return model


@pytest.fixture(scope="module")
def plain() -> Model:
    return model_of("mlp", **{"generator.width": 16, "generator.latent_dim": 6})


def found(model: Model, target: object, **options: object) -> Inversion:
    *_, last = invert(model, target, **(QUICK | options))
    assert isinstance(last, Inversion)
    return last


def test_a_sample_of_the_model_is_found_again(plain):
    target = plain.generate(plain.latents(1, 7))[0]
    result = found(plain, target, **FULL)
    assert result.exact and result.error < EXACT < result.drawn_error
    assert_close(decode(plain, result.point.code[None])[0], target, atol=0.02, rtol=0)


def test_a_shipped_model_finds_its_own_samples():
    model = load(next(path for path in shipped() if path.stem == "dcgan-digits"))
    targets = model.generate(model.latents(2, 1001))
    assert sum(found(model, target, pool=500, starts=8, steps=60).exact for target in targets) == 2


def test_the_same_seed_gives_the_same_result_bit_for_bit(plain):
    target = plain.generate(plain.latents(1, 3))[0].clamp(-0.5, 0.5)
    first, second = (found(plain, target, seed=5) for _ in range(2))
    assert torch.equal(first.point.code, second.point.code) and first.step == second.step
    assert not torch.equal(first.point.code, found(plain, target, seed=6).point.code)


def test_whole_pixels_are_as_good_a_target_as_floats(plain):
    picture = to_pixels(plain.generate(plain.latents(1, 7)))[0]
    assert found(plain, picture, **FULL).error < EXACT


def test_the_class_is_found_or_kept_to():
    model = model_of("cgan", **{"generator.width": 4})
    target = model.generate(model.latents(1, 4), torch.tensor([7]))[0]
    assert found(model, target, label=3).point.label.argmax() == 3
    result = found(model, target, pool=400, starts=16)
    assert result.point.label.sum() == 1 and result.error < result.drawn_error


def test_styles_are_found_one_a_size_and_z_on_request():
    model = model_of("stylegan2", **{"generator.width": 4, "generator.w_dim": 8})
    target = model.generate(model.latents(1, 4))[0]
    result = found(model, target)
    assert result.point.space == "w" and result.error < result.drawn_error
    again = read_point(write_point(result.point), model)
    assert_close(decode(model, again.code[None])[0], result.sample)
    assert found(model, target, space="z", steps=5).point.space == "z"


@pytest.mark.parametrize("name", ["recurrent-rows", "sagan", "transgan"])
def test_other_kinds_of_generators_can_be_inverted(name):
    model = model_of(name)
    result = found(model, model.generate(model.latents(1, 9))[0], pool=32, steps=3, seconds=3.0)
    assert np.isfinite(result.error) and result.error <= result.drawn_error * 1.5


def test_weights_and_their_gradients_stay_as_they_are(plain):
    before = {name: value.clone() for name, value in plain.generator.state_dict().items()}
    found(plain, plain.generate(plain.latents(1, 2))[0])
    assert all(torch.equal(value, before[name]) for name, value in plain.generator.state_dict().items())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in plain.generator.parameters())


def test_what_no_generator_makes_keeps_to_usual_latents(plain):
    noise = torch.rand(1, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    result = found(plain, noise)
    assert not result.exact and result.error <= result.drawn_error
    assert result.point.code.norm() < 6**0.5 + 4


def test_it_reports_as_it_goes_and_stops_when_told(plain):
    target = plain.generate(plain.latents(1, 3))[0]
    reports = list(invert(plain, target, every=0, **QUICK))
    stages = list(dict.fromkeys(report.stage for report in reports[:-1]))
    assert stages == ["pool", "search", "polish"] and all(isinstance(report, Progress) for report in reports[:-1])
    fractions = [report.fraction for report in reports[:-1]]
    assert fractions == sorted(fractions) and 0 < fractions[0] <= fractions[-1] <= 1
    assert reports[-2].best.shape == (16, 16, 1) and len(reports[-2].curve) > 20
    calls = iter(range(10**6))
    early = found(plain, target, stop=lambda: next(calls) > 5)
    assert early.step < 12 and np.isfinite(early.error)


@pytest.mark.parametrize(
    ("target", "options", "sentence"),
    [
        (np.zeros((8, 8, 1), np.uint8), {}, "16×16×1"),
        (np.zeros((16, 16, 3), np.uint8), {}, "16×16×1"),
        (torch.full((1, 16, 16), torch.nan), {}, "finite"),
        (torch.full((1, 16, 16), 7.0), {}, "finite"),
        (torch.zeros(1, 16, 16), {"label": 1}, "label"),
        (torch.zeros(1, 16, 16), {"space": "w"}, "no styles"),
        (torch.zeros(1, 16, 16), {"starts": 0}, "starts"),
        (torch.zeros(1, 16, 16), {"seconds": -1}, "seconds"),
        (torch.zeros(1, 16, 16), {"seed": -1}, "seed"),
    ],
)
def test_what_is_no_target_or_setting_is_refused_by_name(plain, target, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        found(plain, target, **options)
