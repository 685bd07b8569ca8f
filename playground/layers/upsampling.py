"""The four ways to enlarge a feature map."""

from __future__ import annotations

import warnings

from torch import nn

from playground.layers.spectral import SpectralConv2d, SpectralConvTranspose2d

# it says that an even kernel costs a copy, once in every process: known, and nobody's concern who sees it in a terminal
warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")

UPSAMPLINGS = ("transposed", "nearest", "bilinear", "pixel-shuffle")


def upsample(
    kind: str,
    in_channels: int,
    out_channels: int,
    *,
    kernel_size: int,
    stride: int,
    padding: int,
    output_padding: int,
    bias: bool,
    spectral: bool = False,
) -> list[nn.Module]:
    """Make the modules that enlarge (N, in_channels, H, W) by `stride`.

    `transposed` gives (H - 1) * stride - 2 * padding + kernel_size + output_padding. The other kinds give H * stride
    exactly: they convolve with same-padding, so `padding` and `output_padding` do not apply to them. With `spectral`
    the weights are divided by their largest singular value.
    """
    convolution, transposed = (SpectralConv2d, SpectralConvTranspose2d) if spectral else (nn.Conv2d, nn.ConvTranspose2d)
    if kind == "transposed":
        return [transposed(in_channels, out_channels, kernel_size, stride, padding, output_padding, bias=bias)]
    if kind == "pixel-shuffle":
        enlarge = convolution(in_channels, out_channels * stride**2, kernel_size, padding="same", bias=bias)
        return [enlarge, nn.PixelShuffle(stride)]  # Shi 2016, 1609.05158
    resize = nn.Upsample(scale_factor=stride, mode=kind)  # Odena 2016: against checkerboards
    return [resize, convolution(in_channels, out_channels, kernel_size, padding="same", bias=bias)]
