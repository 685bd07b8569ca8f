"""Looking into networks: sizes without running them, what would repair these, and the contents of every stage."""

from playground.inspection.chain_code import to_code
from playground.inspection.chain_settings import from_experiment, to_settings
from playground.inspection.chains import Chain, Fault, Layer, default_chain, formulas, problem, read_chain, sizes
from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.mirroring import Mirror, mirror
from playground.inspection.moves import Move
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.solver import Repair, repairs
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "Chain", "Fault", "Layer", "Mirror", "Move", "Problem", "Repair", "Scores", "ShapeTable", "StageMaps", "Wants",
    "default_chain", "feature_maps", "follow", "formula", "formulas", "from_experiment", "mirror", "problem", "read_chain",
    "repairs", "scores", "shape_table", "sizes", "to_code", "to_settings", "wants",
]  # fmt: skip
