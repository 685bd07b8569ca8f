"""The pooling bench, for the browser: pictures through every kind of pooling, costs, curves of moves, and races."""

from __future__ import annotations

import base64
import dataclasses
import math
from typing import Any

import numpy as np
import torch

from playground.inspection import KINDS, Cost, Lap, Pooled, ShiftTest, head_costs, layer_changes, pooled, stage_costs
from playground.inspection.pooling_shifts import offsets
from playground.samples import SampleSpec
from playground.ui.views.wants import plain

POINTS = 150  # of a curve: more are thinned out


def numbers(values: np.ndarray) -> str:
    """Return numbers as the browser reads them: little-endian float32, base64."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def brightness(image: torch.Tensor) -> torch.Tensor:
    """Turn one picture (C, H, W) in [-1, 1] into its brightness (1, H, W) from 0, black, to 1."""
    return (image.detach().float().cpu().mean(0, keepdim=True) + 1).div(2).nan_to_num(0, 0, 0).clamp(0, 1)


def bench(image: torch.Tensor, size: int) -> dict[str, Any]:
    """Describe a picture (1, H, W) and what each kind of pooling makes of it."""
    found = {kind: through(pooled(image, kind, size)) for kind in KINDS}
    unseen = float((pooled(image, "stride", size).gradient() == 0).mean())
    picture = {"height": image.shape[1], "width": image.shape[2], "values": numbers(image.numpy())}
    return {"picture": picture, "kinds": found, "size": size, "unseen": round(100 * unseen)}


def through(found: Pooled) -> dict[str, Any]:
    """Describe one output, what its values saw (one weight stands for all where they are equal), and the gradient."""
    weights = None if found.weights is None else found.weights.tolist()
    if weights is not None and np.ptp(found.weights) == 0:
        weights = [[float(found.weights.flat[0])]]
    return {
        "height": found.output.shape[1],
        "width": found.output.shape[2],
        "values": numbers(found.output),
        "window": list(found.window),
        "stride": list(found.stride),
        "padding": found.padding,
        "weights": weights,
        "chosen": None if found.chosen is None else found.chosen.ravel().tolist(),
        "gradient": numbers(found.gradient()),
    }


def curves(image: torch.Tensor, size: int, axis: str, judged: ShiftTest | None) -> dict[str, Any]:
    """Describe what moves of a picture (1, H, W) change: in each kind's output, and in the discriminator's view of it."""
    changes = {kind: plain(values) for kind, values in layer_changes(image.numpy(), size, axis=axis).items()}
    return {"offsets": list(offsets()), "changes": changes, "axis": axis} | ({} if judged is None else verdict(judged))


def verdict(judged: ShiftTest) -> dict[str, Any]:
    """Describe a discriminator's scores and last features over the moves."""
    features = list(judged.changes.values())
    scores = judged.scores.astype(np.float64)
    return {
        "scores": plain(scores.mean(0)),
        "score_change": plain(judged.score_change),
        "features": plain(features[-1]) if features else None,
        "stage": list(judged.changes)[-1] if features else "",
    }


def costs(spec: SampleSpec) -> dict[str, Any]:
    """Measure a stage and an end of a discriminator for such data, by stride and by pooling."""
    side = max(4, max(spec.shape[1:]) // 2 // 2 * 2)
    channels, deep = 16, 64
    return {
        "stage": [_cost(row) for row in stage_costs(channels, side)],
        "head": [_cost(row) for row in head_costs(deep)],
        "side": side,
        "channels": channels,
        "deep": deep,
    }


def _cost(row: Cost) -> dict[str, Any]:
    return dataclasses.asdict(row) | {"milliseconds": round(row.milliseconds, 3), "ratio": round(row.ratio, 2)}


def told(laps: dict[str, list[Lap]], fraction: float, shifts: dict[str, ShiftTest], state: str) -> dict[str, Any]:
    """Describe a race so far: curves by step of each runner, and once it is over how steady each one's scores are."""
    runners = {kind: _runner(made, shifts.get(kind)) for kind, made in laps.items() if made}
    steady = {kind: runner["wobble"] for kind, runner in runners.items() if runner.get("wobble") is not None}
    best = min(steady, key=steady.get) if steady and len(shifts) == len(laps) else None
    return {"runners": runners, "fraction": round(min(1.0, fraction), 3), "state": state, "best": best}


def _runner(laps: list[Lap], judged: ShiftTest | None) -> dict[str, Any]:
    kept = laps[:: len(laps) // POINTS + 1]
    kept = kept if kept[-1] is laps[-1] else [*kept, laps[-1]]
    names = ("step", "separation", "loss_discriminator", "loss_generator")
    found: dict[str, Any] = {name: plain(np.array([getattr(lap, name) for lap in kept], np.float64)) for name in names}
    found["rate"] = plain(np.array([laps[-1].rate]))[0]
    if judged is not None:
        found |= verdict(judged) | {"wobble": round(judged.wobble, 4) if math.isfinite(judged.wobble) else None}
        spread = judged.scores[:, judged.at_rest].std(dtype=np.float64)
        found["relative"] = plain(judged.score_change / spread) if spread > 0 else None
    return found
