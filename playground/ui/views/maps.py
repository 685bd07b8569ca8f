"""The feature-map explorer, for the browser: all modules in short, one with its values, pictures before and after."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from playground.inspection import Ablation, Cause, ModuleMap, channel_order
from playground.model import Model
from playground.samples import to_pixels
from playground.ui.views.image import sprite_json
from playground.ui.views.ladder import layer_name
from playground.ui.views.sheet import class_names
from playground.ui.views.wants import border
from playground.ui.words import words

PAGE_VALUES, PAGE_CHANNELS = 65_536, 256  # of one page of channels: 256 KB, and as many tiles as a wall shows


@dataclass(frozen=True)
class Page:
    """The planes that one page of the wall shows, in order, which page it is, and of how many."""

    planes: list[int]
    number: int
    count: int


def explored(model: Model, found: Sequence[ModuleMap], chosen: ModuleMap, made: Ablation, page: Page) -> dict[str, Any]:
    """Describe all modules, a page of the chosen one's channels in order, and the sample before and after the edits."""
    return {
        "modules": [_module(one) for one in found],
        "wall": _wall(chosen, page),
        "sprite": sprite_json(_pictures(made), 3),
        "scores": [_plain(made.score_before), _plain(made.score_after)],
        "border": border(model),
        "classes": class_names(model.experiment),
        "step": model.shown_step,
    }


def caused(causes: Sequence[Cause], page: Page, chosen: tuple[str, str]) -> dict[str, Any]:
    """Describe what caused a pixel: how much each module explains, a map of each stage, and the chosen module's channels."""
    last = {cause.stage: cause for cause in causes}
    own = next((cause for cause in causes if (cause.stage, cause.module) == chosen), None)
    return {
        "pixel": _plain(causes[0].pixel),
        "explained": [[cause.stage, cause.module, _plain(cause.explained), cause.linear] for cause in causes],
        "stages": [{"stage": stage_title(stage), **_numbers(_summed(cause))} for stage, cause in last.items()],
        "wall": None if own is None else _numbers(own.planes[page.planes]),
    }


def stage_title(stage: str) -> str:
    """Return what the ladder calls a stage, `up2` -> "up 2"."""
    name, number = re.fullmatch(r"(.*?)(\d*)", stage).groups()
    return words("ladder").get(f"stage_{name}", stage).format(n=number)


def page_of(found: ModuleMap, sort: str, number: int) -> Page:
    """Sort a module's planes as their channels, and return the page of that number or the last one."""
    if found.form not in ("maps", "tokens"):  # one plane holds all channels
        return Page([0], 0, 1)
    size = max(1, min(PAGE_CHANNELS, PAGE_VALUES // max(1, found.planes[0].size)))
    count = math.ceil(len(found.planes) / size)
    number = min(number, count - 1)
    return Page(channel_order(found.channels, sort).tolist()[number * size : (number + 1) * size], number, count)


def _wall(found: ModuleMap, page: Page) -> dict[str, Any]:
    place = {"key": list(found.key), "order": page.planes, "page": page.number, "pages": page.count}
    return place | _numbers(found.planes[page.planes])


def _numbers(planes: np.ndarray) -> dict[str, Any]:
    """Pack planes (K, H, W) as little-endian float32: the browser shows the very numbers."""
    data = base64.b64encode(np.ascontiguousarray(planes, "<f4").tobytes()).decode()
    return {"size": list(planes.shape), "data": data}


def _summed(cause: Cause) -> np.ndarray:
    """Add up a stage's contributions over its channels: (1, H, W)."""
    planes = cause.planes
    return planes if len(planes) == 1 else np.where(np.isnan(planes).all(0), np.nan, np.nansum(planes, 0))[None]


def _module(found: ModuleMap) -> dict[str, Any]:
    row, known = found.row, found.values[np.isfinite(found.values)]
    return {
        "key": list(found.key),
        "stage": stage_title(found.stage),
        "type": words("modules").get(row.type) or layer_name(row.type),
        "form": found.form,
        "shape": list(found.values.shape),
        "channels": len(found.channels),
        "parameters": row.parameters,
        "macs": row.macs,
        "bytes": found.num_bytes,
        "peak": _plain(float(np.abs(known).max())) if known.size else None,
        **{name: _plain(value) for name, value in found.statistics.items()},
    }


def _pictures(made: Ablation) -> np.ndarray:
    """Return the sample before and after, and by how much it is brighter (light) or darker (dark): uint8 (3, H, W, C)."""
    before, after = torch.from_numpy(made.before), torch.from_numpy(made.after)
    return to_pixels(torch.stack([before, after, (after - before) / 2]))


def _plain(value: float) -> float | None:
    return float(f"{value:.7g}") if math.isfinite(value) else None
