"""Building blocks that the architectures share."""

from playground.layers.initialisation import initialise
from playground.layers.maxout import Maxout
from playground.layers.spectral import SpectralConv2d, SpectralLinear
from playground.layers.stage import Stage, per_stage
from playground.layers.tracing import Row, ShapeError, trace
from playground.layers.upsampling import UPSAMPLINGS, upsample

__all__ = [
    "UPSAMPLINGS",
    "Maxout",
    "Row",
    "ShapeError",
    "SpectralConv2d",
    "SpectralLinear",
    "Stage",
    "initialise",
    "per_stage",
    "trace",
    "upsample",
]
