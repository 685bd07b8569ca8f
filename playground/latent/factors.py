"""Directions from the weights alone: closed-form factors of the layer that takes the code (SeFa)."""

from __future__ import annotations

import torch
from torch import nn

from playground.config import check_whole
from playground.latent.directions import NEGLIGIBLE, Direction, model_key, scaled, space_of, turned
from playground.latent.entering import check_stages, entries_of, first_layer, labels_for, run_until
from playground.latent.spaces import has_styles
from playground.layers import Conditioned, Entry
from playground.layers.tracing import stages
from playground.model import Model

MAX_DIRECTIONS = 48


def factors(model: Model, count: int = 6, *, at: tuple[str, ...] | None = None) -> list[Direction]:
    """Find the directions that the first layer amplifies most: the leading eigenvectors of AᵀA, strongest first.

    Shen & Zhou 2021, 2007.06600, section 3.2: for a layer y = A·code + b the unit vectors n with the largest |A·n|. `at`
    names the entries whose layers count (`layers.Entry`), stacked where there are several, and the directions then act
    there; by default the first layer, and of a generator with styles all of them. There are no more than `count` and than
    the layer can tell apart. Raises ValueError for a stage where nothing enters and for weights that are not finite.
    """
    check_whole("count", count, 1, MAX_DIRECTIONS)
    check_stages(model, at)
    matrix = factor_matrix(model, at).double()
    entries = entries_of(model)
    if at is None and space_of(model) == "z" and len(entries) > 1:
        at = (entries[0].name,)  # nothing of it enters elsewhere
    if not torch.isfinite(matrix).all():
        raise ValueError("the first layer's weights are not finite: there is no direction to find")
    values, vectors = torch.linalg.eigh(matrix.mT @ matrix)  # ascending
    values, vectors = values.flip(0), vectors.mT.flip(0)
    # what the layer does not see changes nothing
    seen = values > NEGLIGIBLE**2 * values[0] if values[0] > 0 else values > 0
    if not seen.any():
        raise ValueError("the first layer makes the same of every code: there is no direction to find")
    found = scaled(model, turned(vectors[seen][:count]))
    shares = (values / values.sum()).tolist()
    key, space = model_key(model.experiment), space_of(model)
    return [
        Direction(f"factor {n + 1}", space, vector, "sefa", key, at, shares[n]) for n, vector in enumerate(found)
    ]  # fmt: skip


def factor_matrix(model: Model, at: tuple[str, ...] | None = None) -> torch.Tensor:
    """Return A (rows, D): the weights that the code is multiplied by, as they are used, where it enters at `at`.

    Labels have no part in it. Where z goes through other things before its first weights (a normalisation), A is the
    derivative there at the mean code, 0; for a linear layer that is its weight.
    """
    entries = entries_of(model)
    chosen = [entry for entry in entries if at is None or entry.name in at]
    if has_styles(model):
        return torch.cat([_conditions(model, entry) for entry in chosen]).detach().cpu()
    if at is None or entries[0] in chosen:
        rows = [_derivative(model)]
        chosen = [entry for entry in chosen if at is not None and entry is not entries[0]]
    else:
        rows = []
    for entry in chosen:
        taken = _conditions(model, entry)
        placed = taken.new_zeros(len(taken), model.experiment.generator.latent_dim)
        placed[:, entry.part] = taken[:, -(entry.part.stop - entry.part.start) :]  # a class comes first, then the piece of z
        rows.append(placed)
    return torch.cat(rows).detach().cpu()


def _conditions(model: Model, entry: Entry) -> torch.Tensor:
    """Stack the linear maps (rows, size) by which the layers of an entry's stages take in their condition."""
    named = stages(model.generator)
    layers: list[nn.Module] = [module for name in entry.stages for module in named[name].modules()]
    maps = [layer.takes() for layer in layers if isinstance(layer, Conditioned)]
    return torch.cat([taken for taken in maps if taken is not None])


@torch.enable_grad()
def _derivative(model: Model) -> torch.Tensor:
    """Return the derivative (rows, latent_dim) of the first layer's output by z, at z = 0.

    A batch with a copy of z for each of its numbers gives all columns at once, by differentiating twice: uᵀJ is linear in u,
    and its derivative along a unit vector is a column of J. (`torch.func` does the same after loading a compiler for a second.)
    """
    size = model.experiment.generator.latent_dim
    copies = torch.zeros(size, size, device=model.device, requires_grad=True)  # (copies, latent_dim)
    made = run_until(model, first_layer(model), copies, labels_for(model, None, size)).flatten(1)  # (copies, rows)
    weights = torch.zeros_like(made, requires_grad=True)
    (pulled,) = torch.autograd.grad(made, copies, weights, create_graph=True)
    (columns,) = torch.autograd.grad(pulled, weights, torch.eye(size, device=model.device))
    return columns.mT.detach()
