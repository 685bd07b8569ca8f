"""Ways through latent space."""

from playground.latent.components import finding_components, principal_components
from playground.latent.contrasts import class_direction, marked_direction
from playground.latent.curves import random_latents
from playground.latent.direction_files import load_directions, save_directions
from playground.latent.directions import Direction, move
from playground.latent.factors import factors
from playground.latent.interpolation import INTERPOLATIONS, along, even_positions, lerp, path, slerp
from playground.latent.inversion import Inversion, Progress, invert
from playground.latent.mapping import SampleMap, sample_map
from playground.latent.mixing import style_mixing
from playground.latent.path_length import PathLength, path_length
from playground.latent.plane import Plane, on_plane, plane
from playground.latent.points import Point, codes_of, labels_of, read_point, read_points, usual_length, write_point
from playground.latent.ranking import Ranking, rank
from playground.latent.spaces import decode, to_styles, truncate
from playground.latent.speed import SPEEDS
from playground.latent.targets import prepare_target, read_picture
from playground.latent.walks import Route, Walked, interpolate, random_walk, seed_points, walk

__all__ = [
    "INTERPOLATIONS",
    "SPEEDS",
    "Direction",
    "Inversion",
    "PathLength",
    "Plane",
    "Point",
    "Progress",
    "Ranking",
    "Route",
    "SampleMap",
    "Walked",
    "along",
    "class_direction",
    "codes_of",
    "decode",
    "even_positions",
    "factors",
    "finding_components",
    "interpolate",
    "invert",
    "labels_of",
    "lerp",
    "load_directions",
    "marked_direction",
    "move",
    "on_plane",
    "path",
    "path_length",
    "plane",
    "prepare_target",
    "principal_components",
    "random_latents",
    "random_walk",
    "rank",
    "read_picture",
    "read_point",
    "read_points",
    "sample_map",
    "save_directions",
    "seed_points",
    "slerp",
    "style_mixing",
    "to_styles",
    "truncate",
    "usual_length",
    "walk",
    "write_point",
]
