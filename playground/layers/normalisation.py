"""The choice of normalisation: which numbers share a mean and a standard deviation."""

from __future__ import annotations

import math

from torch import nn

NORMALISATIONS = ("batch", "instance", "layer", "group", "spectral", "none")
GROUPS = 8  # fewer where there are fewer channels


def normalisation(kind: str, channels: int) -> list[nn.Module]:
    """Make the module that normalises (N, channels, H, W), in a list; an empty one for `none` and
    for `spectral`, which is a matter of the weights.

    Mean and variance are taken for each channel over the batch (`batch`, Ioffe & Szegedy 2015), for each channel of
    each sample (`instance`, Ulyanov 2016), for each sample (`layer`, Ba 2016), or for each sample over groups of
    channels (`group`, Wu & He 2018). All but `batch` leave samples independent of each other, which a gradient
    penalty needs. Each has a learnt scale and shift a channel.
    """
    if kind in ("none", "spectral"):
        return []
    if kind == "batch":
        return [nn.BatchNorm2d(channels)]
    groups = {"instance": channels, "layer": 1, "group": math.gcd(GROUPS, channels)}[kind]
    return [nn.GroupNorm(groups, channels)]
