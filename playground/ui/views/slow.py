"""One training step in slow motion: its moments with captions, numbers and pictures, as the page draws them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from playground.experiment import Experiment
from playground.inspection import ShapeTable
from playground.training.substeps import SlowStep, Substep
from playground.ui.views.image import sprite_json
from playground.ui.views.sheet import class_names
from playground.ui.words import words

LINES = ("separation", "loss_discriminator", "loss_generator")
LAST = 60  # records of the history that the small curve shows
DIGITS = {"latents": 2}  # decimals of the numbers in a series; 4 significant figures for the others


def slow(experiment: Experiment, step: SlowStep) -> dict[str, Any]:
    """Describe a step: every sub-step in order, the names of the stages, and what the shown samples were to be."""
    names = class_names(experiment)
    labels = next((substep.series["labels"] for substep in step.substeps if "labels" in substep.series), [])
    return {
        "substeps": [_substep(substep, step.border) for substep in step.substeps],
        "stages": {network: [stage_name(stage) for stage in stages] for network, stages in step.stages.items()},
        "labels": [names[label] for label in labels],
        "border": step.border,
    }


def stages_of(table: ShapeTable) -> dict[str, list[str]]:
    """Name the stages that have weights, by network."""
    rows = {"generator": table.generator, "discriminator": table.discriminator}
    weighty = {network: dict.fromkeys(row.stage for row in found if row.parameters) for network, found in rows.items()}
    return {network: [stage_name(stage) for stage in stages] for network, stages in weighty.items()}


def stage_name(stage: str) -> str:
    """Return what the page calls a stage: `up2` -> "up 2"."""
    kind, number = re.fullmatch(r"(.*?)(\d*)", stage).groups()
    return words("ladder").get(f"stage_{kind}", stage).format(n=number)


def curve(history: Sequence[dict[str, Any]]) -> dict[str, list[float | None]]:
    """Return the last records of a history as columns; None where a value is missing."""
    return {line: [_plain(record.get(line)) for record in history[-LAST:]] for line in LINES}


def _substep(substep: Substep, border: float | None) -> dict[str, Any]:
    series = {name: _rounded(name, values) for name, values in substep.series.items() if name != "labels"}
    return {
        "name": substep.name,
        "actor": substep.actor,
        "caption": caption(substep, border),
        "numbers": {name: _plain(value) for name, value in substep.numbers.items()},
        "series": series,
        "pictures": {name: sprite_json(pictures) for name, pictures in substep.pictures.items()},
    }


def caption(substep: Substep, border: float | None) -> str:
    """Say in one or two sentences what happens, with the numbers of this very moment."""
    sentences = words("slow")
    open_ended = border is None and f"caption_{substep.name}_open" in sentences
    sentence = sentences[f"caption_{substep.name}{'_open' if open_ended else ''}"]
    return sentence.format(**{name: _said(name, value) for name, value in substep.numbers.items()})


def _said(name: str, value: float) -> str:
    """Write a number as its kind is read: scores with a sign, shares in per cent, counts whole."""
    if not math.isfinite(value):
        return "–"
    if name in ("count", "latent_dim", "round", "rounds"):
        return f"{value:,.0f}"
    if name in ("right", "right_real", "right_fake", "separation"):
        return f"{value:.0%}"
    if name == "share":
        return _figures(100 * value, 2) + "%"
    if name == "spread":  # from the networks' scale, -1 to 1, to that of pixels
        return f"{value * 127.5:.0f}"
    if name in ("real", "fake", "before", "mean"):
        return _signed(value)
    return _figures(value, 3)


def _signed(value: float) -> str:
    size = abs(value)
    decimals = 1 if size >= 10 else 2 if size >= 1 else 3
    written = f"{size:.{decimals}f}" if size >= 0.01 or not size else _figures(size, 2)
    return ("−" if value < 0 else "+") + written


def _figures(value: float, count: int) -> str:
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        text = f"{value:.{count}g}"
        return f"{value:,.0f}" if "e" in text else text.replace("-", "−")
    return f"{value:.1e}".replace("e-0", "e-").replace("-", "−")


def _rounded(name: str, values: Any) -> Any:
    if isinstance(values, list):
        return [_rounded(name, value) for value in values]
    return round(values, DIGITS[name]) if name in DIGITS else _plain(values)


def _plain(value: Any) -> float | None:
    """Shorten a number; None stands for what JSON lacks, and for what a stranger's file may hold in its place."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(f"{value:.4g}") if known else None
