"""Penalties: closed forms on discriminators whose slope is known, and derivatives against finite differences."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.penalties import PENALTIES

SLOPE = torch.tensor([3.0, 0.0, -4.0], dtype=torch.float64)  # length 5
REAL = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
FAKE = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
NAMES = tuple(name for name in PENALTIES if name != "none")


def penalise(name: str, discriminator, real: torch.Tensor = REAL, fake: torch.Tensor = FAKE, label=None) -> torch.Tensor:
    source = torch.Generator().manual_seed(3)
    return PENALTIES[name].function(discriminator, (real, label), (fake, label), source)


def plane(samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
    """Score with the same slope everywhere."""
    return samples @ SLOPE + 1


def bowl(samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
    """Score ½‖x‖², whose gradient at x is x itself."""
    return 0.5 * samples.square().sum(1)


@pytest.mark.parametrize(
    ("name", "value"), [("gradient", 16.0), ("dragan", 16.0), ("r1", 12.5), ("r2", 12.5), ("r1+r2", 25.0), ("none", 0.0)]
)
def test_on_a_plane_of_slope_5_the_penalty_is_its_closed_form(name, value):
    assert_close(penalise(name, plane), torch.full((6,), value, dtype=torch.float64))


def test_r1_looks_at_real_samples_and_r2_at_fake_ones():
    assert_close(penalise("r1", bowl), 0.5 * REAL.square().sum(1))
    assert_close(penalise("r2", bowl), 0.5 * FAKE.square().sum(1))
    assert_close(penalise("r1+r2", bowl), 0.5 * (REAL.square() + FAKE.square()).sum(1))


def test_the_gradient_penalty_looks_at_points_on_the_line_from_fake_to_real():
    seen = []

    def watched(samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
        seen.append(samples.detach())
        return bowl(samples, label)

    penalise("gradient", watched)
    share = ((seen[0] - FAKE) / (REAL - FAKE)).mean(1, keepdim=True)
    assert_close(seen[0], FAKE + share * (REAL - FAKE))
    assert (share > 0).all() and (share < 1).all() and share.std() > 0.1


def test_dragan_looks_around_real_samples_within_half_their_spread():
    seen = []

    def watched(samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
        seen.append(samples.detach())
        return bowl(samples, label)

    real = REAL.repeat(200, 1)
    penalise("dragan", watched, real, real)
    assert_close((seen[0] - real).std(), 0.5 * real.std(), rtol=0.05, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_of_a_penalty_equals_finite_differences(name):
    network = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0)).double()
    for number, parameter in enumerate(network.parameters()):
        torch.nn.init.normal_(parameter, 0, 0.5, generator=torch.Generator().manual_seed(number))

    def total() -> torch.Tensor:
        return penalise(name, lambda samples, label: network(samples)).sum()

    total().backward()
    weight, step = network[0].weight, 1e-6
    values = weight.data  # changed behind autograd's back: the penalty itself needs gradients
    for index in ((0, 0), (3, 1), (7, 2)):
        values[index] += step
        up = total()
        values[index] -= 2 * step
        down = total()
        values[index] += step
        assert_close(weight.grad[index], ((up - down) / (2 * step)).detach(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_no_gradient_reaches_the_generator(name):
    fake = FAKE.clone().requires_grad_()
    weight = torch.ones(3, dtype=torch.float64, requires_grad=True)
    penalise(name, lambda samples, label: samples.square() @ weight, fake=fake).sum().backward()
    assert fake.grad is None and weight.grad is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_flat_discriminator_gives_finite_gradients(name):
    weight = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    penalise(name, lambda samples, label: samples @ weight).sum().backward()
    assert weight.grad.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_labels_reach_the_discriminator_in_their_order(name):
    label = torch.arange(6)
    slopes = torch.arange(6, dtype=torch.float64)
    value = penalise(name, lambda samples, asked: samples[:, 0] * slopes[asked], label=label)
    wanted = {"gradient": (slopes - 1) ** 2, "dragan": (slopes - 1) ** 2, "r1+r2": slopes**2}.get(name, 0.5 * slopes**2)
    assert_close(value, wanted, atol=1e-5, rtol=1e-5)
