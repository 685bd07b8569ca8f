"""The ladder of both networks: every stage with its sizes, and its contents where there is a model."""

from __future__ import annotations

import math
import re
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
from playground.ui.words import words

TOP_MAPS = 8  # contents drawn beside each stage; a click shows them all
MAX_LAYERS = 3  # kinds of layers named under a stage; a click shows them all


def ladder(
    experiment: Experiment, model: Model | None = None, latent: torch.Tensor | None = None, label: torch.Tensor | None = None
) -> dict[str, Any]:
    """Describe both networks stage by stage, from the shape table alone or with the feature maps of `latent` (latent_dim,).

    Raises ValueError when the settings make no network at all.
    """
    table = shape_table(experiment)
    contents = maps(model, latent, label) if model is not None and latent is not None else {}
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


def maps(model: Model, latent: torch.Tensor, label: torch.Tensor | None = None) -> dict[str, Any]:
    """Return z itself and the most active feature maps of every stage, keyed `network.stage`, with D's score.

    `label` is a mixture of classes (num_classes,), for a conditional model only.
    """
    stages = feature_maps(model, latent, label)
    score = next((float(maps.values.flat[0]) for maps in stages if maps.network == "discriminator" and not maps.shape), None)
    return {
        "z": [round(value, 3) for value in latent.flatten().tolist()],
        "border": LOSSES[model.experiment.recipe.loss].border if model.step else None,
        "score": None if score is None else _plain(score, 3),
        "stages": {f"{maps.network}.{maps.stage}": _contents(maps, TOP_MAPS) for maps in stages if maps.shape},
    }


def sheet_of_stage(
    model: Model, latent: torch.Tensor, network: str, stage: str, label: torch.Tensor | None = None
) -> dict[str, Any]:
    """Return every channel of one stage with its statistics. Raises ValueError for an unknown stage."""
    stages = {(maps.network, maps.stage): maps for maps in feature_maps(model, latent, label)}
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


def _layers(rows: list[Row]) -> list[Row]:
    """Return the rows that make a stage what it is: not the normalisations, activations and changes of form between them."""
    known = words("layers")
    layers = [row for row in rows if row.type in known or (row.parameters and "Norm" not in row.type)]
    return layers or rows[:1]


def _summary(rows: list[Row]) -> str:
    """Name the layers of a stage in order: of many kinds those that resize, which have no weights, and the heaviest."""
    weights: dict[str, int] = {}
    for row in _layers(rows):
        weights[layer_name(row.type)] = weights.get(layer_name(row.type), 0) + row.parameters
    first = sorted(weights, key=lambda name: (weights[name] > 0, -weights[name]))[:MAX_LAYERS]
    return " + ".join(name for name in weights if name in first) + (" + …" if len(weights) > MAX_LAYERS else "")


def layer_name(type_name: str) -> str:
    """Return what a person calls a layer, `Conv2d` -> "conv"; one without a name of its own has its class name split up."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", type_name).lower()
    return words("layers").get(type_name, split)


def _stage(name: str, rows: list[Row]) -> dict[str, Any]:
    main = max(_layers(rows), key=lambda row: row.parameters)
    return {
        "name": name,
        "shape": list(rows[-1].output_shape),
        "layer": _summary(rows),
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
