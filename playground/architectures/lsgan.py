"""LSGAN: least squares in place of cross-entropy (X. Mao et al. 2017, 1611.04076).

New in it: D's scores are pulled to 1 for real and 0 for fake by their squared error. A fake that D is already sure of
still pulls G along with a force that grows with the distance, where the cross-entropy of the first GAN goes flat.
"""

from __future__ import annotations

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.recipe import Recipe

ARCHITECTURE = Architecture(
    name="lsgan",
    title="LSGAN",
    year=2017,
    summary="DCGAN's networks with squared errors as the score: gradients that do not go flat.",
    paper="Mao, Li, Xie, Lau, Wang & Smolley 2017, arXiv:1611.04076",
    generator=dcgan.Generator,
    discriminator=dcgan.Discriminator,
    generator_config=dcgan.Generator.Config(),
    discriminator_config=dcgan.Discriminator.Config(),
    # the paper's 1e-3 for MNIST-like scenes and Adam's 0.5 of section 4
    recipe=Recipe(loss="least-squares", learning_rate_generator=1e-3, learning_rate_discriminator=1e-3, batch_size=64),
    initialisation="normal",
    order=20,
)
