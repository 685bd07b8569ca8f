"""Networks that write and read series, with any of five backbones each: what the architectures for text and time share.

A series is (N, T, C): one-hot tokens of V kinds (text, melodies) or C numbers in [-1, 1] a step. Recurrent backbones
write step by step and read what they wrote (`layers.Writer`); `cnn` doubles a short series by transposed convolutions;
`transformer` looks at all steps at once.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.config import check, field
from playground.engine import Engine
from playground.layers import (
    BACKBONES,
    CELLS,
    FORGET_BIAS,
    OUTPUTS,
    BothWays,
    Curriculum,
    DoubleSteps,
    FirstSteps,
    LatentPart,
    Recurrent,
    ResidualSteps,
    Stage,
    StepScore,
    StepSpread,
    TokenHead,
    Writer,
    attending,
    token_log_likelihood,
)
from playground.recipe import Recipe
from playground.samples import SampleSpec

TOKEN_KINDS = ("tokens", "melody")
NUMBER_KINDS = ("series", "chirp")
DIRECTIONS = ("one way", "both ways")
INITIALISATION = "xavier"
ENGINE = Engine(precision="float32")  # the cells compute in it anyway, and what is left is too little to be worth converting
# measured for short texts, melodies and series alike; clipping is for recurrent networks, whose gradients leap (Pascanu 2013)
RECIPE = Recipe(
    loss="relativistic-pairing",
    learning_rate_generator=1e-3,
    learning_rate_discriminator=1e-3,
    beta1=0.5,
    beta2=0.9,
    clip_gradients=5.0,
)
BASE_STEPS = 4  # of the shortest series of a `cnn` generator
SLOPE = 0.2


def short_start(steps: int) -> tuple[int, int]:
    """Return how many steps to start from and how often to double them, so that there are at least `steps`."""
    doublings = 1
    while -(-steps // 2**doublings) > BASE_STEPS:
        doublings += 1
    return -(-steps // 2**doublings), doublings


class Generator(nn.Module):
    """Map latents (N, latent_dim) to series (N, T, C): one-hot tokens, or numbers in [-1, 1].

    Of tokens, a share of the latent throws the dice (`layers.TokenHead`) and only the rest enters the network.
    """

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        backbone: str = field("gru", help="What writes the series.", choices=BACKBONES, advanced=False)
        width: int = field(64, help="Numbers that the network keeps for each step.", low=4, high=512, advanced=False)
        num_layers: int = field(1, help="Cells or blocks one above the other.", low=1, high=6)
        feed_back: bool = field(True, help="A recurrent network reads at each step what it wrote at the one before.")
        truncate: int = field(0, help="Cut the recurrent gradient at every so-manieth step; 0: not.", low=0, high=512)
        forget_bias: float = field(
            FORGET_BIAS, help="What an LSTM's forget gates start with: the higher, the longer it remembers.", low=-5.0, high=5.0
        )
        output: str = field(
            "straight-through", help="How tokens are chosen: one, by dice that lie in z, or a soft mixture.", choices=OUTPUTS
        )
        dice: float = field(0.5, help="Share of z that throws those dice.", low=0.1, high=0.9)
        temperature_start: float = field(1.0, help="Softness of the choice of tokens at first.", low=0.05, high=10.0)
        temperature_end: float = field(0.3, help="Softness of the choice of tokens in the end.", low=0.05, high=10.0)
        anneal_samples: int = field(
            200_000, help="Samples over which the softness changes; 0: the end from the start.", low=0, high=100_000_000
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        steps = spec.shape[0]
        self.tokens = spec.kind in TOKEN_KINDS
        throws = self.tokens and config.output == "straight-through"
        dice = min(max(1, round(config.dice * config.latent_dim)), config.latent_dim - 1) if throws else 0
        start, output = _start(config, dice), _output(config, spec, dice)
        make = {"cnn": _convolutions, "transformer": _blocks}.get(config.backbone, _written)
        stages = make(config, steps, start, output)
        stages["sample"] = output
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        features = latent
        for stage in self.stages:
            features = stage(features, latent)
        return features  # (N, T, C)

    def log_likelihood(self, latent: torch.Tensor, sample: torch.Tensor) -> torch.Tensor:
        """Return the log-probability (N, T) of each token of one-hot samples (N, T, V), the dice being free.

        Recurrent backbones are given the sample's own earlier tokens (teacher forcing: Williams & Zipser 1989), if they
        read them at all; to the others all places are independent, given the latent. τ is 1. Raises ValueError where
        samples are not made of tokens.
        """
        if not self.tokens:
            raise ValueError("only series of tokens have a likelihood; this generator makes numbers")
        features, sample = latent, sample.detach()
        for stage in list(self.stages)[:-1]:
            for layer in stage:
                features = layer.follow(features, sample) if isinstance(layer, Writer) else layer(features)
        return token_log_likelihood(self.stages.sample[0](features), sample)


def _start(config: Generator.Config, dice: int) -> list[nn.Module]:
    return [LatentPart(config.latent_dim - dice)] if dice else []


def _output(config: Generator.Config, spec: SampleSpec, dice: int) -> Stage:
    """Make the last stage: what turns features (N, T, width) into a sample."""
    steps, values = spec.shape
    head: nn.Module = nn.Tanh()
    if spec.kind in TOKEN_KINDS:
        head = TokenHead(
            steps, values, dice, config.output,
            start=config.temperature_start, end=config.temperature_end, anneal=config.anneal_samples,
        )  # fmt: skip
    return Stage(nn.Linear(config.width, values), head)


def _entering(config: Generator.Config, start: list[nn.Module]) -> int:
    """Return how many numbers of the latent enter the network."""
    return start[0].stop if start else config.latent_dim


def _written(config: Generator.Config, steps: int, start: list[nn.Module], output: Stage) -> OrderedDict[str, Stage]:
    project = Stage(*start, nn.Linear(_entering(config, start), config.width), nn.LeakyReLU(SLOPE))
    writer = Writer(
        config.backbone, config.width, config.width, steps, output,
        num_layers=config.num_layers, feed_back=config.feed_back, truncate=config.truncate, forget_bias=config.forget_bias,
    )  # fmt: skip
    return OrderedDict(project=project, write=Stage(writer))


def _convolutions(config: Generator.Config, steps: int, start: list[nn.Module], output: Stage) -> OrderedDict[str, Stage]:
    short, doublings = short_start(steps)
    project = nn.Linear(_entering(config, start), short * config.width)
    stages = OrderedDict(project=Stage(*start, project, nn.Unflatten(1, (short, config.width))))
    for number in range(1, doublings + 1):
        blocks = [ResidualSteps(config.width, 3) for _ in range(config.num_layers)]
        whole = [FirstSteps(steps)] if number == doublings else []
        stages[f"up{number}"] = Stage(nn.LeakyReLU(SLOPE), DoubleSteps(config.width, config.width), *whole, *blocks)
    return stages


def _blocks(config: Generator.Config, steps: int, start: list[nn.Module], output: Stage) -> OrderedDict[str, Stage]:
    project = nn.Linear(_entering(config, start), steps * config.width)
    stages = OrderedDict(project=Stage(*start, project, nn.Unflatten(1, (steps, config.width))))
    for number in range(1, config.num_layers + 1):
        stages[f"block{number}"] = Stage(*attending(config.width, steps, number))
    return stages


class Discriminator(nn.Module):
    """Map series (N, T, C) to logits (N,): judged at every step (stage `steps`, (N, T, 1)), the judgements averaged.

    A recurrent one that reads one way gives the last step's judgement as much weight as the mean of all.
    """

    @dataclass(frozen=True)
    class Config:
        backbone: str = field("cnn", help="What reads the series.", choices=BACKBONES, advanced=False)
        width: int = field(64, help="Numbers that the network keeps for each step.", low=4, high=512, advanced=False)
        num_layers: int = field(2, help="Cells or blocks one above the other.", low=1, high=6)
        kernel_size: int = field(5, help="Steps that each convolution looks at.", low=1, high=15)
        direction: str = field(
            "one way", help="A recurrent network reads from the start, or from both ends.", choices=DIRECTIONS
        )
        truncate: int = field(0, help="Cut the recurrent gradient at every so-manieth step; 0: not.", low=0, high=512)
        forget_bias: float = field(
            FORGET_BIAS, help="What an LSTM's forget gates start with: the higher, the longer it remembers.", low=-5.0, high=5.0
        )
        curriculum: int = field(
            0, help="Show one step more for every so many samples seen, from the first step on; 0: all.", low=0, high=10_000_000
        )

        minibatch_std: bool = field(False, help="Tell D how much a batch varies, so that texts all alike give themselves away.")

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        steps, values = spec.shape
        begun = [Curriculum(config.curriculum)] if config.curriculum else []
        stages = OrderedDict(read=Stage(*begun, nn.Linear(values, config.width)))
        width = config.width
        for number in range(1, config.num_layers + 1):
            name, layers, width = _reader(config, steps, width, number)
            stages[name] = Stage(*layers)
        spread = [StepSpread()] if config.minibatch_std else []
        into = nn.Linear(width + len(spread), config.width)
        stages["steps"] = Stage(*spread, nn.LeakyReLU(SLOPE), into, nn.LeakyReLU(SLOPE), nn.Linear(config.width, 1))
        stages["score"] = Stage(StepScore(last=config.backbone in CELLS and config.direction == "one way"))
        self.stages = nn.Sequential(stages)

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(sample)  # (N,)


def _reader(config: Discriminator.Config, steps: int, width: int, number: int) -> tuple[str, list[nn.Module], int]:
    """Return the name of reading layer `number`, from 1, its modules, and how many numbers a step it gives."""
    if config.backbone == "cnn":
        return f"block{number}", [ResidualSteps(config.width, config.kernel_size)], config.width
    if config.backbone == "transformer":
        return f"block{number}", attending(config.width, steps, number), config.width
    count = 2 if config.direction == "both ways" else 1
    cells = [Recurrent(config.backbone, width, config.width, config.truncate, config.forget_bias) for _ in range(count)]
    return f"states{number}", [BothWays(*cells)] if count == 2 else cells, count * config.width
