"""Run a generator only as far as one is interested in, and find where its code enters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from playground.config import shorten
from playground.latent.spaces import has_styles
from playground.layers import Entry
from playground.layers.tracing import stages
from playground.model import Model, build_meta, trace_generator

SMALLEST_PIECE, LARGEST_PIECE = 4, 250  # samples made at a time
PIECE_MACS = 10**9  # multiply-accumulates of a piece: two shared cores do about ten times as many in a second


def entries_of(model: Model) -> tuple[Entry, ...]:
    """Return the places where the model's code enters its generator: see `layers.Entry`. There is always one."""
    return getattr(model.generator, "entries", None) or (Entry(slice(None), (entering_stage(model),)),)


def check_stages(model: Model, names: tuple[str, ...] | None) -> None:
    """Raise ValueError unless `names`, the stages that a direction acts on, are some of the model's entries."""
    known = [entry.name for entry in entries_of(model)] if names is not None else []
    for name in names or ():
        if name not in known:
            raise ValueError(f"unknown stage {shorten(name)}; a code enters at: {', '.join(known)}")
    if names is not None and not names:
        raise ValueError("a direction must act on at least one stage")


def part_of(model: Model, names: tuple[str, ...] | None) -> torch.Tensor:
    """Say which numbers of z (latent_dim,), or which styles (num_layers,), enter at the stages `names`: 1 or 0.

    None stands for all of them. Raises ValueError for a stage where nothing enters.
    """
    size = model.generator.num_layers if has_styles(model) else model.experiment.generator.latent_dim
    if names is None:
        return torch.ones(size)
    check_stages(model, names)
    mask = torch.zeros(size)
    for entry in entries_of(model):
        if entry.name in names:
            mask[entry.part] = 1
    return mask


class _Reached(Exception):
    def __init__(self, value: torch.Tensor) -> None:
        super().__init__()
        self.value = value


def run_until(model: Model, module: nn.Module, latents: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor | None:
    """Run the generator on latents (N, latent_dim) until `module` has run, and return what that gave; None if it never did."""

    def reached(module: nn.Module, args: tuple, output: torch.Tensor) -> None:
        raise _Reached(output)

    handle = module.register_forward_hook(reached)
    try:
        model.generator(latents, labels)
    except _Reached as reached_it:
        return reached_it.value
    finally:
        handle.remove()
    return None


def piece_of(model: Model) -> int:
    """Return how many samples to make at a time so that a piece takes well under half a second: the same on every machine."""
    generator, _ = build_meta(model.experiment)
    work = sum(row.macs for row in trace_generator(model.experiment, generator))
    return max(SMALLEST_PIECE, min(LARGEST_PIECE, PIECE_MACS // max(work, 1)))


def labels_for(model: Model, label: torch.Tensor | None, count: int) -> torch.Tensor | None:
    """Repeat a class () or a mixture (num_classes,), by default class 0, `count` times; None of a model without classes."""
    if not model.experiment.num_classes:
        return None
    label = torch.tensor(0) if label is None else label
    return label.to(model.device).expand(count, *label.shape)


def watched(model: Model, modules: dict[str, nn.Module]) -> dict[str, torch.Tensor]:
    """Return what those of `modules` that run give for two latents and one class, (2, …) each, in order of execution."""
    seen: dict[str, torch.Tensor] = {}

    def keeping(name: str) -> Callable[..., None]:
        return lambda module, args, output: seen.update({name: output.clone()})  # a later layer may work in place

    handles = [module.register_forward_hook(keeping(name)) for name, module in modules.items()]
    try:
        with torch.no_grad():
            model.generator(model.latents(2, 0), labels_for(model, None, 2))
    finally:
        for handle in handles:
            handle.remove()
    return seen


def steered_stages(model: Model) -> dict[str, tuple[int, ...]]:
    """Return the stages that make something of z, with the shape of what they give, in order of execution."""
    made = list(watched(model, stages(model.generator)).items())
    names = [name for name, _ in made]
    start = names.index(entering_stage(model)) if entering_stage(model) in names else 0  # before it a label is put beside z
    return {name: tuple(output.shape[1:]) for name, output in made[start:] if _differ(output)}


def first_layer(model: Model) -> nn.Module:
    """Return the first layer with weights whose output depends on z. Raises ValueError when none does."""
    layers = {name: layer for name, layer in model.generator.named_modules() if any(True for _ in layer.parameters(False))}
    for name, output in watched(model, layers).items():
        if _differ(output):
            return layers[name]
    raise ValueError("this generator makes the same of every z: there is nothing to steer")


def entering_stage(model: Model) -> str:
    """Return the name of the stage where z enters: the one with the first layer that depends on it, else the first stage."""
    named = stages(model.generator)
    try:
        layer = first_layer(model)
    except ValueError:
        return next(iter(named))
    return next((name for name, stage in named.items() if any(layer is module for module in stage.modules())), "generator")


def _differ(output: Any) -> bool:
    return isinstance(output, torch.Tensor) and len(output) == 2 and not torch.equal(output[0], output[1])
