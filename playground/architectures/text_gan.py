"""A GAN of words: tokens chosen hard, the gradient soft (M. Kusner, J. M. Hernández-Lobato 2016, 1611.04051).

New in it: a generator of discrete tokens that learns from D's gradient all the same, because the choice of a token is
replaced by the Gumbel-softmax. Here the choice itself stays hard (straight-through), D reads with convolutions, and no
training by maximum likelihood comes first.
"""

from __future__ import annotations

from dataclasses import replace

from playground.architectures import _sequence
from playground.architectures._architecture import Architecture

# Measured on sentences (one seed): with 64 samples a step and a beta2 of 0.9 validity rises sooner, but leaps up and down.
RECIPE = replace(_sequence.RECIPE, batch_size=128, beta2=0.99, ema_half_life=20_000)

ARCHITECTURE = Architecture(
    name="text-gan",
    title="Text GAN (Gumbel-softmax)",
    year=2016,
    summary="A recurrent network writes tokens one by one; the gradient passes through the choice of each.",
    paper="Kusner & Hernández-Lobato 2016, arXiv:1611.04051",
    generator=_sequence.Generator,
    discriminator=_sequence.Discriminator,
    generator_config=_sequence.Generator.Config(backbone="gru", latent_dim=64, dice=0.75, anneal_samples=300_000),
    discriminator_config=_sequence.Discriminator.Config(backbone="cnn"),
    recipe=RECIPE,
    initialisation=_sequence.INITIALISATION,
    kinds=_sequence.TOKEN_KINDS,
    likelihood=True,
    order=200,
    engine=_sequence.ENGINE,
)
