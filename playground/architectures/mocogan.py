"""MoCoGAN: what a film shows, and how it moves, as two parts of the latent vector (Tulyakov et al. 2018, 1707.04993).

New in it: one part of z, the content, is the same for all frames, and a recurrent cell unrolls the other, the motion, into a
code for each frame; one decoder for single pictures draws each frame from both. So the same thing can move otherwise, and
another thing alike. In the paper the cell gets fresh noise at every step; here it gets the motion part of z, so that one
vector says all of a film. Of the paper's two discriminators, of pictures and of films, one network with both is left.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.architectures.recurrent_rows import Repeat, StepMean
from playground.config import check, field
from playground.engine import Engine
from playground.layers import CELLS, BothWays, EachFrame, Frames, Positions, Recurrent, Stage
from playground.recipe import Recipe
from playground.samples import SampleSpec

BASE_SIZE = 4  # of the first map
POSITION_STD = 0.1  # small beside what z brings, so that films differ from the start
SLOPE = 0.2  # of D's leaky ReLU


class Motion(nn.Module):
    """Unroll the motion part of z into a code a frame, the content part beside each: (N, D) -> (N, T, content + hidden)."""

    def __init__(self, config: Generator.Config, num_frames: int) -> None:
        super().__init__()
        self.content_dim = config.content_dim
        self.read = nn.Linear(config.motion_dim, config.hidden)
        self.repeat = Repeat(num_frames)
        self.positions = Positions(num_frames, config.hidden, std=POSITION_STD)
        self.cell = Recurrent(config.cell, config.hidden, config.hidden)
        self.content = Beside()

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        content, motion = latent.split([self.content_dim, latent.shape[1] - self.content_dim], 1)
        return self.content(self.cell(self.positions(self.repeat(self.read(motion))).relu()), content)


class Beside(nn.Module):
    """Put the same vector (N, F) beside every step of (N, T, G): (N, T, F + G)."""

    def forward(self, steps: torch.Tensor, vector: torch.Tensor) -> torch.Tensor:
        return torch.cat([vector.unsqueeze(1).expand(-1, steps.shape[1], -1), steps], 2)


class Context(nn.Module):
    """Put beside each step what a cell from either end has read up to there: (N, T, F) -> (N, T, F + 2·hidden)."""

    def __init__(self, cell: str, in_features: int, hidden: int) -> None:
        super().__init__()
        self.both = BothWays(Recurrent(cell, in_features, hidden), Recurrent(cell, in_features, hidden))

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        return torch.cat([steps, self.both(steps)], 2)


class Generator(nn.Module):
    """Map latents (N, latent_dim) to films (N, T, C, H, W) in [-1, 1].

    `content_slice` and `motion_slice` say which of z's numbers tell what is seen, and which how it moves.
    """

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(24, help="Numbers in the latent vector z, motion included.", low=3, high=512, advanced=False)
        motion_dim: int = field(8, help="How many of them say how it moves; the others: what.", low=1, high=256, advanced=False)
        width: int = field(
            32, help="Channels before the last stage; twice as many before that.", low=4, high=256, advanced=False
        )
        hidden: int = field(48, help="Units of the cell that unrolls the motion.", low=4, high=512)
        cell: str = field("gru", help="What a unit remembers with.", choices=CELLS)

        def __post_init__(self) -> None:
            check(self)
            if self.motion_dim >= self.latent_dim:
                raise ValueError(f"motion_dim must be below latent_dim, {self.latent_dim}, and is {self.motion_dim}")

        @property
        def content_dim(self) -> int:
            return self.latent_dim - self.motion_dim

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        num_frames, channels, *_ = spec.shape
        doublings = num_doublings(spec)
        self.content_slice, self.motion_slice = slice(0, config.content_dim), slice(config.content_dim, config.latent_dim)
        width = config.width * 2 ** (doublings - 1)
        stages = OrderedDict(motion=Stage(Motion(config, num_frames)))
        code = config.content_dim + config.hidden
        project = nn.Linear(code, width * BASE_SIZE**2, bias=False)
        shape = nn.Unflatten(1, (width, BASE_SIZE, BASE_SIZE))
        stages["frame"] = Stage(EachFrame(), project, shape, nn.BatchNorm2d(width), nn.ReLU())
        for number in range(1, doublings):
            up = nn.ConvTranspose2d(width, width // 2, 4, 2, 1, bias=False)
            width //= 2
            stages[f"up{number}"] = Stage(up, nn.BatchNorm2d(width), nn.ReLU())
        stages["film"] = Stage(nn.ConvTranspose2d(width, channels, 4, 2, 1), nn.Tanh(), Frames(num_frames))
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, T, C, H, W)


class Discriminator(nn.Module):
    """Map films (N, T, C, H, W) to logits (N,): a picture network reads each frame, cells from both ends read the film.

    Each frame is scored by its own contents and by what comes before and after it; a film's score is the mean.
    """

    @dataclass(frozen=True)
    class Config:
        width: int = field(32, help="Channels of the first stage; twice as many in the next.", low=4, high=256, advanced=False)
        features: int = field(64, help="Numbers that the cells get of each frame.", low=4, high=512)
        hidden: int = field(48, help="Units of either cell.", low=4, high=512)
        cell: str = field("gru", help="What a unit remembers with.", choices=CELLS)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        num_frames, channels, *_ = spec.shape
        stages, before = OrderedDict(), [EachFrame()]
        for number in range(1, num_doublings(spec) + 1):
            width = config.width * 2 ** (number - 1)
            stages[f"down{number}"] = Stage(*before, nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(SLOPE))
            channels, before = width, []
        read = nn.Linear(channels * BASE_SIZE**2, config.features)
        stages["frames"] = Stage(nn.Flatten(), read, nn.LeakyReLU(SLOPE), Frames(num_frames))
        both = config.features + 2 * config.hidden
        judge = [nn.Linear(both, config.features), nn.LeakyReLU(SLOPE), nn.Linear(config.features, 1)]
        stages["steps"] = Stage(Context(config.cell, config.features, config.hidden), *judge)
        stages["score"] = Stage(StepMean(), nn.Flatten(0))
        self.stages = nn.Sequential(stages)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


def num_doublings(spec: SampleSpec) -> int:
    """Return how often 4×4 has to be doubled to come to a frame's size."""
    return int(math.log2(spec.shape[-1] // BASE_SIZE))


ARCHITECTURE = Architecture(
    name="mocogan",
    title="MoCoGAN",
    year=2018,
    summary="Short films: one part of z says what is seen, a recurrent cell unrolls the other into how it moves.",
    paper="Tulyakov, Liu, Yang & Kautz 2018, arXiv:1707.04993",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    recipe=Recipe(
        loss="relativistic-pairing",
        batch_size=64,
        learning_rate_generator=1e-3,
        learning_rate_discriminator=1e-3,
        penalty="r1+r2",
        penalty_weight=1.0,
        penalty_every=8,
        beta1=0.5,
        beta2=0.9,
        clip_gradients=5.0,
    ),
    kinds=("video",),
    engine=Engine(precision="float32", memory_format="contiguous"),
    initialisation="default",
    order=92,
)
