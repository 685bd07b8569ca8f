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
from playground.inspection.causes import Cause, trace_back
from playground.inspection.chain_code import to_code
from playground.inspection.chain_settings import from_experiment, to_settings
from playground.inspection.chains import Chain, Fault, Layer, default_chain, formulas, problem, read_chain, sizes
from playground.inspection.contributions import Pixel, Seen, Term, contributions, convolutions
from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.fields import Field, fields
from playground.inspection.filmstrip import ladder_frames, ladder_picture
from playground.inspection.geometry import Geometry, adjoint, matrix, overlap_count
from playground.inspection.gradients import GradientsAt, StageGradient, gradients_now, gradients_over, stage_gradients
from playground.inspection.layer_recorder import Recorder, StageRecord
from playground.inspection.memory import Unrolled, recurrences, row_gradients, unroll
from playground.inspection.microscope import Inserted, Stamp, flipped, scatter, zero_insertion
from playground.inspection.mirroring import Mirror, mirror
from playground.inspection.module_maps import Ablation, Edit, ModuleMap, ablate, dead_channels, module_maps
from playground.inspection.moves import Move
from playground.inspection.norm_arms import Arm, Course, arm_experiment, side_by_side
from playground.inspection.norm_statistics import LayerStatistics, layer_statistics, statistics_over
from playground.inspection.normalisation import batch_norms, recalibrated, under_statistics
from playground.inspection.pooling import KINDS, Pooled, pooled
from playground.inspection.pooling_costs import Cost, head_costs, stage_costs
from playground.inspection.pooling_race import Lap, race, runner
from playground.inspection.pooling_shifts import ShiftTest, layer_changes, shift_test, shifted
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.solver import Repair, repairs
from playground.inspection.sorting import ORDERS, channel_order
from playground.inspection.spectra import checkerboard_energy, enlarging_pair, radial_spectrum
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "BACKBONES",
    "KINDS",
    "ORDERS",
    "Ablation",
    "Arm",
    "AttentionMap",
    "CausalTransformer",
    "Cause",
    "Chain",
    "Cost",
    "Course",
    "Edit",
    "Fault",
    "Field",
    "Geometry",
    "GradientsAt",
    "Inserted",
    "Lap",
    "Layer",
    "LayerStatistics",
    "Mirror",
    "ModuleMap",
    "Move",
    "Pixel",
    "Pooled",
    "Problem",
    "Recorder",
    "Repair",
    "Scores",
    "Seen",
    "ShapeTable",
    "ShiftTest",
    "StageGradient",
    "StageMaps",
    "StageRecord",
    "Stamp",
    "Term",
    "Unrolled",
    "Unrolling",
    "Wants",
    "ablate",
    "adjoint",
    "arm_experiment",
    "attentions",
    "backbone",
    "batch_norms",
    "channel_order",
    "checkerboard_energy",
    "contributions",
    "convolutions",
    "dead_channels",
    "default_chain",
    "enlarging_pair",
    "feature_maps",
    "fields",
    "flipped",
    "follow",
    "formula",
    "formulas",
    "from_experiment",
    "gradients_now",
    "gradients_over",
    "head_costs",
    "input_gradients",
    "ladder_frames",
    "ladder_picture",
    "layer_changes",
    "layer_statistics",
    "matrix",
    "mirror",
    "module_maps",
    "overlap_count",
    "pooled",
    "problem",
    "race",
    "radial_spectrum",
    "read_chain",
    "recalibrated",
    "recurrences",
    "repairs",
    "row_gradients",
    "runner",
    "scatter",
    "scores",
    "series",
    "shape_table",
    "shift_test",
    "shifted",
    "side_by_side",
    "sizes",
    "spectral_radius",
    "stage_costs",
    "stage_gradients",
    "statistics_over",
    "to_code",
    "to_settings",
    "trace_back",
    "under_statistics",
    "unroll",
    "wants",
    "with_radius",
    "zero_insertion",
]
