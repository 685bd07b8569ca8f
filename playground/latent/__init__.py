"""Ways through latent space."""

from playground.latent.interpolation import INTERPOLATIONS, interpolate, lerp, path, slerp

__all__ = ["INTERPOLATIONS", "interpolate", "lerp", "path", "slerp"]
