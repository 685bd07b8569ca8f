"""Recurrent rows: an image written and read a row at a time, by cells that remember the rows before.

Im et al. 2016 (1602.05110) unroll a generator over time, each step adding to one canvas, and so make a GAN recurrent; van
den Oord et al. 2016 (1601.06759) run an LSTM down the rows of an image (Row LSTM), there to predict pixels, with no
adversary. What is here is neither: the smallest GAN with recurrence in both networks, made to be looked into. One cell,
given z at every step, writes the next rows from its state; another reads them and judges.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.engine import Engine
from playground.layers import CELLS, Positions, Recurrent, Stage
from playground.recipe import Recipe
from playground.samples import SampleSpec

ROWS = (1, 2, 4)
POSITION_STD = 0.1  # small beside what z brings, so that images differ from the start
SLOPE = 0.2  # of D's leaky ReLU


class Repeat(nn.Module):
    """Give the same vector at every step: (N, F) -> (N, steps, F)."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.unsqueeze(1).expand(-1, self.steps, -1)


class ToRows(nn.Module):
    """Read an image (N, C, H, W) as a series of its rows, `rows` at a time: (N, H / rows, C·rows·W)."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image.unflatten(2, (-1, self.rows)).transpose(1, 2).flatten(2)


class FromRows(nn.Module):
    """Stack a series of rows, `rows` at a time (N, H / rows, C·rows·W), into an image (N, C, H, W)."""

    def __init__(self, channels: int, rows: int) -> None:
        super().__init__()
        self.channels, self.rows = channels, rows

    def forward(self, series: torch.Tensor) -> torch.Tensor:
        return series.unflatten(2, (self.channels, self.rows, -1)).transpose(1, 2).flatten(2, 3)


class StepMean(nn.Module):
    """Average over steps: (N, T, F) -> (N, F)."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.mean(1)


def recurrent_stages(inputs: list[nn.Module], config, steps: int) -> OrderedDict[str, Stage]:
    """Make the stages `rows1`, `rows2` …; each gives its states as one map (N, 1, steps, width), time running down."""
    stages = OrderedDict()
    for number in range(1, config.num_layers + 1):
        cell = Recurrent(config.cell, config.width, config.width)
        stages[f"rows{number}"] = Stage(*inputs, cell, nn.Unflatten(1, (1, steps)))
        inputs = [nn.Flatten(1, 2)]
    return stages


class Generator(nn.Module):
    """Map latents (N, latent_dim) to images (N, C, H, W) in [-1, 1]: the state after each step becomes a row."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(128, help="Units of the state.", low=4, high=1024, advanced=False)
        cell: str = field("gru", help="What a unit remembers with.", choices=CELLS, advanced=False)
        rows: int = field(2, help="Rows of pixels in each step.", choices=ROWS)
        num_layers: int = field(1, help="Cells one above the other: each reads the states of the one below.", low=1, high=4)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        channels, height, row = spec.shape
        width, steps = config.width, height // config.rows
        inputs = [nn.Linear(config.latent_dim, width), Repeat(steps), Positions(steps, width, std=POSITION_STD), nn.ReLU()]
        stages = recurrent_stages(inputs, config, steps)
        to_pixels = [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, channels * config.rows * row)]
        stages["image"] = Stage(nn.Flatten(1, 2), *to_pixels, FromRows(channels, config.rows), nn.Tanh())
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, C, H, W)


class Discriminator(nn.Module):
    """Map images (N, C, H, W) to logits (N,): read row by row, judged at every step, the judgements averaged.

    The last state alone would do, but then a gradient reaches the first rows only through all steps.
    """

    @dataclass(frozen=True)
    class Config:
        width: int = field(128, help="Units of the state.", low=4, high=1024, advanced=False)
        cell: str = field("gru", help="What a unit remembers with.", choices=CELLS, advanced=False)
        rows: int = field(2, help="Rows of pixels in each step.", choices=ROWS)
        num_layers: int = field(1, help="Cells one above the other: each reads the states of the one below.", low=1, high=4)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        channels, height, row = spec.shape
        width, steps = config.width, height // config.rows
        inputs = [ToRows(config.rows), nn.Linear(channels * config.rows * row, width), nn.LeakyReLU(SLOPE)]
        stages = recurrent_stages(inputs, config, steps)
        judge = [nn.Linear(width, width), nn.LeakyReLU(SLOPE), StepMean(), nn.Linear(width, 1)]
        stages["score"] = Stage(nn.Flatten(1, 2), *judge, nn.Flatten(0))
        self.stages = nn.Sequential(stages)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


ARCHITECTURE = Architecture(
    name="recurrent-rows",
    title="Recurrent rows",
    year=2016,
    summary="One cell writes the image row by row, another reads it: what a state remembers, step by step.",
    paper="after Im et al. 2016, arXiv:1602.05110, and van den Oord et al. 2016, arXiv:1601.06759",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    # With hinge and R1 all images became one within a few hundred steps in every run tried; with paired scores and R1 (as in
    # Huang 2024, 2501.05441, which has R2 too) they did not. beta1 = 0.5 and rates of 3e-3 were worse.
    recipe=Recipe(
        loss="relativistic-pairing",
        batch_size=32,
        learning_rate_generator=2e-3,
        learning_rate_discriminator=2e-3,
        penalty="r1",
        penalty_weight=2.0,
        penalty_every=4,
        beta1=0.0,
        beta2=0.99,
    ),
    engine=Engine(precision="float32"),  # the cells compute in it anyway, and what is left is too little to be worth converting
    initialisation="xavier",
    order=91,
)
