"""Looking into networks: sizes without running them, what would repair these, and the contents of every stage."""

from playground.inspection.attention import AttentionMap, attentions
from playground.inspection.backbones import (
    BACKBONES,
    CausalTransformer,
    Unrolling,
    backbone,
    input_gradients,
    series,
    spectral_radius,
    with_radius,
)
from playground.inspection.chain_code import to_code
from playground.inspection.chain_settings import from_experiment, to_settings
from playground.inspection.chains import Chain, Fault, Layer, default_chain, formulas, problem, read_chain, sizes
from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.gradients import GradientsAt, StageGradient, gradients_now, gradients_over, stage_gradients
from playground.inspection.memory import Unrolled, recurrences, row_gradients, unroll
from playground.inspection.mirroring import Mirror, mirror
from playground.inspection.moves import Move
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.solver import Repair, repairs
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "BACKBONES", "AttentionMap", "CausalTransformer", "Chain", "Fault", "GradientsAt", "Layer", "Mirror", "Move", "Problem",
    "Repair", "Scores", "ShapeTable", "StageGradient", "StageMaps", "Unrolled", "Unrolling", "Wants", "attentions",
    "backbone", "default_chain", "feature_maps", "follow", "formula", "formulas", "from_experiment", "gradients_now",
    "gradients_over", "input_gradients", "mirror", "problem", "read_chain", "recurrences", "repairs", "row_gradients",
    "scores", "series", "shape_table", "sizes", "spectral_radius", "stage_gradients", "to_code", "to_settings", "unroll",
    "wants", "with_radius",
]  # fmt: skip
