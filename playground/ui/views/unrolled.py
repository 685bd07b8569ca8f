"""What the lab "Unrolled" shows: one sample step by step, and beside it what a cell holds or where attention looks."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import torch

from playground.inspection import AttentionMap, Unrolled, attentions, recurrences, step_scores
from playground.kinds import KINDS, draw, to_values
from playground.model import Model
from playground.samples import SampleSpec
from playground.ui.views.image import sprite_json

NETWORKS = ("generator", "discriminator")
FAKE, REAL = "fake", "real"
SEEN = {"tokens": "words", "melody": "words", "series": "line", "chirp": "line", "image": "rows", "video": "frames"}
Layer = tuple[str, Unrolled | AttentionMap]


def look(model: Model, made: tuple, real: torch.Tensor | None, reads: str, layer: int | None) -> dict[str, Any]:
    """Describe a made sample and a real one step by step, and one of the layers that have steps.

    `made` is what G is given, a latent (1, latent_dim) and a label or None; `real` a sample as D reads it, (1, …). D's layers
    are shown as they read the sample called `reads`. `layer` counts them; by default it is the first of the generator's.
    Raises ValueError naming a layer that is not there.
    """
    samples = {FAKE: model.generate(*made), REAL: real}
    told = {name: _sample(model, sample, made[1]) for name, sample in samples.items() if sample is not None}
    batches = {"generator": made, "discriminator": (samples[reads if real is not None else FAKE], made[1])}
    layers = layers_of(model, batches)
    number = 0 if layer is None else layer
    if layer is not None and layer >= len(layers):
        raise ValueError(f"layer must be one of the {len(layers)} that have steps, not {layer}")
    return {
        "layers": [_about(network, found) for network, found in layers],
        "layer": number,
        "detail": _detail(layers[number][1]) if layers else None,
        "samples": told,
        "steps": told[FAKE]["steps"],
        "seen": SEEN.get(model.experiment.spec.kind, ""),
        "step": model.shown_step,
        "empty": not layers and "scores" not in told[FAKE],
    }


def layers_of(model: Model, batches: dict[str, tuple]) -> list[Layer]:
    """Return all cells of both networks, and all attention over steps; that over places of a picture has none."""
    found: list[Layer] = []
    for name in NETWORKS:
        network, batch = getattr(model, name), batches[name]
        found += [(name, unrolled) for unrolled in recurrences(network, *batch)]
        if model.experiment.spec.kind != "image":
            found += [(name, seen) for seen in attentions(network, *batch, in_line=True)]
    return found


def _about(network: str, found: Unrolled | AttentionMap) -> dict[str, Any]:
    if isinstance(found, AttentionMap):
        heads, steps, _ = found.weights.shape
        return {"network": network, "name": found.name, "cell": "transformer", "heads": heads, "steps": steps}
    steps, units = found.states.shape
    about = {"network": network, "name": found.name, "cell": found.cell, "units": units, "steps": steps}
    return about | {"backward": found.backward, "layer": found.layer}


def _detail(found: Unrolled | AttentionMap) -> dict[str, Any]:
    """Describe a cell's maps (T, units), or each head's weights (T, T), as float32."""
    if isinstance(found, AttentionMap):
        return {"heads": [_packed(head) for head in found.weights], "maps": []}
    maps = {"states": found.states} | ({} if found.memory is None else {"memory": found.memory}) | found.gates
    return {"heads": [], "maps": [_map(name, values, name in found.gates) for name, values in maps.items()]}


def _map(name: str, values: np.ndarray, gate: bool) -> dict[str, Any]:
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    scale = 1.0 if gate else max(1e-6, float(np.abs(values).max(initial=0)))
    return {"name": name, "gate": gate, "scale": scale, "mean": float(values.mean()), "data": _packed(values)}


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(np.nan_to_num(values).astype("<f4").tobytes()).decode()


def _sample(model: Model, sample: torch.Tensor, label: torch.Tensor | None) -> dict[str, Any]:
    """Describe one sample (1, …) step by step, with D's score of it and, where it has some, of every step."""
    spec = model.experiment.spec
    told = _seen(to_values(sample, spec), spec)
    with torch.no_grad():
        judged = model.discriminator(sample, label)
    logit = (judged[0] if isinstance(judged, tuple) else judged)[0].item()
    told |= {"score": logit if math.isfinite(logit) else None}
    scores = step_scores(model.discriminator, sample, label)
    if scores is not None:
        told |= {"scores": np.nan_to_num(scores[0].astype(np.float64)).round(5).tolist()}
        if spec.kind == "image":
            told |= {"steps": scores.shape[1]}
    return told


def _seen(values: torch.Tensor, spec: SampleSpec) -> dict[str, Any]:
    """Describe the values of one sample by step: words, numbers, frames, or a picture whose rows are the steps."""
    seen = SEEN.get(spec.kind)
    if seen == "words":
        return {"words": [spec.vocabulary[token] for token in values[0].tolist()], "steps": values.shape[1]}
    if seen == "line":
        return {"line": values[0].double().round(decimals=4).tolist(), "steps": values.shape[1]}
    if seen == "frames":
        clip = KINDS[spec.kind].frames(values, spec)[0]
        return {"sprite": sprite_json(clip, len(clip)), "steps": len(clip)}
    picture = draw(values, spec)
    return {"sprite": sprite_json(picture), "steps": picture.shape[1]}
