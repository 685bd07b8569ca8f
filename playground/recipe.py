"""How to train, for any architecture."""

from __future__ import annotations

from dataclasses import dataclass

from playground.config import check, field
from playground.losses import LOSSES

PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Recipe:
    """Loss, optimiser settings and averaging of a run. Raises ValueError for a value out of range."""

    loss: str = field("non-saturating", help="What the two networks play for.", choices=tuple(LOSSES), advanced=False)
    batch_size: int = field(64, help="Real images seen in each step.", low=2, high=512, advanced=False)
    learning_rate_generator: float = field(
        2e-4, help="Step size of the generator's optimiser (Adam).", low=0.0, high=1.0, advanced=False
    )
    learning_rate_discriminator: float = field(
        2e-4, help="Step size of the discriminator's optimiser (Adam).", low=0.0, high=1.0, advanced=False
    )
    beta1: float = field(0.5, help="Adam's memory of past gradients.", low=0.0, high=0.999)
    beta2: float = field(0.999, help="Adam's memory of past squared gradients.", low=0.0, high=0.9999)
    discriminator_steps: int = field(1, help="Discriminator updates for each generator update.", low=1, high=10)
    ema_half_life: int = field(
        # Samples are drawn from averaged weights (Yazici 2019). A cap; early in a run it is 5% of the images seen.
        10_000,
        help="Half-life of the averaged weights that make the pictures, in images seen.",
        low=0,
        high=1_000_000,
    )
    precision: str = field(
        "auto", help="Number format of the forward and backward pass; auto takes bfloat16 where it is fast.", choices=PRECISIONS
    )

    def __post_init__(self) -> None:
        check(self)
