"""What the plane of points shows is what the networks say when they are asked directly."""

import math

import numpy as np
import pytest
import torch

from playground.experiment import Experiment
from playground.inspection.cloud import ALONG, EDGE, LINES, manifold, neutral, plane_of_latents, pulls, surface
from playground.losses import LOSSES
from playground.model import Model


def model_of(**settings) -> Model:
    return Model.untrained(Experiment.from_settings({"architecture": "points-gan", "dataset": "points"} | settings))


def test_the_surface_is_d_s_score_at_every_place():
    model = model_of()
    drawn = surface(model, side=8, span=1.2)
    for row, column in ((0, 0), (2, 5), (7, 7)):
        place = torch.tensor([[(column + 0.5) * 0.3 - 1.2, (row + 0.5) * 0.3 - 1.2]])
        assert drawn[row, column] == pytest.approx(model.discriminator(place).item(), abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_pulls_are_down_the_gradient_of_each_point_s_part_of_g_s_loss(loss):
    model = model_of(**{"recipe.loss": loss})
    fake = model.generate(model.latents(6, 0))
    real = torch.rand(6, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    points = fake.clone().requires_grad_(True)
    LOSSES[loss].generator(model.discriminator(real).detach(), model.discriminator(points)).backward()
    np.testing.assert_allclose(pulls(model, fake, real), -6 * points.grad.numpy(), atol=1e-6)
    assert all(parameter.grad is None for parameter in model.generator.parameters())


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_the_manifold_is_what_g_makes_of_a_grid_of_latents(latent_dim):
    model = model_of(**{"generator.latent_dim": latent_dim})
    bent = manifold(model)
    if latent_dim == 1:
        assert bent.shape == (ALONG, 2)
        middle = torch.zeros(1, 1)
        np.testing.assert_allclose(bent[ALONG // 2], model.generate(middle)[0].numpy(), atol=1e-6)
        return
    assert bent.shape == (LINES, LINES, 2)
    z = torch.zeros(1, latent_dim)
    z[0, 0] = math.sqrt(2) * torch.erfinv(torch.tensor(2 * (EDGE + (1 - 2 * EDGE) * 3 / (LINES - 1)) - 1))
    np.testing.assert_allclose(bent[LINES // 2, 3], model.generate(z)[0].numpy(), atol=1e-5)


def test_between_two_lines_of_the_grid_lies_the_same_chance():
    steps = plane_of_latents(2)[0, :, 0].double()
    chance = 0.5 * (1 + torch.erf(steps / math.sqrt(2)))
    torch.testing.assert_close(
        chance.diff(), torch.full((LINES - 1,), (1 - 2 * EDGE) / (LINES - 1)).double(), atol=1e-6, rtol=0
    )


def test_the_neutral_score_is_the_loss_s_border_or_the_middle_between_real_and_fake():
    real, fake = torch.rand(10, 2), -torch.rand(10, 2)
    assert neutral(model_of(), real, fake) == (0.0, 1.0)
    assert neutral(model_of(**{"recipe.loss": "least-squares"}), real, fake)[0] == 0.5
    model = model_of(**{"recipe.loss": "wasserstein"})
    means = [model.discriminator(points).mean().item() for points in (real, fake)]
    assert neutral(model, real, fake)[0] == pytest.approx(sum(means) / 2, abs=1e-6)
