"""Conditional GAN: both networks are told the label (M. Mirza, S. Osindero 2014, 1411.1784).

New in it: the label is one more input of the generator and of the discriminator, so that a trained generator makes what
it is asked for and the discriminator sees through a picture of the wrong class. The paper's networks are fully
connected; here they are DCGAN's, with one constant map a class beside the picture.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from playground.architectures import dcgan
from playground.architectures._architecture import Architecture
from playground.layers import LabelPlanes, Stage
from playground.recipe import Recipe
from playground.samples import SampleSpec


class Generator(nn.Module):
    """Map latents (N, latent_dim) and labels to images (N, C, H, W) in [-1, 1]: DCGAN's, the label appended to z."""

    Config = dcgan.Generator.Config

    def __init__(self, config: dcgan.Generator.Config, spec: SampleSpec) -> None:
        super().__init__()
        num_classes = len(spec.classes)
        stages = dcgan.Generator(config, spec).stages
        channels = stages.project[1].out_channels
        stages.project = dcgan.project(config.latent_dim + num_classes, channels, config.normalisation)
        self.stages = with_label(num_classes, stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        features = latent
        for stage in self.stages:
            features = stage(features, label)
        return features  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) and labels to logits (N,): DCGAN's, the label beside the picture as constant maps."""

    Config = dcgan.Discriminator.Config

    def __init__(self, config: dcgan.Discriminator.Config, spec: SampleSpec) -> None:
        super().__init__()
        num_classes = len(spec.classes)
        self.stages = with_label(num_classes, dcgan.mirrored_stages(config, spec, spec.shape[0] + num_classes))

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        features = sample
        for stage in self.stages:
            features = stage(features, label)
        return features  # (N,)


def with_label(num_classes: int, stages: nn.Sequential) -> nn.Sequential:
    """Put a stage that appends the label before the others."""
    return nn.Sequential(OrderedDict(label=Stage(LabelPlanes(num_classes))) | dict(stages.named_children()))


ARCHITECTURE = Architecture(
    name="cgan",
    title="Conditional GAN",
    year=2014,
    summary="The label is one more input of both networks: ask for a class and get it.",
    paper="Mirza & Osindero 2014, arXiv:1411.1784",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # the paper's SGD at 0.1 is for fully connected networks; these rates suit narrow convolutional ones
    recipe=Recipe(loss="non-saturating", learning_rate_generator=2e-3, learning_rate_discriminator=2e-3, batch_size=40),
    conditional=True,
    order=30,
)
