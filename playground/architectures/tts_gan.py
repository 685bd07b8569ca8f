"""TTS-GAN: transformers on both sides, for series (X. Li et al. 2022, 2202.02691).

New in it: a GAN for time series without recurrence or convolution; all steps are made at once from z and a learnt vector
for each place, and D looks at all of them at once. The paper's D cuts series into patches and has a class token; here
every step is a patch, and D judges each.
"""

from __future__ import annotations

from playground.architectures import _sequence
from playground.architectures._architecture import Architecture

ARCHITECTURE = Architecture(
    name="tts-gan",
    title="TTS-GAN",
    year=2022,
    summary="Transformers make and judge all steps of a series at once, each looking at all others.",
    paper="Li, Metsis, Wang & Ngu 2022, arXiv:2202.02691",
    generator=_sequence.Generator,
    discriminator=_sequence.Discriminator,
    generator_config=_sequence.Generator.Config(backbone="transformer", num_layers=2),
    discriminator_config=_sequence.Discriminator.Config(backbone="transformer"),
    recipe=_sequence.RECIPE,
    initialisation=_sequence.INITIALISATION,
    kinds=(*_sequence.NUMBER_KINDS, *_sequence.TOKEN_KINDS),
    likelihood=True,
    order=220,
    engine=_sequence.ENGINE,
)
