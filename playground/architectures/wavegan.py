"""WaveGAN: raw waveforms by transposed convolutions (C. Donahue, J. McAuley, M. Puckette 2019, 1802.04208).

New in it: DCGAN's ladder laid flat for sound, with long kernels and a stride of 4 along time alone; and phase shuffle, which
keeps D from knowing fakes by the fixed pattern that transposed convolutions leave. Beside its discriminator stand two
others: one sees the log spectrogram, as D of the paper's SpecGAN does but with the transform inside the network, so that G
still makes waveforms; one reads the waveform frame by frame with a recurrent cell.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import LogSpectrogram, PhaseShuffle, Recurrent, Stage, ToFrames
from playground.recipe import Recipe
from playground.samples import SampleSpec

STRIDE = 4
NUM_STAGES = 4  # each 4 times as long as the one before: 8 places become 2,048 values
WINDOW, HOP = 256, 64
FRAME = 64
JUDGES = ("spectrogram", "convolutional", "recurrent", "both")


class StepMean(nn.Module):
    """Average over steps: (N, T, F) -> (N, F)."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.mean(1)


class Generator(nn.Module):
    """Map latents (N, latent_dim) to sounds (N, 1, L) in [-1, 1]: a short map, four times as long after each stage."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            16, help="Channels of the last hidden stage; each before it has twice as many.", low=2, high=128, advanced=False
        )
        kernel_size: int = field(25, help="Values that one value of the map before reaches.", choices=(9, 13, 17, 25, 33))
        upsampling: str = field("transposed", help="x", choices=("transposed", "shuffle", "nearest"))
        norm: bool = field(False, help="x")

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        channels, length = config.width * 2 ** (NUM_STAGES - 1), spec.shape[1] // STRIDE**NUM_STAGES
        project = nn.Linear(config.latent_dim, channels * length)
        stages = OrderedDict(project=Stage(project, nn.Unflatten(1, (channels, length)), nn.ReLU()))
        for number in range(1, NUM_STAGES + 1):
            last = number == NUM_STAGES
            out_channels = spec.shape[0] if last else channels // 2
            finish = [nn.Tanh()] if last else [*([nn.BatchNorm1d(out_channels)] if config.norm else []), nn.ReLU()]
            stages[f"up{number}"] = Stage(*up(channels, out_channels, config), *finish)
            channels = out_channels
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, 1, L)


class Shuffle1d(nn.Module):
    def forward(self, x):
        return x.unflatten(1, (-1, STRIDE)).transpose(2, 3).flatten(2)


def up(channels, out, config):
    k = config.kernel_size
    if config.upsampling == "transposed":
        return [lengthen(channels, out, k)]
    if config.upsampling == "shuffle":
        return [nn.Conv1d(channels, out * STRIDE, k // 4 | 1, padding=(k // 4 | 1) // 2), Shuffle1d()]
    return [nn.Upsample(scale_factor=STRIDE), nn.Conv1d(channels, out, k, padding=k // 2)]


def lengthen(channels: int, out_channels: int, kernel_size: int) -> nn.ConvTranspose1d:
    """Make a transposed convolution that gives exactly four places for each."""
    padding = (kernel_size - STRIDE + 1) // 2
    return nn.ConvTranspose1d(channels, out_channels, kernel_size, STRIDE, padding, 2 * padding + STRIDE - kernel_size)


class Discriminator(nn.Module):
    """Map sounds (N, 1, L) to logits (N,): from the waveform, from its spectrogram, frame by frame, or the first two averaged."""

    @dataclass(frozen=True)
    class Config:
        sees: str = field("spectrogram", help="What D judges by.", choices=JUDGES, advanced=False)
        width: int = field(
            16, help="Channels of the first stage; each after it has twice as many.", low=2, high=128, advanced=False
        )
        kernel_size: int = field(25, help="Values that a stage of the convolutional D looks at.", choices=(9, 13, 17, 25, 33))
        phase_shuffle: int = field(2, help="Places by which its maps are moved at random; 0: not.", low=0, high=16)
        slope: float = field(0.2, help="Slope of the leaky ReLU for negative values.", low=0.0, high=1.0)
        window: int = field(256, help="w")
        hop: int = field(64, help="w")
        bands: int = field(64, help="w")

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        parts = {"convolutional": convolutional, "spectrogram": spectrogram, "recurrent": recurrent}
        chosen = ("convolutional", "spectrogram") if config.sees == "both" else (config.sees,)
        self.heads = nn.ModuleDict({name: nn.Sequential(parts[name](config, spec)) for name in chosen})

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return sum(head(sample) for head in self.heads.values()) / len(self.heads)  # (N,)


def convolutional(config, spec: SampleSpec) -> OrderedDict[str, Stage]:
    """Judge the waveform: the generator's ladder upside down, each stage a quarter as long."""
    stages, channels = OrderedDict(), spec.shape[0]
    for number in range(1, NUM_STAGES + 1):
        out_channels = config.width * 2 ** (number - 1)
        shorten = nn.Conv1d(channels, out_channels, config.kernel_size, STRIDE, (config.kernel_size - STRIDE + 1) // 2)
        shuffle = [PhaseShuffle(config.phase_shuffle)] if number < NUM_STAGES else []
        stages[f"down{number}"] = Stage(shorten, nn.LeakyReLU(config.slope), *shuffle)
        channels = out_channels
    size = channels * spec.shape[1] // STRIDE**NUM_STAGES
    stages["score"] = Stage(nn.Flatten(), nn.Linear(size, 1), nn.Flatten(0))
    return stages


def spectrogram(config, spec: SampleSpec) -> OrderedDict[str, Stage]:
    """Judge the log spectrogram, a picture of frequency by time."""
    height, width, channels = config.bands, spec.shape[1] // config.hop, 1
    stages = OrderedDict(spectrum=Stage(LogSpectrogram(config.window, config.hop, config.bands)))
    for number in range(1, 5):
        out_channels = config.width * min(2 ** (number - 1), 4)
        stages[f"seen{number}"] = Stage(nn.Conv2d(channels, out_channels, 4, 2, 1), nn.LeakyReLU(config.slope))
        height, width, channels = height // 2, width // 2, out_channels
    stages["verdict"] = Stage(nn.Flatten(), nn.Linear(channels * height * width, 1), nn.Flatten(0))
    return stages


def recurrent(config, spec: SampleSpec) -> OrderedDict[str, Stage]:
    """Judge the waveform by reading it frame by frame, with a judgement at each step, averaged."""
    width = 4 * config.width
    read = Stage(ToFrames(FRAME), nn.Linear(FRAME, width), nn.LeakyReLU(config.slope), Recurrent("gru", width, width))
    judge = Stage(nn.Linear(width, width), nn.LeakyReLU(config.slope), StepMean(), nn.Linear(width, 1), nn.Flatten(0))
    return OrderedDict(frames=read, score=judge)


ARCHITECTURE = Architecture(
    name="wavegan",
    title="WaveGAN",
    year=2019,
    summary="Transposed convolutions along time make raw waveforms; D hears, or sees the spectrogram.",
    paper="Donahue, McAuley & Puckette 2019, arXiv:1802.04208",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    recipe=Recipe(loss="relativistic-pairing"),
    kinds=("audio",),
    order=130,
)
