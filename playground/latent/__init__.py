"""Ways through latent space."""

from playground.latent.curves import random_latents
from playground.latent.interpolation import INTERPOLATIONS, along, even_positions, lerp, path, slerp
from playground.latent.mixing import style_mixing
from playground.latent.speed import SPEEDS
from playground.latent.walks import Route, Walked, interpolate, random_walk, walk

__all__ = [
    "INTERPOLATIONS",
    "SPEEDS",
    "Route",
    "Walked",
    "along",
    "even_positions",
    "interpolate",
    "lerp",
    "path",
    "random_latents",
    "random_walk",
    "slerp",
    "style_mixing",
    "walk",
]
