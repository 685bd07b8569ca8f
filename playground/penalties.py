"""Penalties on the steepness of the discriminator: pure functions of (discriminator, real, fake).

Each gives one number a sample, which the loop averages, weighs and adds to D's loss. Real and fake come as pairs of
samples (N, …) and labels (N,) or None. D must treat samples apart: batch normalisation ties them together, and the
gradient of one score then runs through other samples too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from playground.noise import normal, uniform
from playground.registry import Registry

Batch = tuple[torch.Tensor, torch.Tensor | None]
Discriminator = Callable[[torch.Tensor, torch.Tensor | None], torch.Tensor]
Penalise = Callable[[Discriminator, Batch, Batch, torch.Generator], torch.Tensor]
DRAGAN_RADIUS = 0.5  # in standard deviations of the batch, as in the authors' code


@dataclass(frozen=True)
class Penalty:
    """Name a penalty. `function(discriminator, real, fake, source)` returns (N,), unweighted.

    `discriminator(samples, label)` gives logits (N,). `source` is what random numbers are drawn from, on the CPU.
    `weight` is what the paper gives.
    """

    name: str
    title: str
    summary: str
    function: Penalise
    weight: float


def gradients(discriminator: Discriminator, samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
    """Return the gradient of each sample's score with respect to it, flat (N, …), ready to be differentiated again."""
    samples = samples.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(samples, label).sum(), samples, create_graph=True)
    return gradient.flatten(1)


def gradient_penalty(discriminator: Discriminator, real: Batch, fake: Batch, source: torch.Generator) -> torch.Tensor:
    """(‖∇D(x̂)‖ − 1)² at random points x̂ between a real and a fake sample: Gulrajani 2017, 1704.00028, equation 3."""
    (start, _), (stop, label) = fake, real
    share = uniform(source, len(stop)).to(stop).reshape(-1, *[1] * (stop.ndim - 1))
    return (_norm(gradients(discriminator, start + share * (stop - start), label)) - 1).square()


def dragan(discriminator: Discriminator, real: Batch, fake: Batch, source: torch.Generator) -> torch.Tensor:
    """(‖∇D(x + δ)‖ − 1)² around real samples, δ ~ N(0, cI): Kodali 2017, 1705.07215, equation 3."""
    samples, label = real
    noise = normal(source, *samples.shape).to(samples)
    return (_norm(gradients(discriminator, samples + DRAGAN_RADIUS * samples.std() * noise, label)) - 1).square()


def r1(discriminator: Discriminator, real: Batch, fake: Batch, source: torch.Generator) -> torch.Tensor:
    """½‖∇D(x)‖² at real samples: Mescheder 2018, 1801.04406, equation 9."""
    return 0.5 * gradients(discriminator, *real).square().sum(1)


def r2(discriminator: Discriminator, real: Batch, fake: Batch, source: torch.Generator) -> torch.Tensor:
    """½‖∇D(x)‖² at fake samples: Mescheder 2018, equation 10."""
    return 0.5 * gradients(discriminator, *fake).square().sum(1)


def r1_and_r2(discriminator: Discriminator, real: Batch, fake: Batch, source: torch.Generator) -> torch.Tensor:
    """R1 plus R2, as Huang 2024 (2501.05441) uses them."""
    return r1(discriminator, real, fake, source) + r2(discriminator, real, fake, source)


def _nothing(discriminator: Discriminator, real: Batch, fake: Batch, source: torch.Generator) -> torch.Tensor:
    return real[0].new_zeros(len(real[0]))


def _norm(gradient: torch.Tensor) -> torch.Tensor:
    return (gradient.square().sum(1) + 1e-12).sqrt()  # the small number keeps the root differentiable at 0


PENALTIES: Registry[Penalty] = Registry(
    "penalty",
    [
        Penalty("none", "None", "Nothing keeps D from growing steep but its own layers.", _nothing, 0),
        Penalty("gradient", "Gradient penalty (Gulrajani 2017)", "Slope 1 between real and fake.", gradient_penalty, 10),
        Penalty("dragan", "DRAGAN (Kodali 2017)", "Slope 1 around real samples.", dragan, 10),
        Penalty("r1", "R1 (Mescheder 2018)", "Slope 0 at real samples.", r1, 10),
        Penalty("r2", "R2 (Mescheder 2018)", "Slope 0 at fake samples.", r2, 10),
        Penalty("r1+r2", "R1 and R2 (Huang 2024)", "Slope 0 at real and at fake samples.", r1_and_r2, 10),
    ],
)  # fmt: skip
