"""WGAN: a critic that estimates a distance (M. Arjovsky, S. Chintala, L. Bottou 2017, 1701.07875).

New in it: D no longer tells real from fake but scores freely, and the gap between its mean scores estimates the
Wasserstein distance between real and generated data, so its loss falls as pictures get better. For that its slope must
be bounded, here by clipping every weight after every step, which the authors themselves call a terrible way to do it.
"""

from __future__ import annotations

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.recipe import Recipe

ARCHITECTURE = Architecture(
    name="wgan",
    title="WGAN",
    year=2017,
    summary="The discriminator becomes a critic whose loss measures a distance; its weights are clipped to stay gentle.",
    paper="Arjovsky, Chintala & Bottou 2017, arXiv:1701.07875",
    generator=dcgan.Generator,
    discriminator=dcgan.Discriminator,
    generator_config=dcgan.Generator.Config(),
    discriminator_config=dcgan.Discriminator.Config(),
    # algorithm 1: RMSprop, 5 steps of the critic, weights within ±0.01; its rate of 5e-5 is for days of training
    recipe=Recipe(
        loss="wasserstein",
        optimiser="rmsprop",
        beta2=0.99,
        clip_weights=0.01,
        discriminator_steps=5,
        learning_rate_generator=5e-4,
        learning_rate_discriminator=5e-4,
        batch_size=32,
    ),
    initialisation="normal",
    order=21,
)
