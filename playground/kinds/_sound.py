"""What is heard in a sound, in numbers: its spectrum over time, the energy in bands, its pitch, how fast it dies away."""

from __future__ import annotations

import functools
import math

import torch

from playground.kinds._kind import SOUND_RATE

FLOOR = 1e-4  # of power: 40 dB below a sine of full scale, and what silence counts as
DECAY = 0.1  # the part of its energy that a sound has left when it counts as died away: 10 dB


def spectra(sounds: torch.Tensor, frames: int, window: int) -> torch.Tensor:
    """Return the power (N, frequencies, frames) of sounds (N, L), by windows (Hann) centred at equal steps.

    A sine of full scale has power 1 at its frequency. Frequencies are 0 to half the rate, `window` // 2 + 1 of them.
    """
    length = sounds.shape[-1]
    padded = torch.nn.functional.pad(sounds.float().nan_to_num(0).clamp(-1, 1), (window // 2, window // 2))
    starts = ((torch.arange(frames) + 0.5) * (length / frames)).long()
    shape = torch.hann_window(window)
    cut = padded[:, starts[:, None] + torch.arange(window)] * (2 * shape / shape.sum())  # (N, frames, window)
    return torch.view_as_real(torch.fft.rfft(cut)).square().sum(-1).mT


def band_levels(sounds: torch.Tensor, bands: int = 12, frames: int = 16, window: int = 256) -> torch.Tensor:
    """Return how loud sounds (N, L) are in each band at each time, (N, bands, frames), in units of 10 dB above the floor.

    Bands are equally wide on the mel scale (O'Shaughnessy 1987: 2595 log10(1 + f / 700)), triangles that overlap by half;
    0 is 40 dB below a sine of full scale, and 4 is as loud as one.
    """
    power = torch.einsum("nft,bf->nbt", spectra(sounds, frames, window), mel_bands(bands, window))
    return ((power + FLOOR) / FLOOR).log10()


@functools.cache
def mel_bands(bands: int, window: int) -> torch.Tensor:
    """Return the weights (bands, frequencies) of triangles equally spaced on the mel scale from 0 to half the rate.

    Each goes from the middle of the band below to that of the band above, and by at least one frequency to either side.
    """
    top = 2595 * math.log10(1 + SOUND_RATE / 2 / 700)
    corners = 700 * (10 ** (torch.linspace(0, top, bands + 2) / 2595) - 1)
    apart = torch.linspace(0, SOUND_RATE / 2, window // 2 + 1) - corners[1:-1, None]
    below, above = (step[:, None].clamp(min=SOUND_RATE / window) for step in (corners.diff()[:-1], corners.diff()[1:]))
    return (1 - torch.where(apart < 0, -apart / below, apart / above)).clamp(min=0)


def centroid(sounds: torch.Tensor) -> torch.Tensor:
    """Return the mean frequency of sounds (N, L), each weighed by its power, in Hz (N,): how bright they are. 0 of silence."""
    power = torch.view_as_real(torch.fft.rfft(sounds.float())).square().sum(-1)
    heard = torch.linspace(0, SOUND_RATE / 2, power.shape[1])
    return (power @ heard) / power.sum(1).clamp(min=1e-12)


def decay_time(sounds: torch.Tensor) -> torch.Tensor:
    """Return when a tenth of the energy of sounds (N, L) is still to come, in ms (N,)."""
    energy = sounds.double().square()
    left = energy.flip(1).cumsum(1).flip(1)
    return 1000 / SOUND_RATE * (left > DECAY * left[:, :1]).sum(1).float()


def loudness(sounds: torch.Tensor) -> torch.Tensor:
    """Return the root mean square of sounds (N, L) in dB below full scale (N,), -60 at the least."""
    return 10 * sounds.double().square().mean(1).clamp(min=1e-6).log10().float()
