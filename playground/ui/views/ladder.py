"""The ladder of both networks: every stage with its sizes, and its contents where there is a model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from playground.experiment import Experiment
from playground.inspection import ShapeTable, StageMaps, feature_maps, formula, shape_table
from playground.layers import Row
from playground.losses import LOSSES
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.views.image import sprite_json

TOP_MAPS = 8  # contents drawn beside each stage; a click shows them all
LAYERS = {
    "ConvTranspose2d": "transposed conv",
    "Conv2d": "conv",
    "SpectralConv2d": "conv, spectral norm",
    "Linear": "fully connected",
    "SpectralLinear": "fully connected, spectral norm",
    "Upsample": "resize",
    "PixelShuffle": "pixel shuffle",
}


def ladder(experiment: Experiment, model: Model | None = None, latent: torch.Tensor | None = None) -> dict[str, Any]:
    """Describe both networks stage by stage, from the shape table alone or with the feature maps of `latent` (latent_dim,).

    Raises ValueError when the settings make no network at all.
    """
    table = shape_table(experiment)
    contents = maps(model, latent) if model is not None and latent is not None else {}
    return {
        "latent_dim": experiment.generator.latent_dim,
        "sample": list(experiment.spec.shape),
        "networks": {
            "generator": _stages("generator", table.generator, table),
            "discriminator": _stages("discriminator", table.discriminator, table),
        },
        "problem": vars(table.problem) if table.problem else None,
        "contents": contents,
    }


def maps(model: Model, latent: torch.Tensor) -> dict[str, Any]:
    """Return z itself and the most active feature maps of every stage, keyed `network.stage`, with D's score."""
    stages = feature_maps(model, latent)
    score = next((float(maps.values.flat[0]) for maps in stages if maps.network == "discriminator" and not maps.shape), None)
    return {
        "z": [round(value, 3) for value in latent.flatten().tolist()],
        "border": LOSSES[model.experiment.recipe.loss].border if model.step else None,
        "score": None if score is None else _plain(score, 3),
        "stages": {f"{maps.network}.{maps.stage}": _contents(maps, TOP_MAPS) for maps in stages if maps.shape},
    }


def sheet_of_stage(model: Model, latent: torch.Tensor, network: str, stage: str) -> dict[str, Any]:
    """Return every channel of one stage with its statistics. Raises ValueError for an unknown stage."""
    stages = {(maps.network, maps.stage): maps for maps in feature_maps(model, latent)}
    if (network, stage) not in stages:
        raise ValueError(f"there is no stage {stage[:40]!r} in the {network[:20]}")
    found = stages[network, stage]
    return _contents(found, len(found.values)) | {"statistics": {k: _plain(v, 4) for k, v in found.statistics.items()}}


def _plain(value: float, digits: int) -> float | None:
    """Round a number; None stands for NaN and infinity, which JSON lacks."""
    return round(value, digits) if math.isfinite(value) else None


def _contents(maps: StageMaps, limit: int) -> dict[str, Any]:
    if maps.network == "generator" and maps.shape[0] == 3:  # the image itself: shown as such, not channel by channel
        return {"sprite": sprite_json(_colour_picture(maps)), "channels": [0]}
    pictures = maps.pictures()
    return {"sprite": sprite_json(pictures[:limit]), "channels": list(maps.channels[:limit])}


def _colour_picture(maps: StageMaps) -> np.ndarray:
    """Put the three channels of G's last stage back in order: uint8 (1, height, width, 3)."""
    in_order = maps.values[np.argsort(maps.channels)]
    return to_pixels(torch.from_numpy(in_order)[None])


def _stages(network: str, rows: tuple[Row, ...], table: ShapeTable) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(row.stage for row in rows))
    stages = [_stage(name, [row for row in rows if row.stage == name]) for name in names]
    problem = table.problem
    if problem and problem.network == network and problem.stage not in names:  # it broke at its first module
        stages.append({"name": problem.stage, "shape": [], "modules": [], "layer": "", "parameters": 0, "macs": 0})
    return stages


def _stage(name: str, rows: list[Row]) -> dict[str, Any]:
    sized = [row for row in rows if row.type in LAYERS]
    main = max(sized, key=lambda row: row.parameters, default=rows[0])
    return {
        "name": name,
        "shape": list(rows[-1].output_shape),
        "layer": " + ".join(LAYERS[row.type] for row in sized),
        "kernel_size": main.kernel_size and main.kernel_size[-1],
        "stride": main.stride and main.stride[-1],
        "padding": main.padding if main.padding is None or isinstance(main.padding, str) else main.padding[-1],
        "output_padding": main.output_padding and main.output_padding[-1],
        "parameters": sum(row.parameters for row in rows),
        "macs": sum(row.macs for row in rows),
        "modules": [
            {
                "type": row.type,
                "input": list(row.input_shape),
                "output": list(row.output_shape),
                "parameters": row.parameters,
                "macs": row.macs,
                "formula": formula(row),
            }
            for row in rows
        ],
    }
