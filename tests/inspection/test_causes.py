"""Following a pixel back: in linear pieces the parts add up to the pixel, and z's gradient is PyTorch's own."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close
from watched_models import model_of

from playground.architectures import ARCHITECTURES
from playground.inspection import Edit, module_maps, trace_back
from playground.model import Model

WITH_PIXELS = [name for name, entry in ARCHITECTURES.items() if {"image", "video"} & set(entry.kinds)]


@pytest.mark.parametrize("name", WITH_PIXELS)
def test_every_module_of_the_generator_has_its_contributions(name):
    model = model_of(name)
    z = model.latents(1, 4)[0]
    causes = trace_back(model, z, 5, 9)
    made = [one for one in module_maps(model, z) if one.network == "generator"]
    assert causes[0].stage == "z" and causes[0].contributions.shape == z.shape
    places = {(cause.stage, cause.module): cause for cause in causes}
    for one in made[: -1 if one_is_tanh(made[-1]) else -2]:
        assert places[one.stage, one.row.module].contributions.shape == one.values.shape
    last = made[-1].values[len(made[-1].values) // 2 :][:1] if made[-1].row.type == "Frames" else made[-1].values
    pixel = np.arctanh(last[:, 5, 9].astype(np.float64)).mean()
    assert causes[0].pixel == pytest.approx(pixel, rel=1e-3, abs=1e-5)
    assert not any(parameter.grad is not None for parameter in model.generator.parameters())


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - set(WITH_PIXELS)))
def test_what_has_no_pixels_says_so(name):
    model = model_of(name)
    with pytest.raises(ValueError, match="asked of images and videos"):
        trace_back(model, model.latents(1, 4)[0], 0, 0)


def one_is_tanh(one) -> bool:
    return one.row.type == "Tanh"


def test_the_contributions_of_z_are_z_times_its_gradient():
    model = model_of("mlp")
    z = model.latents(1, 4)[0].requires_grad_()
    pixel = model.generator(z[None])[0, 0, 5, 9].atanh()
    (gradient,) = torch.autograd.grad(pixel, z)
    found = trace_back(model, z.detach(), 5, 9)[0]
    assert_close(torch.from_numpy(found.contributions), (z * gradient).detach(), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", ["mlp", "dcgan", "resize-conv", "dcgan-pooling"])
def test_in_linear_pieces_the_rest_is_what_biases_and_shifts_add(name):
    model = model_of(name)
    for parameter in model.generator.parameters():
        torch.nn.init.normal_(parameter, 0, 0.1, generator=torch.Generator().manual_seed(7))
    z = model.latents(1, 4)[0]
    causes = trace_back(model, z, 7, 7)
    assert all(cause.linear for cause in causes)
    assert causes[0].explained != pytest.approx(causes[0].pixel, rel=1e-3)  # there are biases
    assert causes[0].pixel - causes[0].explained == pytest.approx(_by_additions(model, z), rel=1e-3, abs=1e-6)


def _by_additions(model: Model, z: torch.Tensor) -> float:
    """Add up bias × gradient over all biases, and for batch norm its shift less the mean it takes away."""
    biases = [module for module in model.generator.modules() if getattr(module, "bias", None) is not None]
    pixel = model.generator(z[None])[0, 0, 7, 7].atanh()
    gradients = torch.autograd.grad(pixel, [module.bias for module in biases])
    total = 0.0
    for module, gradient in zip(biases, gradients, strict=True):
        added = module.bias
        if isinstance(module, torch.nn.BatchNorm2d):
            added = added - module.running_mean * module.weight / (module.running_var + module.eps).sqrt()
        total += (added * gradient).sum().item()
    return total


def test_only_what_the_pixel_can_see_contributes():
    model = model_of("dcgan")
    causes = {(cause.stage, cause.module): cause for cause in trace_back(model, model.latents(1, 4)[0], 8, 8)}
    seen = np.abs(causes["up1", "2"].contributions).sum(0) > 0
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    assert set(rows) <= {3, 4} and set(columns) <= {3, 4}  # kernel 4, stride 2, padding 1: pixel 8 is stamped by 3.5 to 4.5


def test_a_channel_taken_out_contributes_nothing():
    model = model_of("dcgan")
    causes = trace_back(model, model.latents(1, 4)[0], 8, 8, edits=[Edit("generator", "up1", "2", 1, 0)])
    found = next(cause for cause in causes if (cause.stage, cause.module) == ("up1", "2"))
    np.testing.assert_array_equal(found.contributions[1], 0)


def test_a_module_that_bends_says_that_the_sum_is_not_exact():
    model = model_of("transgan")
    causes = {(cause.stage, cause.module): cause for cause in trace_back(model, model.latents(1, 4)[0], 3, 3)}
    assert not causes["project", "0"].linear and causes["image", "2"].linear


@pytest.mark.parametrize(("y", "x"), [(16, 0), (0, -1)])
def test_a_pixel_outside_the_picture_is_refused(y, x):
    model = model_of("mlp")
    with pytest.raises(ValueError, match="must be"):
        trace_back(model, model.latents(1, 4)[0], y, x)
