"""Looking into networks: sizes without running them, and the contents of every stage."""

from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table

__all__ = ["Problem", "ShapeTable", "StageMaps", "feature_maps", "formula", "shape_table"]
