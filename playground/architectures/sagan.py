"""SAGAN: self-attention between the residual blocks (H. Zhang et al. 2019, 1805.08318).

New in it: an attention layer in both networks, where every place of a feature map gathers from all the others, so that
distant parts of a picture can be made to agree in one step. Spectral normalisation moves into the generator too.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures import sngan
from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import SpectralConv2d, SpectralLinear
from playground.recipe import Recipe
from playground.samples import SampleSpec


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1]: residual blocks, attention on the 16×16 map."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            16, help="Channels of the last block; each block before it has twice as many.", low=2, high=128, advanced=False
        )
        attention: bool = field(True, help="Let every place of the 16×16 map gather from all the others.", advanced=False)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        self.stages = sngan.growing_stages(
            config.latent_dim,
            config.width,
            spec,
            convolution=SpectralConv2d,
            linear=SpectralLinear,
            attention=config.attention,
        )

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): residual blocks, attention on the 16×16 map."""

    @dataclass(frozen=True)
    class Config:
        width: int = field(
            16, help="Channels of the first block; each block after it has twice as many.", low=2, high=128, advanced=False
        )
        attention: bool = field(True, help="Let every place of the 16×16 map gather from all the others.", advanced=False)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        stages, channels = sngan.shrinking_stages(config.width, spec, attention=config.attention)
        self.stages = nn.Sequential(stages | {"score": sngan.score(channels)})

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


ARCHITECTURE = Architecture(
    name="sagan",
    title="SAGAN",
    year=2019,
    summary="Residual blocks with self-attention: distant parts of a picture are made to agree.",
    paper="Zhang, Goodfellow, Metaxas & Odena 2019, arXiv:1805.08318",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # two rates as in the paper (1e-4 and 4e-4), higher because the networks are narrow and the run is short
    recipe=Recipe(
        loss="hinge", batch_size=32, learning_rate_generator=1e-3, learning_rate_discriminator=2e-3, beta1=0.0, beta2=0.9
    ),
    initialisation="xavier",
    order=25,
)
