"""WGAN-GP on tokens: the critic reads soft mixtures (I. Gulrajani et al. 2017, 1704.00028, section 5.3).

New in it: characters made by a GAN with nothing pre-trained. G gives the softmax itself, and the critic, kept at slope 1
between it and one-hot data, tells mixtures from words by a distance that has a gradient everywhere. Rajeswar 2017
(1705.10929) and Press 2017 (1706.01399) take it further with recurrent networks: choose other backbones, and a curriculum.
"""

from __future__ import annotations

from dataclasses import replace

from playground.architectures import _sequence
from playground.architectures._architecture import Architecture

ARCHITECTURE = Architecture(
    name="text-wgan-gp",
    title="WGAN-GP for text",
    year=2017,
    summary="Soft mixtures of tokens against one-hot words, with a critic kept at slope 1.",
    paper="Gulrajani et al. 2017, arXiv:1704.00028",
    generator=_sequence.Generator,
    discriminator=_sequence.Discriminator,
    generator_config=_sequence.Generator.Config(backbone="cnn", output="soft", temperature_start=1.0, temperature_end=1.0),
    discriminator_config=_sequence.Discriminator.Config(backbone="cnn"),
    recipe=replace(
        _sequence.RECIPE,
        loss="wasserstein",
        penalty="gradient",
        penalty_weight=10.0,
        discriminator_steps=3,  # the paper has 5 of the critic (10 for text); three fit minutes
        clip_gradients=0.0,
    ),
    initialisation=_sequence.INITIALISATION,
    kinds=_sequence.TOKEN_KINDS,
    likelihood=True,
    order=203,
    engine=_sequence.ENGINE,
)
