"""Ways through latent space, its seeds in order, and how smooth it is."""

from playground.latent.interpolation import INTERPOLATIONS, interpolate, lerp, path, slerp
from playground.latent.path_length import PathLength, path_length
from playground.latent.ranking import Ranking, rank

__all__ = ["INTERPOLATIONS", "PathLength", "Ranking", "interpolate", "lerp", "path", "path_length", "rank", "slerp"]
