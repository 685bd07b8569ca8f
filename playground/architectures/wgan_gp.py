"""WGAN-GP: the critic's slope asked for, not clipped (I. Gulrajani et al. 2017, 1704.00028).

New in it: in place of clipped weights a penalty wants the length of the critic's gradient to be 1 at points between
real and fake pictures. The penalty is about single samples, so batch normalisation has to leave the critic; layer
normalisation takes its place.
"""

from __future__ import annotations

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.recipe import Recipe

ARCHITECTURE = Architecture(
    name="wgan-gp",
    title="WGAN-GP",
    year=2017,
    summary="A critic with layer normalisation, kept at slope 1 by a penalty on its gradient.",
    paper="Gulrajani, Ahmed, Arjovsky, Dumoulin & Courville 2017, arXiv:1704.00028",
    generator=dcgan.Generator,
    discriminator=dcgan.Discriminator,
    generator_config=dcgan.Generator.Config(),
    discriminator_config=dcgan.Discriminator.Config(normalisation="layer"),
    # algorithm 1 has 5 steps of the critic, weight 10, Adam (0, 0.9) at 1e-4; fewer steps and a higher rate fit minutes
    recipe=Recipe(
        loss="wasserstein",
        penalty="gradient",
        penalty_weight=10.0,
        discriminator_steps=3,
        learning_rate_generator=1e-3,
        learning_rate_discriminator=1e-3,
        beta1=0.0,
        beta2=0.9,
        batch_size=32,
    ),
    order=22,
)
