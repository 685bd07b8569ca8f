"""Ways through latent space."""

from playground.latent.interpolation import INTERPOLATIONS, interpolate, lerp, path, slerp
from playground.latent.inversion import Inversion, Progress, invert
from playground.latent.targets import prepare_target, read_picture

__all__ = [
    "INTERPOLATIONS",
    "Inversion",
    "Progress",
    "interpolate",
    "invert",
    "lerp",
    "path",
    "prepare_target",
    "read_picture",
    "slerp",
]
