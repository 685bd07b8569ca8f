"""SN-DCGAN: DCGAN's generator against a spectrally normalised discriminator (T. Miyato et al. 2018, 1802.05957).

New in it: every weight of the discriminator is divided by its largest singular value, so that the score can change
no faster than the image does. That bound replaces batch normalisation in D and, with the hinge loss, bears learning
rates ten times higher: the shortest way from noise to something readable.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import SpectralConv2d, SpectralLinear
from playground.recipe import Recipe
from playground.samples import SampleSpec


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): spectrally normalised strided convolutions."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            16, help="Channels of the first stage; each stage after it has twice as many.", low=2, high=256, advanced=False
        )
        kernel_size: tuple[int, ...] = field((4,), help="Kernel size of each stage.", low=1, high=11)
        stride: tuple[int, ...] = field((2,), help="Stride of each stage: how many times smaller the map gets.", low=1, high=8)
        padding: tuple[int, ...] = field((1,), help="Zeros added at each edge.", low=0, high=8)
        slope: float = field(0.1, help="Slope of the leaky ReLU for negative values.", low=0.0, high=1.0)  # table 3

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        self.stages = dcgan.mirrored_stages(config, spec, convolution=SpectralConv2d, linear=SpectralLinear, normalise=False)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


ARCHITECTURE = Architecture(
    name="sn-dcgan",
    title="SN-DCGAN",
    year=2018,
    summary="DCGAN's generator against a discriminator that cannot be too steep: the fastest to something readable.",
    paper="Miyato, Kataoka, Koyama & Yoshida 2018, arXiv:1802.05957",
    generator=dcgan.Generator,
    discriminator=Discriminator,
    generator_config=dcgan.Generator.Config(latent_dim=24),
    discriminator_config=Discriminator.Config(),
    # searched for time to readable digits on two CPU cores, see README, "Measured"
    recipe=Recipe(
        loss="hinge", batch_size=40, learning_rate_generator=4e-3, learning_rate_discriminator=3e-3, beta1=0.0, beta2=0.9
    ),
    order=0,
)
