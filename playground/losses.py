"""Adversarial losses: pairs of pure functions of raw logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import relu, softplus

from playground.registry import Registry


@dataclass(frozen=True)
class Loss:
    """Pair a discriminator's loss with a generator's.

    `discriminator(real_logits, fake_logits)` and `generator(fake_logits)` take logits (N,) and return scalars to minimise.
    Logits above `border` say real.
    """

    name: str
    title: str
    summary: str
    discriminator: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    generator: Callable[[torch.Tensor], torch.Tensor]
    border: float = 0.0


NON_SATURATING = Loss(
    name="non-saturating",
    title="Non-saturating (Goodfellow 2014, section 3)",
    summary="G maximises log D(G(z)): strong gradients even while D is winning.",
    # -log sigmoid(x) = softplus(-x) and -log(1 - sigmoid(x)) = softplus(x), without overflow
    discriminator=lambda real, fake: softplus(-real).mean() + softplus(fake).mean(),
    generator=lambda fake: softplus(-fake).mean(),
)

HINGE = Loss(
    name="hinge",
    title="Hinge (Lim & Ye 2017; Miyato 2018)",
    summary="D only cares about samples inside its margin of 1; G raises D's score without limit.",
    discriminator=lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(),
    generator=lambda fake: -fake.mean(),
)

LEAST_SQUARES = Loss(
    name="least-squares",
    title="Least squares (Mao 2017, equation 2, b = c = 1 and a = 0)",
    summary="Scores are pulled to 1 and 0 by squared error, so far-off fakes still get gradients.",
    discriminator=lambda real, fake: 0.5 * (real - 1).square().mean() + 0.5 * fake.square().mean(),
    generator=lambda fake: 0.5 * (fake - 1).square().mean(),
    border=0.5,
)

LOSSES: Registry[Loss] = Registry("loss", [NON_SATURATING, HINGE, LEAST_SQUARES])
