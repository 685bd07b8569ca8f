"""Looking into networks: sizes without running them, what would repair these, and the contents of every stage."""

from playground.inspection.chain_code import to_code
from playground.inspection.chain_settings import from_experiment, to_settings
from playground.inspection.chains import Chain, Fault, Layer, default_chain, formulas, problem, read_chain, sizes
from playground.inspection.contributions import Pixel, Seen, Term, contributions, convolutions
from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.geometry import Geometry, adjoint, matrix, overlap_count
from playground.inspection.microscope import Inserted, Stamp, flipped, scatter, zero_insertion
from playground.inspection.mirroring import Mirror, mirror
from playground.inspection.moves import Move
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.solver import Repair, repairs
from playground.inspection.spectra import checkerboard_energy, enlarging_pair, radial_spectrum
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "Chain",
    "Fault",
    "Geometry",
    "Inserted",
    "Layer",
    "Mirror",
    "Move",
    "Pixel",
    "Problem",
    "Repair",
    "Scores",
    "Seen",
    "ShapeTable",
    "StageMaps",
    "Stamp",
    "Term",
    "Wants",
    "adjoint",
    "checkerboard_energy",
    "contributions",
    "convolutions",
    "default_chain",
    "enlarging_pair",
    "feature_maps",
    "flipped",
    "follow",
    "formula",
    "formulas",
    "from_experiment",
    "matrix",
    "mirror",
    "overlap_count",
    "problem",
    "radial_spectrum",
    "read_chain",
    "repairs",
    "scatter",
    "scores",
    "shape_table",
    "sizes",
    "to_code",
    "to_settings",
    "wants",
    "zero_insertion",
]
