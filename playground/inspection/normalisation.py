"""The same latents under other statistics: what batch normalisation makes of them by the batch, by averages, anew.

In training a batch-norm layer takes mean and variance of the batch that it sees (S. Ioffe & C. Szegedy 2015, 1502.03167);
at inference it takes the running averages that it kept meanwhile.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import math

import torch
from torch import nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

from playground.config import shorten
from playground.layers import ConditionalBatchNorm2d, PixelNorm, ProjectionScore, SpectralConv2d, SpectralLinear
from playground.model import Model, draw_latents

MODES = ("running", "batch", "standing")
STANDING_BATCHES, STANDING_SIZE, STANDING_SEED = 16, 64, 1
EPSILON = 1e-5  # of a layer that has no setting for it: PyTorch's own
MAX_MATES = 1024
Mates = torch.Tensor | tuple[int, int] | None


def batch_norms(network: nn.Module) -> dict[str, nn.Module]:
    """Return the batch-norm layers of `network` by their path, in order, those with a condition among them."""
    kinds = (_BatchNorm, ConditionalBatchNorm2d)
    return {path: module for path, module in network.named_modules() if isinstance(module, kinds)}


def under_statistics(
    model: Model,
    latents: torch.Tensor,
    labels: torch.Tensor | None = None,
    mode: str = "running",
    *,
    mates: Mates = None,
    momentum: float | None = None,
    epsilon: float | None = None,
    standing_batches: int = STANDING_BATCHES,
) -> torch.Tensor:
    """Make samples (N, C, H, W) of latents (N, latent_dim) with one kind of statistics in every batch-norm layer of G.

    `batch` takes those of the batch: the latents and their `mates`, latents (M, latent_dim) or (seed, M) to draw them.
    `running` takes the running averages as they are; given a `momentum`, after one more batch, the same one, has moved
    them by that share. `standing` resets them and takes their plain average over `standing_batches` batches of fresh
    latents, with the weights that make the samples (A. Brock 2019, 1809.11096, appendix C.1). `epsilon` replaces that of
    the layers. The model stays as it is. Raises ValueError for a bad value, and in training mode for a layer that would
    get a single value a channel, whose variance is 0.
    """
    if mode not in MODES:
        raise ValueError(f"unknown mode {shorten(mode)}; choose from: {', '.join(MODES)}")
    if mode == "standing":
        return recalibrated(model, standing_batches, epsilon=epsilon).generate(latents, labels)
    batch = with_mates(model, latents, labels, mates)
    if mode == "batch":
        return by_batch(with_epsilon(model.generator, epsilon), *batch, 0.0)[: len(latents)]
    return moved_on(model, *batch, momentum or 0.0, epsilon).generate(latents, labels)


def moved_on(
    model: Model, latents: torch.Tensor, labels: torch.Tensor | None, momentum: float, epsilon: float | None = None
) -> Model:
    """Return a model whose generator, a copy, has taken one more batch (N, latent_dim) into its running statistics.

    Raises ValueError for a momentum that is not from 0 to 1 and as `under_statistics`.
    """
    if not 0 <= momentum <= 1:
        raise ValueError(f"momentum must be from 0 to 1, not {shorten(momentum)}")
    network = with_epsilon(model.generator, epsilon)
    if momentum:
        by_batch(network, latents, labels, float(momentum))
    return dataclasses.replace(model, generator=network)


def in_batches(
    model: Model,
    latents: torch.Tensor,
    labels: torch.Tensor | None = None,
    *,
    size: int,
    seed: int,
    epsilon: float | None = None,
) -> torch.Tensor:
    """Make samples of latents by the statistics of batches of `size`, of which at most half are theirs.

    The others are mates drawn from `seed`, the same in all batches; in a batch of one each latent is alone. Otherwise as
    `under_statistics` with the mode `batch`.
    """
    if not 1 <= size <= MAX_MATES:
        raise ValueError(f"size must be 1 to {MAX_MATES}, not {shorten(size)}")
    labels = model.labels(len(latents)) if labels is None else labels
    network, own = with_epsilon(model.generator, epsilon), own_share(size, len(latents))
    pieces = zip(latents.split(own), [None] * len(latents) if labels is None else labels.split(own), strict=False)
    made = []
    for piece, piece_labels in pieces:
        batch = with_mates(model, piece, piece_labels, (seed, size - len(piece)))
        made.append(by_batch(network, *batch, 0.0)[: len(piece)])
    return torch.cat(made)


def own_share(size: int, count: int) -> int:
    """Return how many of `count` latents go into one batch of `size`: half of it at most, but one."""
    return max(1, min(count, size // 2))


def recalibrated(
    model: Model,
    batches: int = STANDING_BATCHES,
    batch_size: int = STANDING_SIZE,
    seed: int = STANDING_SEED,
    epsilon: float | None = None,
) -> Model:
    """Return a model whose generator, a copy, has standing statistics: reset, then averaged over `batches` batches.

    Each batch counts the same. Classes, if there are any, are drawn at random. Raises ValueError for less than one batch
    or sample.
    """
    if not (1 <= batches <= 4096 and 1 <= batch_size <= MAX_MATES):
        raise ValueError(f"batches must be 1 to 4096 and batch_size 1 to {MAX_MATES}, not {batches!r} and {batch_size!r}")
    network, source = with_epsilon(model.generator, epsilon), torch.Generator().manual_seed(seed)
    num_classes = model.experiment.num_classes
    for number in range(batches if batch_norms(network) else 0):
        latents = torch.randn(batch_size, model.experiment.generator.latent_dim, generator=source)
        labels = torch.randint(num_classes, (batch_size,), generator=source) if num_classes else None
        by_batch(network, latents, labels, 1 / (number + 1))  # the first forgets what was there
    return dataclasses.replace(model, generator=network)


def with_epsilon(network: nn.Module, epsilon: float | None = None) -> nn.Module:
    """Copy a network, all its batch-norm layers with another `epsilon`. Raises ValueError for one that is not above 0."""
    if epsilon is not None and not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError(f"epsilon must be above 0, not {shorten(epsilon)}")
    copied = copy.deepcopy(network)
    for module in batch_norms(copied).values() if epsilon is not None else ():
        if isinstance(module, ConditionalBatchNorm2d):
            module.normalise = functools.partial(batch_norm, eps=epsilon)
        else:
            module.eps = epsilon
    return copied


def epsilon_of(module: nn.Module) -> float:
    """Return what a batch-norm layer adds to the variance."""
    if isinstance(module, ConditionalBatchNorm2d):
        return getattr(module.normalise, "keywords", {}).get("eps", EPSILON)
    return module.eps


@torch.no_grad()
def by_batch(network: nn.Module, inputs: torch.Tensor, labels: torch.Tensor | None, momentum: float) -> torch.Tensor:
    """Run `network` once with its batch-norm layers, and only them, as in training: the running averages move.

    Raises ValueError where a layer would get a single value a channel.
    """
    layers = batch_norms(network)
    device = next(network.parameters()).device
    before = {module: module.momentum for module in layers.values()}
    handles = [
        module.register_forward_pre_hook(functools.partial(_refuse_single, name=name)) for name, module in layers.items()
    ]
    try:
        for module in layers.values():
            module.train()
            module.momentum = momentum
        moved = inputs.to(device)
        return network(moved) if labels is None else network(moved, labels.to(device))
    finally:
        for module, value in before.items():
            module.eval()
            module.momentum = value
        for handle in handles:
            handle.remove()


def _refuse_single(module: nn.Module, inputs: tuple, name: str) -> None:
    if inputs[0].numel() == inputs[0].shape[1]:
        raise ValueError(
            f"the layer {name} would get a single value a channel: its variance is 0, nothing is left to normalise; "
            "take a batch of two or more"
        )


def with_mates(
    model: Model, latents: torch.Tensor, labels: torch.Tensor | None, mates: Mates
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the batch that latents and their mates make, with labels; mates are of the classes in turn."""
    latents = latents.to(model.device)
    labels = model.labels(len(latents)) if labels is None else labels
    if mates is None:
        return latents, labels
    if isinstance(mates, tuple):
        seed, count = mates
        if not 0 <= count <= MAX_MATES:
            raise ValueError(f"there can be 0 to {MAX_MATES} mates, not {shorten(count)}")
        mates = draw_latents(count, model.experiment.generator.latent_dim, seed)
    others = model.labels(len(mates))
    if labels is not None and labels.is_floating_point():
        others = nn.functional.one_hot(others, model.experiment.num_classes).to(labels.dtype)
    both = None if labels is None else torch.cat([labels.to(model.device), others.to(model.device)])
    return torch.cat([latents, mates.to(latents)]), both


def kinds_of(network: nn.Module) -> list[str]:
    """Return the kinds of normalisation in a network, each once, in order: `batch`, `pixel`, `spectral`…"""
    return list(dict.fromkeys(kind for kind in map(_kind, network.modules()) if kind))


def _kind(module: nn.Module) -> str | None:
    if isinstance(module, nn.GroupNorm):
        return {1: "layer", module.num_channels: "instance"}.get(module.num_groups, "group")
    kinds = {
        "batch": (_BatchNorm, ConditionalBatchNorm2d),
        "layer": (nn.LayerNorm,),
        "pixel": (PixelNorm,),
        "spectral": (SpectralConv2d, SpectralLinear, ProjectionScore),
    }
    return next((kind for kind, types in kinds.items() if isinstance(module, types)), None)
