"""Ways through latent space."""

from playground.latent.components import finding_components, principal_components
from playground.latent.contrasts import class_direction, marked_direction
from playground.latent.direction_files import load_directions, save_directions
from playground.latent.directions import Direction, move
from playground.latent.factors import factors
from playground.latent.interpolation import INTERPOLATIONS, interpolate, lerp, path, slerp

__all__ = [
    "INTERPOLATIONS",
    "Direction",
    "class_direction",
    "factors",
    "finding_components",
    "interpolate",
    "lerp",
    "load_directions",
    "marked_direction",
    "move",
    "path",
    "principal_components",
    "save_directions",
    "slerp",
]
