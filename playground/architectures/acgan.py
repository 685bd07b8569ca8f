"""AC-GAN: the discriminator names the class as well (A. Odena, C. Olah, J. Shlens 2017, 1610.09585).

New in it: the discriminator is not told the label but has to guess it, from real and made pictures alike, and the
generator is rewarded for pictures whose class can be told. That makes classes clear, and each a little too much alike.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.layers import ClassEmbedding, Stage
from playground.recipe import Recipe
from playground.samples import SampleSpec


class Generator(nn.Module):
    """Map latents (N, latent_dim) and labels to images (N, C, H, W): DCGAN's, a vector of the class appended to z."""

    Config = dcgan.Generator.Config

    def __init__(self, config: dcgan.Generator.Config, spec: SampleSpec) -> None:
        super().__init__()
        self.embedding = Stage(ClassEmbedding(len(spec.classes), config.latent_dim, std=0.2))  # z must not drown in it
        self.stages = dcgan.Generator(config, spec).stages
        self.stages.project = dcgan.project(2 * config.latent_dim, self.stages.project[1].out_channels, config.normalisation)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(torch.cat([latent, self.embedding(label)], 1))  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,) and class logits (N, num_classes), both from the same last map."""

    Config = dcgan.Discriminator.Config

    def __init__(self, config: dcgan.Discriminator.Config, spec: SampleSpec) -> None:
        super().__init__()
        stages = OrderedDict(dcgan.mirrored_stages(config, spec, spec.shape[0]).named_children())
        score = stages.pop("score")
        self.stages = nn.Sequential(stages)
        self.classes = Stage(nn.Flatten(), nn.Linear(score[1].in_features, len(spec.classes)))  # it may be as sure as it likes
        self.score = score

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.stages(sample)
        classes = self.classes(features)  # (N, num_classes)
        return self.score(features), classes


ARCHITECTURE = Architecture(
    name="acgan",
    title="AC-GAN",
    year=2017,
    summary="The discriminator has to name the class; the generator earns by pictures whose class can be told.",
    paper="Odena, Olah & Shlens 2017, arXiv:1610.09585",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(normalisation="spectral", slope=0.1),
    # not the paper's loss and rate (2e-4 for 50,000 updates): hinge and spectral normalisation came later and are quicker
    recipe=Recipe(
        loss="hinge",
        batch_size=40,
        learning_rate_generator=2e-3,
        learning_rate_discriminator=2e-3,
        beta1=0.0,
        beta2=0.9,
        class_weight=0.3,
    ),
    conditional=True,
    order=31,
)
