"""Layers for sounds (N, C, L): a spectrogram that gradients pass through, a shuffle of phases, and cutting into frames."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn.functional import conv1d, pad

from playground.kinds._sound import mel_bands
from playground.layers.parts import Drawing, Weighted

FLOOR = 1e-3  # of power: what is more than 30 dB below a sine of full scale hardly counts
CENTRE, SCALE = -6.0, 1.5  # of the logarithms of drum hits, so that what comes out is about 0 ± 1


class LogSpectrogram(Weighted):
    """Turn sounds (N, 1, L) into pictures (N, 1, bands, L / hop): how loud each band is at each time.

    A short-time Fourier transform with a Hann window, then the energies in bands equally wide on the mel scale, lowest first,
    and their logarithm: (log(power + 10⁻³) + 6) / 1.5, where a sine of full scale has power 1. Both transforms are fixed sums
    of products, so that it can be differentiated twice. Frame n is centred at value (n + ½)·hop.
    """

    def __init__(self, window: int, hop: int, bands: int) -> None:
        super().__init__()
        self.window, self.hop, self.bands = window, hop, bands
        self.register_buffer("waves", torch.empty(window + 2, 1, window), persistent=False)
        self.register_buffer("mel", torch.empty(bands, window // 2 + 1), persistent=False)

    @torch.no_grad()
    def draw(self, source: torch.Generator) -> None:
        time, frequency = torch.arange(self.window).double(), torch.arange(self.window // 2 + 1).double()
        shape = torch.hann_window(self.window, dtype=torch.float64)
        turns = frequency[:, None] * time * (2 * math.pi / self.window)
        self.waves.copy_((torch.cat([turns.cos(), turns.sin()]) * (2 * shape / shape.sum()))[:, None])
        self.mel.copy_(mel_bands(self.bands, self.window))

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return (self.waves.numel() + self.mel.numel()) * output_shape[2]

    def kept(self, input_shape: tuple[int, ...]) -> int:
        return len(self.waves) * (input_shape[1] // self.hop)  # cosines and sines

    def forward(self, sounds: torch.Tensor) -> torch.Tensor:
        if sounds.is_meta:  # shapes only, and it has no autocast
            return sounds.new_empty(len(sounds), 1, self.bands, sounds.shape[2] // self.hop)
        before = (self.window - self.hop) // 2
        with torch.autocast(sounds.device.type, enabled=False):  # three digits would drown what is 40 dB below the loudest
            padded = pad(sounds.to(self.waves.dtype), (before, self.window - self.hop - before))
            cosines, sines = conv1d(padded, self.waves, stride=self.hop).chunk(2, 1)  # (N, window / 2 + 1, frames)
            power = self.mel @ (cosines.square() + sines.square())
            return (((power + FLOOR).log() - CENTRE) / SCALE).unsqueeze(1)

    def extra_repr(self) -> str:
        return f"window={self.window}, hop={self.hop}, bands={self.bands}"


class PhaseShuffle(Drawing):
    """Move the maps of each sound (N, …, L) by a random whole number of places, -reach to reach, ends mirrored, in training.

    Transposed convolutions leave a pattern of fixed phase, which D would know fakes by: Donahue 2019 (1802.04208), section 3.3.
    """

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.reach = reach

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        if not self.training or not self.reach or maps.is_meta:
            return maps
        last = maps.shape[-1] - 1
        drawn = self.uniform(len(maps), 1, like=maps.new_empty(0, dtype=torch.float32))  # of few digits 1 would be drawn too
        at = torch.arange(last + 1, device=maps.device) + (drawn * (2 * self.reach + 1)).long() - self.reach  # (N, L)
        at = (last - (last - at.abs()).abs()).clamp(0, last)  # mirrored at either end; a very short map stops there
        return maps.gather(-1, at.view(len(maps), *[1] * (maps.ndim - 2), -1).expand_as(maps))

    def extra_repr(self) -> str:
        return f"reach={self.reach}"


class ToFrames(nn.Module):
    """Cut sounds (N, 1, L) into a series of frames (N, L / size, size)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, sounds: torch.Tensor) -> torch.Tensor:
        return sounds.flatten(1).unflatten(1, (-1, self.size))
