"""What the lab "Gradients and memory" shows: lines on a log axis, heat maps of states and gates, attention."""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from playground.inspection import (
    BACKBONES,
    AttentionMap,
    StageGradient,
    Unrolled,
    Unrolling,
    attentions,
    backbone,
    input_gradients,
    recurrences,
    row_gradients,
    series,
    spectral_radius,
)
from playground.layers import CELLS
from playground.model import Model
from playground.ui.views.image import sprite_json

NETWORKS = ("generator", "discriminator")
SMALLEST = 1e-300  # below it float64 has no digits left: shown as nothing


def memory_lines(settings: Unrolling) -> dict[str, Any]:
    """Describe how far the gradient of the last output reaches back in each backbone: log10 of each step's norm."""
    lines = {name: logs(_norms(name, _own(name, settings))) for name in BACKBONES}
    radius = _radius(_own("rnn", settings))
    return {
        "lines": lines,
        "length": settings.length,
        "radius": round(radius, 3),
        "power": settings.length * math.log10(radius) if radius else None,
        "gate": round(_forget(_own("lstm", settings)), 3),
        "pairs": settings.length**2,
    }


def _own(name: str, settings: Unrolling) -> Unrolling:
    """Set what does not concern a backbone to one value, so that its line is not made again when that changes."""
    if name == "rnn":
        return replace(settings, forget_bias=0.0)
    settings = replace(settings, radius=None)
    return replace(settings, forget_bias=0.0, start="uniform") if name not in CELLS else settings


@functools.lru_cache(maxsize=512)
def _norms(name: str, settings: Unrolling) -> tuple[float, ...]:
    return tuple(input_gradients(backbone(name, settings), series(settings))[0].tolist())


@functools.lru_cache(maxsize=512)
def _radius(settings: Unrolling) -> float:
    return spectral_radius(backbone("rnn", settings).weight_hh)


@functools.lru_cache(maxsize=512)
def _forget(settings: Unrolling) -> float:
    """Return the mean of the LSTM's forget gate over the first steps; later ones are alike."""
    short = replace(settings, length=min(settings.length, 16))
    return float(recurrences(backbone("lstm", short), series(short))[0].gates["forget"].mean())


def logs(norms: Sequence[float]) -> list[float | None]:
    """Return log10 of norms for the page; None where there is none."""
    return [round(math.log10(norm), 3) if math.isfinite(norm) and norm > SMALLEST else None for norm in norms]


def cell_states(name: str, settings: Unrolling) -> dict[str, Any]:
    """Describe what one cell of the sandbox does with its series."""
    settings = _own(name, settings)
    return states(recurrences(backbone(name, settings), series(settings))[0])


def states(unrolled: Unrolled) -> dict[str, Any]:
    """Describe a cell's states and gates as heat maps, (T, units) each."""
    maps = {"states": unrolled.states} | ({} if unrolled.memory is None else {"memory": unrolled.memory}) | unrolled.gates
    steps, units = unrolled.states.shape
    heat_maps = [heat(name, values) | {"gate": name in unrolled.gates} for name, values in maps.items()]
    return {"name": unrolled.name, "cell": unrolled.cell, "steps": steps, "units": units, "maps": heat_maps}


def heat(name: str, values: np.ndarray) -> dict[str, Any]:
    """Pack values as signed bytes, ±127 at `scale`: 1, or the largest where that is more."""
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    scale = max(1.0, float(np.abs(values).max(initial=0)))
    levels = np.rint(values / scale * 127).astype(np.int8)
    mean = round(float(values.mean()), 3)
    return {"name": name, "scale": round(scale, 3), "mean": mean, "data": base64.b64encode(levels.tobytes()).decode()}


def sandbox_attention(settings: Unrolling) -> dict[str, Any]:
    """Describe where each head of the sandbox's transformer looks: (heads, T, T) as bytes, each row by its own largest."""
    settings = _own("transformer", settings)
    found = attentions(backbone("transformer", settings), series(settings))[0]
    levels = np.rint(found.weights / found.weights.max(-1, keepdims=True) * 255).astype(np.uint8)
    data = [base64.b64encode(head.tobytes()).decode() for head in levels]
    strongest = found.weights[:, -1].max(-1)
    return {"steps": settings.length, "heads": data, "strongest": [round(float(value), 3) for value in strongest]}


def model_view(model: Model, latent: torch.Tensor, label: torch.Tensor | None) -> dict[str, Any]:
    """Describe what a model's cells and attention layers do with one latent (latent_dim,) and the sample made of it."""
    batch = batches(model, latent, label)
    owed = row_gradients(model.generator, *batch["generator"])
    in_line = model.experiment.spec.kind != "image"
    found, looks = [], []
    for name in NETWORKS:
        network = getattr(model, name)
        found += [states(unrolled) | {"network": name} for unrolled in recurrences(network, *batch[name])]
        looks += [
            _layer(name, number, layer) for number, layer in enumerate(attentions(network, *batch[name], in_line=in_line))
        ]
    return {
        "architecture": model.experiment.architecture,
        "picture": sprite_json(model.pictures(batch["discriminator"][0])),
        "states": found,
        "attention": looks,
        "rows": None if owed is None else logs(owed.tolist()),
        "step": model.shown_step,
    }


def batches(model: Model, latent: torch.Tensor, label: torch.Tensor | None) -> dict[str, tuple]:
    """Return what each network is given: the latent, and the sample that G makes of it, as batches of one."""
    labels = model.labels(1) if label is None else label.unsqueeze(0)
    labels = None if labels is None else labels.to(model.device)
    latents = latent.reshape(1, -1).to(model.device)
    return {"generator": (latents, labels), "discriminator": (model.generate(latents, labels), labels)}


def _layer(network: str, number: int, layer: AttentionMap) -> dict[str, Any]:
    known = {"network": network, "number": number, "name": layer.name, "heads": layer.heads}
    return known | {"queries": layer.queries, "keys": layer.keys, "gate": round(layer.gate, 4)}


def look(layer: AttentionMap, query: int) -> dict[str, Any]:
    """Describe where one query of an attention layer looks: weights (heads, K), and how widely each head spreads."""
    weights = np.nan_to_num(layer.weights[:, query])
    spread = np.nan_to_num(layer.entropy()[:, query])
    return {"query": query, "weights": weights.round(5).tolist(), "spread": spread.round(3).tolist()}


def bars(stages: Sequence[StageGradient]) -> list[dict[str, Any]]:
    """Describe the gradients of stages: log10 of lengths, None for what has none or is 0."""

    def log(length: float | None) -> float | None:
        return None if length is None else logs([length])[0]

    return [
        {
            "network": at.network,
            "stage": at.stage,
            "weights": log(at.weights),
            "output": log(at.output),
            "own": at.weights is not None,
        }
        for at in stages
    ]
