"""What the batch-norm lab shows, for the browser: pictures, statistics a channel, heat maps of stages by steps."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from playground.inspection import Course, LayerStatistics, batch_norms
from playground.inspection.norm_arms import has_setting
from playground.inspection.normalisation import epsilon_of, kinds_of
from playground.model import Model
from playground.ui.views.image import sprite_json
from playground.ui.views.wants import plain

FINE = 1000  # steps of a power of ten that the logarithms are sent in
NONE, ZERO, BEYOND = -32768, -32767, 32767  # what stands for no number, zero, and more than any number
FIGURES = ("scale", "gradient", "dead")


def without(model: Model) -> dict[str, Any]:
    """Say which normalisations a model has that has no batch norm in the generator, and that the arms work all the same."""
    kinds = {name: kinds_of(getattr(model, name)) for name in ("generator", "discriminator")}
    return {"without": True, "kinds": kinds, "derived": has_setting(model.experiment)}


def same(model: Model, batch: Sequence[torch.Tensor], running: Sequence[torch.Tensor], problem: str) -> dict[str, Any]:
    """Describe the same latents by batch and running statistics; of each the pictures with the mates and with others."""
    layer = next(iter(batch_norms(model.generator).values()))
    rows = {
        name: {"sprite": row(model, pictures[0]), "change": change(pictures[0], pictures[-1])} if pictures else None
        for name, pictures in (("batch", batch), ("running", running))
    }
    away = change(batch[0], running[0]) if batch else None
    own = {"epsilon": epsilon_of(layer), "momentum": layer.momentum}
    return rows | {"away": away, "own": own, "problem": problem, "without": False, "derived": has_setting(model.experiment)}


def standing(model: Model, anew: torch.Tensor, own: torch.Tensor, batches: int) -> dict[str, Any]:
    """Describe the same latents by standing statistics, and how far that is from the running ones."""
    return {"sprite": row(model, anew), "away": change(anew, own), "batches": batches, "without": False}


def row(model: Model, samples: torch.Tensor) -> dict[str, Any]:
    """Pack samples (N, *spec.shape), as G makes them, as a sprite of one row."""
    return sprite_json(model.pictures(samples), len(samples))


def change(one: torch.Tensor, other: torch.Tensor) -> float | None:
    """Return the mean absolute difference of two batches of samples, in grey levels of 255."""
    return plain(np.array([float((one - other).abs().mean()) * 127.5]))[0]


def statistics(found: list[LayerStatistics], name: str, channel: int, source: str) -> dict[str, Any]:
    """Describe all layers in short, and one of them with every channel, and one channel's numbers for the formula."""
    chosen = next(layer for layer in found if layer.name == name)
    channel = min(channel, len(chosen.running_mean) - 1)
    fields = ("running_mean", "running_var", "batch_mean", "batch_var")
    used = {"mean": getattr(chosen, f"{source}_mean"), "var": getattr(chosen, f"{source}_var")}
    used |= {"x": chosen.example, "y": chosen.result, "gamma": chosen.example_scale, "beta": chosen.example_shift}
    return {
        "without": False,
        "layers": [summary(layer) for layer in found],
        "layer": name,
        "channel": channel,
        "channels": {field: plain(getattr(chosen, field)) for field in fields},
        "before": histogram(chosen.before, channel),
        "after": histogram(chosen.after, channel),
        "numbers": {key: plain(values[channel : channel + 1])[0] for key, values in used.items()} | {"eps": chosen.epsilon},
        "momentum": chosen.momentum,
    }


def summary(layer: LayerStatistics) -> dict[str, Any]:
    """Describe a layer in a line of a list."""
    gap = plain(np.array([layer.gap]))[0]
    return {"name": layer.name, "network": layer.network, "stage": layer.stage, "count": layer.count, "gap": gap}


def histogram(found: Any, channel: int) -> dict[str, Any]:
    """Describe the values of a layer, and of one of its channels, in the same bins."""
    return {"edges": plain(found.edges), "all": found.counts.sum(0).tolist(), "one": found.counts[channel].tolist()}


def over(found: list[tuple[int, list[LayerStatistics]]], moments: int) -> dict[str, Any]:
    """Describe layers along a run: the scale of each by running and by batch statistics, and the gap between them."""
    layers = [summary(layer) | {"series": {}} for layer in found[0][1]] if found else []
    for number, layer in enumerate(layers):
        rows = [statistics[number] for _, statistics in found]
        names = rows[0].levels
        layer["series"] = {name: plain(np.array([row.levels[name] for row in rows])) for name in names}
        layer["series"]["gap"] = plain(np.array([row.gap for row in rows]))
    return {"kind": "over", "steps": [step for step, _ in found], "moments": moments, "layers": layers}


def arms(courses: list[Course], taken: int, steps: int) -> dict[str, Any]:
    """Describe arms so far: of each its samples and, for every stage and step, the logarithm of each figure."""
    return {"kind": "arms", "taken": taken, "steps": steps, "arms": [arm(course) for course in courses], "fine": FINE}


def arm(course: Course) -> dict[str, Any]:
    """Describe one arm."""
    figures = {name: course.values(name) for name in FIGURES}
    return {
        "normalisation": course.arm.normalisation,
        "where": course.arm.where,
        "architecture": course.experiment.architecture,
        "stages": [list(name) for name in course.names],
        "steps": len(course.records),
        "stopped": course.stopped,
        "figures": {name: packed(values) for name, values in figures.items()},
        "verdicts": {name: course.verdicts(name) for name in ("scale", "gradient")},
        "sprite": row_of_pixels(course.pictures()),
    }


def row_of_pixels(pictures: np.ndarray) -> dict[str, Any]:
    """Pack uint8 pictures as a sprite of one row."""
    return sprite_json(pictures, len(pictures))


def packed(values: np.ndarray) -> str:
    """Pack values (stages, steps) as base64 of little-endian int16: thousandths of their base-10 logarithm.

    The least three values stand for no number and for zero, the largest for infinity.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.clip(np.round(np.log10(values) * FINE), ZERO + 1, BEYOND - 1)
    logs = np.where(np.isnan(values), NONE, np.where(values == 0, ZERO, np.where(np.isposinf(values), BEYOND, logs)))
    return base64.b64encode(logs.astype("<i2").tobytes()).decode()
