"""The architectures as cards: what each is, how large its networks are for the chosen data, and how fast."""

from __future__ import annotations

import functools
from typing import Any

from playground.architectures import ARCHITECTURES, Architecture
from playground.datasets import DATASETS
from playground.experiment import Experiment
from playground.inspection import shape_table
from playground.layers import Row
from playground.ui.compute import place
from playground.ui.pace import best
from playground.ui.words import words

DEFAULTS = ("generator_config", "discriminator_config", "recipe")


def gallery(experiment: Experiment) -> list[dict[str, Any]]:
    """Return a card for every architecture, as it would be for the experiment's data."""
    shape, device = experiment.spec.shape, place()
    return [
        _card(name, experiment.dataset, experiment.data)
        | {"ms": best(name, shape, device), "chosen": name == experiment.architecture}
        for name in ARCHITECTURES
    ]


def misfit(architecture: str, dataset: str, data: Any) -> str:
    """Say why an architecture cannot be used with a data set, naming one that can; empty where nothing is in the way.

    Raises ValueError for names that are unknown.
    """
    own, spec = ARCHITECTURES[architecture], DATASETS[dataset].spec(data)
    if not own.conditional or spec.classes:
        return ""
    titles = {"architecture": own.title, "dataset": DATASETS[dataset].title, "nearest": nearest(own, spec.kind).title}
    return words("gallery")["misfit"].format(**titles)


def nearest(own: Architecture, kind: str) -> Architecture:
    """Return the architecture most like `own` that needs no classes: with the same settings, of the same values if possible."""

    def alike(other: Architecture) -> tuple[int, int]:
        sections = [(getattr(own, name), getattr(other, name)) for name in DEFAULTS]
        return sum(type(mine) is type(theirs) for mine, theirs in sections), sum(mine == theirs for mine, theirs in sections)

    return max((entry for entry in ARCHITECTURES.values() if not entry.conditional and kind in entry.kinds), key=alike)


@functools.lru_cache(maxsize=512)
def _card(name: str, dataset: str, data: Any) -> dict[str, Any]:
    entry = ARCHITECTURES[name]
    card = {"name": name, "title": entry.title, "year": entry.year, "summary": entry.summary, "conditional": entry.conditional}
    card |= {"generator": [], "discriminator": [], "parameters": None, "problem": misfit(name, dataset, data)}
    if card["problem"]:
        return card
    try:
        table = shape_table(Experiment(name, dataset, data=data))
    except ValueError as error:  # too large for such data, or for another kind of them
        return card | {"problem": f"{error}."}
    rows = {"generator": table.generator, "discriminator": table.discriminator}
    bars = {network: _bars(found) for network, found in rows.items()}
    return card | bars | {"parameters": sum(row.parameters for found in rows.values() for row in found)}


def _bars(rows: tuple[Row, ...]) -> list[list[int]]:
    """Return the map size and the channels of every stage; plain units count as channels of size 1."""
    shapes = {row.stage: row.output_shape for row in rows}.values()
    return [[shape[1], shape[0]] if len(shape) == 3 else [1, max(shape, default=1)] for shape in shapes]
