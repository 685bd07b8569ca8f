"""Looking into networks: sizes without running them, what would repair these, and the contents of every stage."""

from playground.inspection.chain_code import to_code
from playground.inspection.chain_settings import from_experiment, to_settings
from playground.inspection.chains import Chain, Fault, Layer, default_chain, formulas, problem, read_chain, sizes
from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.mirroring import Mirror, mirror
from playground.inspection.moves import Move
from playground.inspection.pooling import KINDS, Pooled, pooled
from playground.inspection.pooling_costs import Cost, head_costs, stage_costs
from playground.inspection.pooling_race import Lap, race, runner
from playground.inspection.pooling_shifts import ShiftTest, layer_changes, shift_test, shifted
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.solver import Repair, repairs
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "KINDS",
    "Chain",
    "Cost",
    "Fault",
    "Lap",
    "Layer",
    "Mirror",
    "Move",
    "Pooled",
    "Problem",
    "Repair",
    "Scores",
    "ShapeTable",
    "ShiftTest",
    "StageMaps",
    "Wants",
    "default_chain",
    "feature_maps",
    "follow",
    "formula",
    "formulas",
    "from_experiment",
    "head_costs",
    "layer_changes",
    "mirror",
    "pooled",
    "problem",
    "race",
    "read_chain",
    "repairs",
    "runner",
    "scores",
    "shape_table",
    "shift_test",
    "shifted",
    "sizes",
    "stage_costs",
    "to_code",
    "to_settings",
    "wants",
]  # fmt: skip
