"""Losses: values worked out by hand, the direction of their gradients, no overflow."""

import math

import pytest
import torch
from torch.testing import assert_close

from playground.losses import LOSSES

REAL, FAKE = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 1.0])
NAMES = tuple(LOSSES)


def softplus(x: float) -> float:
    return math.log(1 + math.exp(x))


# the mean over each half, added: -log sigmoid(x) is softplus(-x)
BY_HAND = {
    "non-saturating": (
        (softplus(-2) + softplus(-0.5)) / 2 + (softplus(-3) + softplus(1)) / 2,
        (softplus(3) + softplus(-1)) / 2,
    ),
    "hinge": ((0 + 0.5) / 2 + (0 + 2) / 2, -(-3 + 1) / 2),
    "least-squares": (0.5 * (1 + 0.25) / 2 + 0.5 * (9 + 1) / 2, 0.5 * (16 + 0) / 2),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_values_equal_those_worked_out_by_hand(name):
    discriminator, generator = BY_HAND[name]
    assert_close(LOSSES[name].discriminator(REAL, FAKE), torch.tensor(discriminator))
    assert_close(LOSSES[name].generator(FAKE), torch.tensor(generator))


@pytest.mark.parametrize("name", NAMES)
def test_losses_are_scalars_of_the_logits_type(name):
    loss = LOSSES[name]
    for value in (loss.discriminator(REAL.double(), FAKE.double()), loss.generator(FAKE.double())):
        assert value.shape == () and value.dtype == torch.float64


@pytest.mark.parametrize("name", NAMES)
def test_real_and_fake_halves_may_differ_in_size(name):
    once = LOSSES[name].discriminator(REAL, FAKE)
    assert_close(LOSSES[name].discriminator(REAL.repeat(3), FAKE), once)


@pytest.mark.parametrize("name", NAMES)
def test_the_discriminator_learns_to_raise_real_and_lower_fake(name):
    real, fake = torch.zeros(3, requires_grad=True), torch.zeros(3, requires_grad=True)
    # least squares aims fakes at 0: start them above it
    LOSSES[name].discriminator(real, fake + 0.5).backward()
    assert (real.grad < 0).all() and (fake.grad > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_learns_to_raise_fake(name):
    fake = torch.tensor([-5.0, 0.0, 0.5], requires_grad=True)
    LOSSES[name].generator(fake).backward()
    assert (fake.grad < 0).all()


@pytest.mark.parametrize("name", ["non-saturating", "hinge"])
def test_the_generator_s_gradient_does_not_fade_while_the_discriminator_wins(name):
    fake = torch.tensor([-1e4], requires_grad=True)
    LOSSES[name].generator(fake).backward()
    assert_close(fake.grad, torch.tensor([-1.0]))


def test_hinge_leaves_alone_what_is_beyond_its_margin():
    real, fake = torch.tensor([1.5], requires_grad=True), torch.tensor([-1.5], requires_grad=True)
    LOSSES["hinge"].discriminator(real, fake).backward()
    assert_close(real.grad, torch.zeros(1))
    assert_close(fake.grad, torch.zeros(1))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_huge_logits_do_not_overflow(name, size):
    logits = torch.full((4,), size, requires_grad=True)
    for value in (LOSSES[name].discriminator(logits, logits), LOSSES[name].generator(logits)):
        (gradient,) = torch.autograd.grad(value, logits)
        assert value.isfinite() and gradient.isfinite().all()


def test_an_unknown_loss_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="unknown loss 'wishful'; choose from: non-saturating, hinge, least-squares"):
        LOSSES["wishful"]
