"""A GAN of words: tokens chosen hard, the gradient soft (M. Kusner, J. M. Hernández-Lobato 2016, 1611.04051).

New in it: a generator of discrete tokens that is trained by D's gradient all the same, because the choice of a token is
replaced by the Gumbel-softmax. Here the choice itself stays hard (straight-through) and D reads with convolutions; no
pre-training by maximum likelihood comes before.
"""

from __future__ import annotations

from playground.architectures import _sequence
from playground.architectures._architecture import Architecture
from playground.engine import Engine
from playground.recipe import Recipe

RECIPE = Recipe(
    loss="relativistic-pairing",
    learning_rate_generator=1e-3,
    learning_rate_discriminator=1e-3,
    beta1=0.5,
    beta2=0.9,
    clip_gradients=5.0,
)

ARCHITECTURE = Architecture(
    name="text-gan",
    title="Text GAN (Gumbel-softmax)",
    year=2016,
    summary="A recurrent network writes tokens, one after the other; gradients pass through their choice.",
    paper="Kusner & Hernández-Lobato 2016, arXiv:1611.04051",
    generator=_sequence.Generator,
    discriminator=_sequence.Discriminator,
    generator_config=_sequence.Generator.Config(),
    discriminator_config=_sequence.Discriminator.Config(),
    recipe=RECIPE,
    initialisation="xavier",
    kinds=_sequence.TOKEN_KINDS,
    order=200,
    engine=Engine(precision="float32"),
)
