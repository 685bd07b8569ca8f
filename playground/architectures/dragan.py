"""DRAGAN: a gentle slope around real data only (N. Kodali et al. 2017, 1705.07215).

New in it: collapse is explained by sharp gradients of D around real samples, and a penalty asks for slope 1 there and
nowhere else. It goes with the loss of the first GAN and one step of D to one of G, so it costs little.
"""

from __future__ import annotations

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.recipe import Recipe

ARCHITECTURE = Architecture(
    name="dragan",
    title="DRAGAN",
    year=2017,
    summary="The first GAN's loss with a penalty on D's slope around real pictures.",
    paper="Kodali, Abernethy, Hays & Kira 2017, arXiv:1705.07215",
    generator=dcgan.Generator,
    discriminator=dcgan.Discriminator,
    generator_config=dcgan.Generator.Config(),
    discriminator_config=dcgan.Discriminator.Config(normalisation="none"),
    recipe=Recipe(
        loss="non-saturating",
        penalty="dragan",
        penalty_weight=10.0,
        learning_rate_generator=1e-3,
        learning_rate_discriminator=1e-3,
        batch_size=64,
    ),
    order=23,
)
