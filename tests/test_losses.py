"""Losses: values worked out by hand, the direction of their gradients, no overflow."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch.testing import assert_close

from playground.losses import LOSSES, separation
from playground.recipe import Recipe

REAL, FAKE = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 1.0])
NAMES = tuple(LOSSES)


def softplus(x: float) -> float:
    return math.log(1 + math.exp(x))


# the mean over each half, added: -log sigmoid(x) is softplus(-x)
CROSS_ENTROPY = (softplus(-2) + softplus(-0.5)) / 2 + (softplus(-3) + softplus(1)) / 2
BY_HAND = {
    "minimax": (CROSS_ENTROPY, -(softplus(-3) + softplus(1)) / 2),
    "wasserstein": ((-3 + 1) / 2 - (2 + 0.5) / 2, -(-3 + 1) / 2),
    # pair by pair: 2 with -3, 0.5 with 1
    "relativistic-pairing": ((softplus(-5) + softplus(0.5)) / 2, (softplus(5) + softplus(-0.5)) / 2),
    # the means are 1.25 and -1
    "relativistic-average": (
        (softplus(-1 - 2) + softplus(-1 - 0.5)) / 2 + (softplus(-3 - 1.25) + softplus(1 - 1.25)) / 2,
        (softplus(1.25 + 3) + softplus(1.25 - 1)) / 2 + (softplus(2 + 1) + softplus(0.5 + 1)) / 2,
    ),
    "non-saturating": (
        CROSS_ENTROPY,
        (softplus(3) + softplus(-1)) / 2,
    ),
    "hinge": ((0 + 0.5) / 2 + (0 + 2) / 2, -(-3 + 1) / 2),
    "least-squares": (0.5 * (1 + 0.25) / 2 + 0.5 * (9 + 1) / 2, 0.5 * (16 + 0) / 2),
}


def made(name: str, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return the generator's loss, which sees real logits only where it is relativistic."""
    return LOSSES[name].generator(real if LOSSES[name].relativistic else None, fake)


@pytest.mark.parametrize("name", BY_HAND)
def test_values_equal_those_worked_out_by_hand(name):
    discriminator, generator = BY_HAND[name]
    assert_close(LOSSES[name].discriminator(REAL, FAKE, 0.0), torch.tensor(discriminator))
    assert_close(made(name, REAL, FAKE), torch.tensor(generator))


def test_every_loss_is_worked_out_by_hand():
    assert set(BY_HAND) == set(LOSSES)


@pytest.mark.parametrize("name", NAMES)
def test_losses_are_scalars_of_the_logits_type(name):
    loss = LOSSES[name]
    for value in (loss.discriminator(REAL.double(), FAKE.double(), 0.0), made(name, REAL.double(), FAKE.double())):
        assert value.shape == () and value.dtype == torch.float64


@pytest.mark.parametrize("name", [name for name in NAMES if not LOSSES[name].relativistic])
def test_real_and_fake_halves_may_differ_in_size(name):
    once = LOSSES[name].discriminator(REAL, FAKE, 0.0)
    assert_close(LOSSES[name].discriminator(REAL.repeat(3), FAKE, 0.0), once)


@pytest.mark.parametrize("name", NAMES)
def test_the_discriminator_learns_to_raise_real_and_lower_fake(name):
    real, fake = torch.zeros(3, requires_grad=True), torch.zeros(3, requires_grad=True)
    # least squares aims fakes at 0: start them above it
    LOSSES[name].discriminator(real, fake + 0.5, 0.0).backward()
    assert (real.grad < 0).all() and (fake.grad > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_learns_to_raise_fake(name):
    fake = torch.tensor([-5.0, 0.0, 0.5], requires_grad=True)
    made(name, torch.zeros(len(fake)), fake).backward()
    assert (fake.grad < 0).all()


@pytest.mark.parametrize("name", ["non-saturating", "hinge", "wasserstein", "relativistic-pairing"])
def test_the_generator_s_gradient_does_not_fade_while_the_discriminator_wins(name):
    fake = torch.tensor([-1e4], requires_grad=True)
    made(name, torch.zeros(len(fake)), fake).backward()
    assert_close(fake.grad, torch.tensor([-1.0]))


def test_hinge_leaves_alone_what_is_beyond_its_margin():
    real, fake = torch.tensor([1.5], requires_grad=True), torch.tensor([-1.5], requires_grad=True)
    LOSSES["hinge"].discriminator(real, fake, 0.0).backward()
    assert_close(real.grad, torch.zeros(1))
    assert_close(fake.grad, torch.zeros(1))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_huge_logits_do_not_overflow(name, size):
    logits = torch.full((4,), size, requires_grad=True)
    for value in (LOSSES[name].discriminator(logits, logits, 0.0), made(name, logits, logits)):
        (gradient,) = torch.autograd.grad(value, logits)
        assert value.isfinite() and gradient.isfinite().all()


def test_an_unknown_loss_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="unknown loss 'wishful'; choose from: non-saturating, minimax, least-squares"):
        LOSSES["wishful"]


def test_minimax_goes_flat_where_the_non_saturating_loss_does_not():
    fake = torch.tensor([-10.0], requires_grad=True)
    made("minimax", REAL, fake).backward()
    assert fake.grad.abs() < 1e-4


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_one_sided_smoothing_moves_the_best_real_score_to_its_target_and_leaves_fakes_alone(smoothing):
    # at its best the gradient is zero: sigmoid(x) = 1 - s for cross-entropy, x = 1 - s for least squares
    best = {"least-squares": 1 - smoothing}
    if smoothing:
        best |= dict.fromkeys(("non-saturating", "minimax"), math.log((1 - smoothing) / smoothing))
    for name, score in best.items():
        real, fake = torch.tensor([score], requires_grad=True), torch.tensor([0.7], requires_grad=True)
        LOSSES[name].discriminator(real, fake, smoothing).backward()
        assert_close(real.grad, torch.zeros(1), atol=1e-6, rtol=0)
        plain = fake.detach().clone().requires_grad_()
        LOSSES[name].discriminator(real.detach(), plain, 0.0).backward()
        assert_close(fake.grad, plain.grad)


def test_smoothing_under_a_loss_without_targets_is_refused_with_those_that_have_them():
    with pytest.raises(ValueError, match="hinge has none; choose from: non-saturating, minimax, least-squares"):
        Recipe(loss="hinge", label_smoothing=0.1)


@pytest.mark.parametrize("ties", [False, True])
def test_separation_is_the_area_under_the_roc_curve(ties):
    source = torch.Generator().manual_seed(1)
    real, fake = torch.randn(50, generator=source) + 0.7, torch.randn(40, generator=source)
    if ties:
        real, fake = real.round(), fake.round()
    truth = np.r_[np.ones(50), np.zeros(40)]
    expected = roc_auc_score(truth, torch.cat([real, fake]).numpy())
    assert_close(separation(real, fake).item(), expected, atol=1e-6, rtol=0)
