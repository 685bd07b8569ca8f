"""SN-DCGAN: DCGAN's generator against a spectrally normalised discriminator (T. Miyato et al. 2018, 1802.05957).

New in it: every weight of the discriminator is divided by its largest singular value, so that the score can change
no faster than the image does. That bound replaces batch normalisation in D and, with the hinge loss, bears learning
rates ten times higher: the shortest way from noise to something readable.
"""

from __future__ import annotations

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.recipe import Recipe

ARCHITECTURE = Architecture(
    name="sn-dcgan",
    title="SN-DCGAN",
    year=2018,
    summary="DCGAN's generator against a discriminator that cannot be too steep: the fastest to something readable.",
    paper="Miyato, Kataoka, Koyama & Yoshida 2018, arXiv:1802.05957",
    generator=dcgan.Generator,
    discriminator=dcgan.Discriminator,
    generator_config=dcgan.Generator.Config(latent_dim=24),
    discriminator_config=dcgan.Discriminator.Config(normalisation="spectral", slope=0.1),  # table 3
    # searched for time to readable digits on two CPU cores, see README, "Measured"; what benchmark/search.jsonl tried since
    # was no better by more than seeds differ
    recipe=Recipe(
        loss="hinge", batch_size=40, learning_rate_generator=4e-3, learning_rate_discriminator=3e-3, beta1=0.0, beta2=0.9
    ),
    order=0,
)
