"""WaveGAN: raw waveforms by transposed convolutions (C. Donahue, J. McAuley, M. Puckette 2019, 1802.04208).

New in it: DCGAN's ladder laid flat for sound, with long kernels and a stride of 4 along time alone; and phase shuffle, which
keeps D from knowing fakes by the fixed pattern that transposed convolutions leave. Beside its discriminator stand two
others: one sees a log spectrogram, as D of the paper's SpecGAN does but with the transform inside the network, so that G
still makes waveforms; one reads the waveform frame by frame with a recurrent cell.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from playground.architectures._architecture import Architecture
from playground.config import check, field
from playground.layers import LogSpectrogram, PhaseShuffle, Recurrent, Stage, ToFrames, normalisation
from playground.recipe import Recipe
from playground.samples import SampleSpec

# Maps are (N, C, 1, L), with kernels of height 1: in bfloat16 with channels-last a forward and backward pass takes 0.85 of the
# time that maps (N, C, L) take, which PyTorch cannot lay out so.
STRIDE, NUM_STAGES = 4, 4  # 4 places become 1,024 values
KERNELS = (9, 13, 17, 25, 33)
WINDOW, HOP, BANDS = 256, 64, 64  # of the spectrogram: 32 ms, every 8 ms
FRAME = 64  # values that the recurrent D reads at a step
SIGHTS = ("spectrogram", "waveform", "both", "frames")


class StepMean(nn.Module):
    """Average over steps: (N, T, F) -> (N, F)."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.mean(1)


class MeanJudgement(nn.Module):
    """Average the judgements of several parts of D: (N, parts) -> (N,)."""

    def forward(self, judgements: torch.Tensor) -> torch.Tensor:
        return judgements.mean(1)


