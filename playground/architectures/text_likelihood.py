"""The rival without a game: a language model trained by maximum likelihood (R. Williams, D. Zipser 1989: teacher forcing).

The generator of the text GANs learns to give the data's next token a high probability, and never hears of D, which trains
beside it and says how it sees the samples. Caccia et al. 2018 (1811.02549) found such models better than text GANs over
the whole range from variety to quality.
"""

from __future__ import annotations

from dataclasses import replace

from playground.architectures import _sequence
from playground.architectures._architecture import Architecture

ARCHITECTURE = Architecture(
    name="text-likelihood",
    title="Maximum likelihood (no GAN)",
    year=1989,
    summary="The same generator, told which token comes next: what text GANs have to be measured against.",
    paper="Williams & Zipser 1989; Caccia et al. 2018, arXiv:1811.02549",
    generator=_sequence.Generator,
    discriminator=_sequence.Discriminator,
    generator_config=_sequence.Generator.Config(backbone="gru"),
    discriminator_config=_sequence.Discriminator.Config(backbone="cnn"),
    recipe=replace(_sequence.RECIPE, learn="likelihood"),
    initialisation=_sequence.INITIALISATION,
    kinds=_sequence.TOKEN_KINDS,
    likelihood=True,
    order=202,
    engine=_sequence.ENGINE,
)
