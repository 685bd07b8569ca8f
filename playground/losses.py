"""Adversarial losses: pairs of pure functions of raw logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import relu, softplus

from playground.registry import Registry

Logits = torch.Tensor


@dataclass(frozen=True)
class Loss:
    """Pair a discriminator's loss with a generator's.

    `discriminator(real, fake, smoothing)` and `generator(real, fake)` take logits (N,) and return scalars to minimise.
    Only a `relativistic` generator looks at the real logits; the others are given None. `smoothing` lowers the real
    target from 1 by so much (one-sided label smoothing, Salimans 2016); only a loss that is `smoothable` has targets.
    Logits above `border` say real.
    """

    name: str
    title: str
    summary: str
    discriminator: Callable[[Logits, Logits, float], torch.Tensor]
    generator: Callable[[Logits | None, Logits], torch.Tensor]
    border: float = 0.0
    smoothable: bool = False
    relativistic: bool = False


def _cross_entropy(real: Logits, fake: Logits, smoothing: float) -> torch.Tensor:
    """-(1 - s)·log σ(real) - s·log σ(-real) - log σ(-fake), by -log σ(x) = softplus(-x): no overflow."""
    loss = softplus(-real).mean() + softplus(fake).mean()
    return loss + smoothing * real.mean() if smoothing else loss  # softplus(x) - softplus(-x) = x


MINIMAX = Loss(
    name="minimax",
    title="Minimax (Goodfellow 2014, equation 1)",
    summary="The game as first written: G minimises log(1 − D(G(z))), which goes flat when D wins.",
    discriminator=_cross_entropy,
    generator=lambda real, fake: -softplus(fake).mean(),
    smoothable=True,
)

NON_SATURATING = Loss(
    name="non-saturating",
    title="Non-saturating (Goodfellow 2014, section 3)",
    summary="G maximises log D(G(z)): strong gradients even while D is winning.",
    discriminator=_cross_entropy,
    generator=lambda real, fake: softplus(-fake).mean(),
    smoothable=True,
)

LEAST_SQUARES = Loss(
    name="least-squares",
    title="Least squares (Mao 2017, equation 2, b = c = 1 and a = 0)",
    summary="Scores are pulled to 1 and 0 by squared error, so far-off fakes still get gradients.",
    discriminator=lambda real, fake, smoothing: 0.5 * (real - (1 - smoothing)).square().mean() + 0.5 * fake.square().mean(),
    generator=lambda real, fake: 0.5 * (fake - 1).square().mean(),
    border=0.5,
    smoothable=True,
)

WASSERSTEIN = Loss(
    name="wasserstein",
    title="Wasserstein (Arjovsky 2017)",
    summary="D, here a critic, scores freely: the gap between real and fake estimates a distance. It must be kept from "
    "growing too steep: by a gradient penalty or clipped weights.",
    discriminator=lambda real, fake, smoothing: fake.mean() - real.mean(),
    generator=lambda real, fake: -fake.mean(),
)

HINGE = Loss(
    name="hinge",
    title="Hinge (Lim & Ye 2017; Miyato 2018)",
    summary="D only cares about samples inside its margin of 1; G raises D's score without limit.",
    discriminator=lambda real, fake, smoothing: relu(1 - real).mean() + relu(1 + fake).mean(),
    generator=lambda real, fake: -fake.mean(),
)

RELATIVISTIC_PAIRING = Loss(
    name="relativistic-pairing",
    title="Relativistic pairing (Jolicoeur-Martineau 2018; Huang 2024)",
    summary="D says which of a real and a fake sample is the more real; G turns the answer round. No place to collapse to.",
    discriminator=lambda real, fake, smoothing: softplus(fake - real).mean(),
    generator=lambda real, fake: softplus(real - fake).mean(),
    relativistic=True,
)

RELATIVISTIC_AVERAGE = Loss(
    name="relativistic-average",
    title="Relativistic average (Jolicoeur-Martineau 2018, 1807.00734)",
    summary="D says how much more real a sample is than the average of the other kind; G turns the answer round.",
    discriminator=lambda real, fake, smoothing: softplus(fake.mean() - real).mean() + softplus(fake - real.mean()).mean(),
    generator=lambda real, fake: softplus(real.mean() - fake).mean() + softplus(real - fake.mean()).mean(),
    relativistic=True,
)

LOSSES: Registry[Loss] = Registry(
    "loss",
    [NON_SATURATING, MINIMAX, LEAST_SQUARES, WASSERSTEIN, HINGE, RELATIVISTIC_PAIRING, RELATIVISTIC_AVERAGE],
)


def separation(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return the chance that a random real logit (N,) lies above a random fake one (M,); ties count half.

    The area under the ROC curve of D as a classifier, whatever the loss: 0.5 when it cannot tell, 1 when it always can.
    """
    gaps = real[:, None] - fake[None]  # (N, M)
    return (gaps.sign().mean() + 1) / 2