class Generator(nn.Module):
    """Map latents (N, latent_dim) to sounds (N, 1, L) in [-1, 1]: a short map, four times as long after each stage."""

    @dataclass(frozen=True)
    class Config:
        latent_dim: int = field(32, help="Numbers in the latent vector z.", low=2, high=512, advanced=False)
        width: int = field(
            16, help="Channels of the last hidden stage; each before it has twice as many.", low=2, high=128, advanced=False
        )
        kernel_size: int = field(25, help="Values over which one value of the map before is spread.", choices=KERNELS)
        normalisation: str = field(
            "batch", help="What each hidden stage's numbers are normalised over.", choices=("batch", "layer", "none")
        )

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        channels, length = config.width * 2 ** (NUM_STAGES - 1), spec.shape[1] // STRIDE**NUM_STAGES
        start = [nn.Linear(config.latent_dim, channels * length), nn.Unflatten(1, (channels, 1, length))]
        stages = OrderedDict(project=Stage(*start, *normalisation(config.normalisation, channels), nn.ReLU()))
        for number in range(1, NUM_STAGES):
            norm = normalisation(config.normalisation, channels // 2)
            stages[f"up{number}"] = Stage(lengthen(channels, channels // 2, config.kernel_size), *norm, nn.ReLU())
            channels //= 2
        stages["sound"] = Stage(lengthen(channels, spec.shape[0], config.kernel_size), nn.Tanh(), nn.Flatten(1, 2))
        self.stages = nn.Sequential(stages)

    def forward(self, latent: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.stages(latent)  # (N, 1, L)


def lengthen(channels: int, out_channels: int, kernel_size: int) -> nn.ConvTranspose2d:
    """Make a transposed convolution along time that gives four places for each: (N, C, 1, L) -> (N, C', 1, 4·L)."""
    padding = (kernel_size - STRIDE + 1) // 2
    extra = 2 * padding + STRIDE - kernel_size
    return nn.ConvTranspose2d(channels, out_channels, (1, kernel_size), (1, STRIDE), (0, padding), (0, extra))


class Discriminator(nn.Module):
    """Map sounds (N, 1, L) to logits (N,), by what it `sees`; seeing `both`, it averages two judgements."""

    @dataclass(frozen=True)
    class Config:
        sees: str = field(
            "both",
            help="What D judges: the log spectrogram, the waveform, both of them, or the waveform read frame by frame.",
            choices=SIGHTS,
            advanced=False,
        )
        width: int = field(
            8, help="Channels of the first stage; each after it has twice as many.", low=2, high=128, advanced=False
        )
        kernel_size: int = field(25, help="Values that a stage sees at once in the waveform.", choices=KERNELS)
        phase_shuffle: int = field(
            2, help="Places by which the waveform's maps are moved at random, to either side.", low=0, high=16
        )
        slope: float = field(0.2, help="Slope of the leaky ReLU for negative values.", low=0.0, high=1.0)

        def __post_init__(self) -> None:
            check(self)

    def __init__(self, config: Config, spec: SampleSpec) -> None:
        super().__init__()
        makers = {"spectrogram": spectrogram_stages, "waveform": waveform_stages, "frames": frame_stages}
        chosen = ("spectrogram", "waveform") if config.sees == "both" else (config.sees,)
        self.parts = nn.ModuleDict({name: nn.Sequential(makers[name](config, spec)) for name in chosen})
        self.score = Stage(MeanJudgement())

    def forward(self, sample: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        return self.score(torch.cat([part(sample) for part in self.parts.values()], 1))  # (N,)


def spectrogram_stages(config: Discriminator.Config, spec: SampleSpec) -> OrderedDict[str, Stage]:
    """Judge the log spectrogram as a picture, bands by time, halved by each stage."""
    stages, channels = OrderedDict(spectrum=Stage(LogSpectrogram(WINDOW, HOP, BANDS))), 1
    for number in range(1, NUM_STAGES + 1):
        out_channels = config.width * 2 ** (number - 1)
        stages[f"halve{number}"] = Stage(nn.Conv2d(channels, out_channels, 4, 2, 1), nn.LeakyReLU(config.slope))
        channels = out_channels
    size = channels * (BANDS >> NUM_STAGES) * (spec.shape[1] // HOP >> NUM_STAGES)
    stages["seen"] = Stage(nn.Flatten(), nn.Linear(size, 1))
    return stages


def waveform_stages(config: Discriminator.Config, spec: SampleSpec) -> OrderedDict[str, Stage]:
    """Judge the waveform as the paper does: the generator's ladder upside down, each stage a quarter as long."""
    stages, channels, inputs = OrderedDict(), spec.shape[0], [nn.Unflatten(1, (spec.shape[0], 1))]
    padding = (config.kernel_size - STRIDE + 1) // 2
    for number in range(1, NUM_STAGES + 1):
        out_channels = config.width * 2 ** (number - 1)
        shorten = nn.Conv2d(channels, out_channels, (1, config.kernel_size), (1, STRIDE), (0, padding))
        shuffle = [PhaseShuffle(config.phase_shuffle)] if number < NUM_STAGES else []
        stages[f"down{number}"] = Stage(*inputs, shorten, nn.LeakyReLU(config.slope), *shuffle)
        channels, inputs = out_channels, []
    size = channels * spec.shape[1] // STRIDE**NUM_STAGES
    stages["heard"] = Stage(nn.Flatten(), nn.Linear(size, 1))
    return stages


def frame_stages(config: Discriminator.Config, spec: SampleSpec) -> OrderedDict[str, Stage]:
    """Judge the waveform by reading it frame by frame, with a judgement after each, averaged."""
    width = 8 * config.width
    read = Stage(ToFrames(FRAME), nn.Linear(FRAME, width), nn.LeakyReLU(config.slope), Recurrent("gru", width, width))
    judge = Stage(nn.Linear(width, width), nn.LeakyReLU(config.slope), StepMean(), nn.Linear(width, 1))
    return OrderedDict(frames=read, read=judge)


ARCHITECTURE = Architecture(
    name="wavegan",
    title="WaveGAN",
    year=2019,
    summary="Transposed convolutions along time make raw waveforms; D sees their spectrogram, or the waveform itself.",
    paper="after Donahue, McAuley & Puckette 2019, arXiv:1802.04208",
    generator=Generator,
    discriminator=Discriminator,
    generator_config=Generator.Config(),
    discriminator_config=Discriminator.Config(),
    recipe=Recipe(
        loss="relativistic-pairing",
        batch_size=16,
        learning_rate_generator=1e-3,
        learning_rate_discriminator=1e-3,
        penalty="r1+r2",
        penalty_weight=1.0,
        penalty_every=8,
        beta1=0.0,
        beta2=0.99,
    ),
    kinds=("audio",),
    order=130,
)
