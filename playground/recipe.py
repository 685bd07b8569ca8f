"""How to train, for any architecture."""

from __future__ import annotations

from dataclasses import dataclass

from playground.augmentation import AUGMENTATIONS
from playground.config import check, field
from playground.losses import LOSSES
from playground.penalties import PENALTIES

OPTIMISERS = ("adam", "adamw", "rmsprop", "sgd")


@dataclass(frozen=True)
class Recipe:
    """Loss, penalty, optimiser settings, augmentation and averaging of a run. Raises ValueError for what makes no sense."""

    loss: str = field("non-saturating", help="What the two networks play for.", choices=tuple(LOSSES), advanced=False)
    batch_size: int = field(64, help="Real images seen in each step.", low=2, high=512, advanced=False)
    learning_rate_generator: float = field(
        2e-4, help="Step size of the generator's optimiser.", low=0.0, high=1.0, advanced=False
    )
    learning_rate_discriminator: float = field(
        2e-4, help="Step size of the discriminator's optimiser.", low=0.0, high=1.0, advanced=False
    )
    penalty: str = field("none", help="What keeps the discriminator from growing too steep.", choices=tuple(PENALTIES))
    penalty_weight: float = field(10.0, help="How much the penalty counts.", low=0.0, high=10_000.0)
    penalty_every: int = field(
        # Karras 2020 (1912.04958, appendix B): the weight is multiplied by k. Their change of Adam's rate and betas makes
        # up for separate optimiser steps; here the penalty goes into D's own step, and there are none to make up for.
        1,
        help="Apply the penalty at every k-th step only, k times as strong.",
        low=1,
        high=64,
    )
    clip_weights: float = field(
        0.0, help="Clip the discriminator's weights to ± this after each step; 0: not.", low=0.0, high=10.0
    )
    optimiser: str = field("adam", help="How gradients become steps.", choices=OPTIMISERS)
    beta1: float = field(0.5, help="The optimiser's memory of past gradients (SGD: momentum).", low=0.0, high=0.999)
    beta2: float = field(0.999, help="The optimiser's memory of past squared gradients.", low=0.0, high=0.9999)
    weight_decay: float = field(0.0, help="Pull of all weights towards zero (AdamW: decoupled).", low=0.0, high=1.0)
    clip_gradients: float = field(
        0.0, help="Scale a network's gradient down to this length where it is longer; 0: not.", low=0.0, high=1000.0
    )
    discriminator_steps: int = field(1, help="Discriminator updates for each generator update.", low=1, high=10)
    class_weight: float = field(
        1.0, help="How much naming the right class counts, where D has an auxiliary classifier.", low=0.0, high=100.0
    )
    label_smoothing: float = field(0.0, help="Lower the target for real images by this (one-sided).", low=0.0, high=0.5)
    instance_noise: float = field(0.0, help="Noise added to all that D sees, as a standard deviation.", low=0.0, high=2.0)
    instance_noise_images: int = field(
        20_000, help="Images over which that noise fades to nothing; 0: it stays.", low=0, high=100_000_000
    )
    top_k: float = field(1.0, help="Share of the fake images, the best by D's score, that G learns from.", low=0.05, high=1.0)
    augment: str = field("none", help="Random changes to all that D sees, real and fake.", choices=AUGMENTATIONS)
    augment_probability: float = field(1.0, help="Share of images that each change is applied to.", low=0.0, high=1.0)
    augment_target: float = field(
        0.0, help="Adapt that share so that D's mean sign on real images comes to this; 0: fixed.", low=0.0, high=1.0
    )
    ema_half_life: int = field(
        # Samples are drawn from averaged weights (Yazici 2019). A cap; early in a run it is 5% of the images seen.
        10_000,
        help="Half-life of the averaged weights that make the pictures, in images seen.",
        low=0,
        high=1_000_000,
    )

    def __post_init__(self) -> None:
        check(self)
        if self.label_smoothing and not LOSSES[self.loss].smoothable:
            able = ", ".join(name for name, loss in LOSSES.items() if loss.smoothable)
            raise ValueError(f"label_smoothing needs a loss with targets, and {self.loss} has none; choose from: {able}")
