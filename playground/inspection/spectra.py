"""Spectra of pictures: where the power lies, and how much of it is a checkerboard (Odena 2016; Durall 2020, 2003.01826)."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from playground.config import shorten
from playground.experiment import Experiment
from playground.layers import UPSAMPLINGS

RESIZES = tuple(kind for kind in UPSAMPLINGS if kind != "transposed")
KERNELS = {3: (1, 1), 4: (1, 0), 5: (2, 1)}  # padding and output padding that double a map with a stride of 2


def power(images: np.ndarray) -> np.ndarray:
    """Return the mean power spectrum (H, W // 2 + 1) of pictures (N, C, H, W), the mean of each picture taken off."""
    values = np.asarray(images, np.float64)
    if values.ndim != 4 or not len(values):
        raise ValueError(f"pictures must be (N, C, H, W), at least one, not {values.shape}")
    values = values - values.mean((2, 3), keepdims=True)
    return (np.abs(np.fft.rfft2(values)) ** 2).mean((0, 1)) / (values.shape[2] * values.shape[3])


def radial_spectrum(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies in cycles a pixel (bins,), up to 0.5, and the mean power at each, averaged over all directions.

    `images` is (N, C, H, W). The bins are as wide as one cycle over the smaller side; the mean (frequency 0) is left out.
    """
    spectrum, weights, radius = _plane(images)
    side = min(images.shape[2:])
    bins = np.rint(radius * side).astype(int)
    wanted = np.arange(1, side // 2 + 1)
    sums, counts = (np.bincount(bins.ravel(), values.ravel(), side)[wanted] for values in (spectrum * weights, weights))
    return wanted / side, sums / np.maximum(counts, 1)


def checkerboard_energy(images: np.ndarray) -> float:
    """Return the share of the power that alternates from pixel to pixel, along rows, columns or both (the Nyquist lines).

    0 to 1; of white noise about 2 / side. `images` is (N, C, H, W); the mean of each picture does not count.
    """
    spectrum, weights, _ = _plane(images)
    weighted = spectrum * weights
    height, width = images.shape[2:]
    chosen = np.zeros(weighted.shape, bool)
    if height % 2 == 0:
        chosen[height // 2] = True
    if width % 2 == 0:
        chosen[:, -1] = True
    total = weighted.sum()
    return float(weighted[chosen].sum() / total) if total else 0.0


def _plane(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the spectrum's half plane, how often each of its numbers stands in the whole one, and the frequencies."""
    spectrum = power(images)
    height, width = images.shape[2:]
    weights = np.full(spectrum.shape, 2.0)
    weights[:, 0] = 1
    if width % 2 == 0:
        weights[:, -1] = 1
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    return spectrum, weights, radius


def enlarging_pair(experiment: Experiment, resize: str = "nearest", kernel: int | None = None) -> tuple[Experiment, Experiment]:
    """Return the experiment with transposed convolutions, and with `resize` followed by a convolution; all else is equal.

    Both have the same seed. `kernel` is the transposed one's kernel size, 3, 4 or 5, by default the experiment's own
    where it fits and else 4. Raises ValueError for a generator that has no such choice, and for another kernel or resize.
    """
    generator = experiment.generator
    if "upsampling" not in {entry.name for entry in fields(generator)}:
        raise ValueError(f"the generator of {experiment.architecture} enlarges in its own way, which cannot be exchanged")
    if resize not in RESIZES:
        raise ValueError(f"resize must be one of: {', '.join(RESIZES)}; not {shorten(resize)}")
    if kernel is not None and kernel not in KERNELS:
        raise ValueError(f"kernel must be one of: {', '.join(map(str, KERNELS))}; not {shorten(kernel)}")
    own = set(generator.upsampling) == {"transposed"}
    if not own or kernel is not None:
        kernel = kernel or 4
        padding, extra = KERNELS[kernel]
        shape = {"kernel_size": (kernel,), "stride": (2,), "padding": (padding,), "output_padding": (extra,)}
    else:
        shape = {}
    transposed = replace(experiment, generator=replace(generator, upsampling=("transposed",), **shape))
    return transposed, replace(transposed, generator=replace(transposed.generator, upsampling=(resize,)))
