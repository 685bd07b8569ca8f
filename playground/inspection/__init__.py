"""Looking into networks: sizes without running them, and the contents of every stage."""

from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "Problem", "Scores", "ShapeTable", "StageMaps", "Wants", "feature_maps", "follow", "formula", "scores", "shape_table",
    "wants",
]  # fmt: skip
