"""RGAN: recurrent networks on both sides, for series of numbers (C. Esteban, S. Hyland, G. Rätsch 2017, 1706.02633).

New in it: medical time series made by an LSTM and judged by another at every step. Here D is a GRU that reads from both
ends; and z, which in the paper is fresh noise at every step, is one vector for the whole series, so that one can walk in it.
"""

from __future__ import annotations

from playground.architectures import _sequence
from playground.architectures._architecture import Architecture

ARCHITECTURE = Architecture(
    name="rgan",
    title="RGAN",
    year=2017,
    summary="An LSTM writes a series of numbers; a GRU reads it from both ends.",
    paper="Esteban, Hyland & Rätsch 2017, arXiv:1706.02633",
    generator=_sequence.Generator,
    discriminator=_sequence.Discriminator,
    generator_config=_sequence.Generator.Config(backbone="lstm", latent_dim=16),
    discriminator_config=_sequence.Discriminator.Config(backbone="gru", num_layers=1, direction="both ways"),
    recipe=_sequence.RECIPE,
    initialisation=_sequence.INITIALISATION,
    kinds=_sequence.NUMBER_KINDS,
    order=210,
    engine=_sequence.ENGINE,
)
