"""Looking into networks: sizes without running them, the contents of every stage and module, what causes and changes them."""

from playground.inspection.causes import Cause, trace_back
from playground.inspection.feature_maps import StageMaps, feature_maps
from playground.inspection.fields import Field, fields
from playground.inspection.filmstrip import ladder_frames, ladder_picture
from playground.inspection.module_maps import Ablation, Edit, ModuleMap, ablate, dead_channels, module_maps
from playground.inspection.shapes import Problem, ShapeTable, formula, shape_table
from playground.inspection.sorting import ORDERS, channel_order
from playground.inspection.wants import Scores, Wants, follow, scores, wants

__all__ = [
    "ORDERS", "Ablation", "Cause", "Edit", "Field", "ModuleMap", "Problem", "Scores", "ShapeTable", "StageMaps", "Wants",
    "ablate", "channel_order", "dead_channels", "feature_maps", "fields", "follow", "formula",
    "ladder_frames", "ladder_picture", "module_maps", "scores",
    "shape_table", "trace_back", "wants",
]  # fmt: skip
