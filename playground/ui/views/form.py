"""The settings of an experiment as a form: fields, ranges and help come from the dataclasses alone."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from playground.architectures import ARCHITECTURES
from playground.experiment import MAX_SEED, Experiment
from playground.layers.tracing import stages
from playground.model import build_meta
from playground.presets import PRESETS

RESTARTS = ("data", "generator", "discriminator")  # a change here makes other networks or other data
ORDER = ("recipe", "data", "generator", "discriminator", "engine")


def form(experiment: Experiment, error: str = "") -> dict[str, Any]:
    """Describe every public setting of `experiment` for the page: sections of fields, and tables of per-stage fields."""
    sections = [_section(experiment, name) for name in ORDER]
    return {
        "sections": [*sections[:2], _general(experiment), *sections[2:]],
        "presets": [{"name": preset.name, "title": preset.title, "summary": preset.summary} for preset in PRESETS.values()],
        "error": error,
    }


def is_tuple(spec: dataclasses.Field) -> bool:
    """Say whether a setting has a value for each stage."""
    return isinstance(spec.default, tuple)


def _section(experiment: Experiment, name: str) -> dict[str, Any]:
    config = getattr(experiment, name)
    specs = [spec for spec in dataclasses.fields(config) if spec.metadata and not spec.metadata["private"]]
    fields = [_field(f"{name}.{spec.name}", spec, getattr(config, spec.name)) for spec in specs]
    per_stage = [field for field, spec in zip(fields, specs, strict=True) if is_tuple(spec)]
    count = max((len(spec.default) for spec in specs if is_tuple(spec)), default=0)
    return {
        "name": name,
        "fields": [field for field, spec in zip(fields, specs, strict=True) if not is_tuple(spec)],
        "stages": _stage_names(experiment, name, count) if per_stage else [],
        "per_stage": per_stage,
    }


def _stage_names(experiment: Experiment, network: str, count: int) -> list[str]:
    """Name the stages that per-stage settings with `count` default values apply to.

    Those that change the size share one default; other defaults are for as many stages, from the first one on. One
    default for networks whose stages do not change the size is for all of them, which have no name here.
    """
    try:
        generator, discriminator = build_meta(experiment)
    except ValueError:
        return []
    every = list(stages(generator if network == "generator" else discriminator))
    resizing = [name for name in every if re.fullmatch(r"(up|down)\d+", name)]
    return every[:count] if count > 1 else resizing or [""]


def _general(experiment: Experiment) -> dict[str, Any]:
    seed = {"key": "seed", "kind": "int", "value": experiment.seed, "help": "seed", "low": 0, "high": MAX_SEED, "choices": []}
    spec = experiment.spec
    others = [name for name, e in ARCHITECTURES.items() if spec.kind in e.kinds and (spec.classes or not e.conditional)]
    opponent = {"key": "opponent", "kind": "choice", "value": experiment.opponent, "choices": ["", *others]}
    specs = {spec.name: spec for spec in dataclasses.fields(Experiment)}
    for field in (seed, opponent):
        field["help"] = specs[field["key"]].metadata["help"]
    return {"name": "run", "fields": [seed, opponent], "stages": [], "per_stage": []}


def _field(key: str, spec: dataclasses.Field, value: Any) -> dict[str, Any]:
    sample = spec.default[0] if is_tuple(spec) else spec.default
    kind = "choice" if spec.metadata["choices"] else type(sample).__name__
    return {
        "key": key,
        "kind": kind,
        "value": list(value) if isinstance(value, tuple) else value,
        "help": spec.metadata["help"],
        "low": spec.metadata["low"],
        "high": spec.metadata["high"],
        "choices": list(spec.metadata["choices"]),
        "advanced": spec.metadata["advanced"],
    }
