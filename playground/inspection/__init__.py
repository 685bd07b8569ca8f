"""Looking into networks: sizes without running them, the contents of every stage, and the arithmetic of its layers."""

from playground.inspection.contributions import Pixel, Seen, Term, contributions, convolutions
from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.geometry import Geometry, adjoint, matrix, overlap_count
from playground.inspection.microscope import Inserted, Stamp, flipped, scatter, zero_insertion
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.spectra import checkerboard_energy, enlarging_pair, radial_spectrum
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "Geometry", "Inserted", "Pixel", "Problem", "Scores", "Seen", "ShapeTable", "StageMaps", "Stamp", "Term", "Wants",
    "adjoint", "checkerboard_energy", "contributions", "convolutions", "enlarging_pair", "feature_maps", "flipped",
    "follow", "formula", "matrix", "overlap_count", "radial_spectrum", "scatter", "scores", "shape_table", "wants",
    "zero_insertion",
]  # fmt: skip
