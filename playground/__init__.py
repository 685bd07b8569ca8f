"""GAN Playground: train generative adversarial networks briefly and see what every layer does."""

import importlib
import os
from typing import Any

# Before PyTorch is loaded: threads that wait for work sleep instead of spinning, so that two programs share the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"

# Where each public name lives. They are imported at first use: loading PyTorch takes seconds, and `--help` needs none of it.
_HOMES = {
    "ARCHITECTURES": "playground.architectures",
    "Chain": "playground.inspection",
    "DATASETS": "playground.datasets",
    "LOSSES": "playground.losses",
    "PENALTIES": "playground.penalties",
    "Direction": "playground.latent",
    "Edit": "playground.inspection",
    "Experiment": "playground.experiment",
    "Layer": "playground.inspection",
    "Model": "playground.model",
    "Recipe": "playground.recipe",
    "Snapshot": "playground.training",
    "Run": "playground.timeline",
    "Timeline": "playground.timeline",
    "ablate": "playground.inspection",
    "attentions": "playground.inspection",
    "class_direction": "playground.latent",
    "compare": "playground.timeline",
    "factors": "playground.latent",
    "contributions": "playground.inspection",
    "convolutions": "playground.inspection",
    "feature_maps": "playground.inspection",
    "fields": "playground.inspection",
    "fork": "playground.timeline",
    "formula": "playground.inspection",
    "gradients_now": "playground.inspection",
    "gradients_over": "playground.inspection",
    "input_gradients": "playground.inspection",
    "interpolate": "playground.latent",
    "random_walk": "playground.latent",
    "style_mixing": "playground.latent",
    "walk": "playground.latent",
    "invert": "playground.latent",
    "layer_statistics": "playground.inspection",
    "module_maps": "playground.inspection",
    "load": "playground.checkpoint",
    "load_directions": "playground.latent",
    "load_run": "playground.timeline",
    "move": "playground.latent",
    "pooled": "playground.inspection",
    "principal_components": "playground.latent",
    "path_length": "playground.latent",
    "rank": "playground.latent",
    "race": "playground.inspection",
    "recurrences": "playground.inspection",
    "repairs": "playground.inspection",
    "overlap_count": "playground.inspection",
    "sample_map": "playground.latent",
    "save": "playground.checkpoint",
    "save_directions": "playground.latent",
    "save_run": "playground.timeline",
    "shape_table": "playground.inspection",
    "side_by_side": "playground.inspection",
    "statistics_over": "playground.inspection",
    "trace_back": "playground.inspection",
    "shift_test": "playground.inspection",
    "train": "playground.training",
    "under_statistics": "playground.inspection",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
