"""Inside batch-norm layers: running against batch statistics of each channel, and what goes in and comes out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.nn.functional import linear

from playground.config import shorten
from playground.experiment import Experiment
from playground.inspection.normalisation import batch_norms, by_batch, epsilon_of, with_epsilon, with_mates
from playground.layers import ConditionalBatchNorm2d, class_weights
from playground.layers.tracing import stages
from playground.model import Model

BINS = 32
COUNT, SEED = 64, 0
SOURCES = ("batch", "running")  # which statistics the layers use while they are watched
TAILS = 0.001  # of the values at either end are in the outermost bins
SAMPLED = 50_000  # values decide where the bins lie


class Past(Protocol):
    """What is needed of a `playground.timeline.Run`: its experiment, and a timeline with the moments kept."""

    experiment: Experiment
    timeline: Any


@dataclass(frozen=True)
class Histograms:
    """How many values of each channel are in each bin: `edges` (bins + 1,), shared by the channels, `counts` (C, bins)."""

    edges: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class LayerStatistics:
    """One batch-norm layer with a batch going through. All arrays are float32 (C,), one number a channel.

    `batch_mean` and `batch_var` are the batch's over `count` values a channel, the variance biased, as the layer
    normalises by it. `scale` and `shift` are γ and β; where they come from a condition, those of the batch on average.
    `example` is what goes in at the middle of the first sample's map, and `result` what comes out there; `example_scale`
    and `example_shift` are that sample's own γ and β. `momentum` is None for a layer whose average counts all batches alike.
    """

    network: str
    stage: str
    layer: str
    count: int
    momentum: float | None
    epsilon: float
    running_mean: np.ndarray
    running_var: np.ndarray
    batch_mean: np.ndarray
    batch_var: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    example: np.ndarray
    result: np.ndarray
    example_scale: np.ndarray
    example_shift: np.ndarray
    before: Histograms
    after: Histograms

    @property
    def name(self) -> str:
        """The network and the layer's path in it, `generator.stages.up1.1`."""
        return f"{self.network}.{self.layer}"

    @property
    def levels(self) -> dict[str, float]:
        """Return the layer's scale over all channels: root mean square of the means, root of the mean variance."""
        found = {}
        for name in ("running", "batch"):
            mean, variance = getattr(self, f"{name}_mean"), getattr(self, f"{name}_var")
            found[f"{name}_mean"] = float(np.sqrt(np.square(mean, dtype=np.float64).mean()))
            found[f"{name}_std"] = float(np.sqrt(variance.mean(dtype=np.float64)))
        return found

    @property
    def gap(self) -> float:
        """By how many running standard deviations a channel's batch mean is off its running mean: root mean square."""
        away = (self.batch_mean - self.running_mean) / np.sqrt(self.running_var + self.epsilon)
        return float(np.sqrt(np.square(away, dtype=np.float64).mean()))


def layer_statistics(
    model: Model,
    latents: torch.Tensor,
    labels: torch.Tensor | None = None,
    *,
    source: str = "batch",
    epsilon: float | None = None,
    counted: Collection[str] | None = None,
) -> list[LayerStatistics]:
    """Send latents (N, latent_dim) through copies of G, and what it makes through D, and describe every batch-norm layer.

    The layers use the batch's statistics (`source="batch"`, as in training) or the running ones. The model stays as it is.
    `counted` names the only layers whose histograms are made, by default all; the others have histograms without bins.
    Raises ValueError for an unknown source and, by the batch, for a layer that would get a single value a channel.
    """
    if source not in SOURCES:
        raise ValueError(f"unknown source {shorten(source)}; choose from: {', '.join(SOURCES)}")
    inputs, labels = with_mates(model, latents, labels, None)
    found: list[LayerStatistics] = []
    for name in ("generator", "discriminator"):
        network = with_epsilon(getattr(model, name), epsilon)
        if name == "discriminator" and not batch_norms(network):
            break
        inputs, rows = _watched(name, network, inputs, labels, source, counted)
        found += rows
    return found


def statistics_over(run: Past, count: int = COUNT, seed: int = SEED) -> Iterator[tuple[int, list[LayerStatistics]]]:
    """Describe the layers at every moment of a run, in order: (step, statistics) of the same `count` latents.

    The weights are the averaged ones, which make the samples; the running statistics are those that training had kept.
    A run without moments gives nothing.
    """
    for moment in run.timeline.copy().moments:
        model = Model.from_state(run.experiment, moment.state)
        yield moment.step, layer_statistics(model, model.latents(count, seed), counted=())


@torch.no_grad()
def _watched(
    name: str,
    network: nn.Module,
    inputs: torch.Tensor,
    labels: torch.Tensor | None,
    source: str,
    counted: Collection[str] | None,
) -> tuple[torch.Tensor, list[LayerStatistics]]:
    """Run a copied network once; return what it makes and a row for every batch-norm layer, in order of execution."""
    homes = {module: stage for stage, part in stages(network).items() for module in batch_norms(part).values()}
    kept = {module: (module.running_mean.clone(), module.running_var.clone()) for module in batch_norms(network).values()}
    momenta = {module: module.momentum for module in kept}  # `by_batch` puts in its own
    rows: list[LayerStatistics] = []

    def after(module: nn.Module, args: tuple, output: torch.Tensor, path: str) -> None:
        place = {"network": name, "stage": homes.get(module, ""), "layer": path, "momentum": momenta[module]}
        bins = BINS if counted is None or f"{name}.{path}" in counted else 0
        rows.append(_row(place, module, args, output, kept[module], bins))

    handles = [
        module.register_forward_hook(lambda module, args, output, path=path: after(module, args, output, path))
        for path, module in batch_norms(network).items()
    ]
    try:
        given = [inputs] if labels is None else [inputs, labels.to(inputs.device)]
        made = by_batch(network, inputs, labels, 0.0) if source == "batch" else network(*given)
    finally:
        for handle in handles:
            handle.remove()
    return made, rows


def _row(place: dict, module: nn.Module, args: tuple, output: torch.Tensor, kept: tuple, bins: int) -> LayerStatistics:
    features, (scale, shift) = args[0].float(), _affine(module, args)
    flat, made = (value.float().reshape(*value.shape[:2], -1) for value in (features, output))  # (N, C, H·W)
    wide = features.shape[-1] if features.ndim == 4 else 1
    middle = flat.shape[2] // wide // 2 * wide + wide // 2
    variance, mean = torch.var_mean(flat, (0, 2), correction=0)
    values = {
        "running_mean": kept[0], "running_var": kept[1], "batch_mean": mean, "batch_var": variance,
        "scale": scale.mean(0), "shift": shift.mean(0), "example_scale": scale[0], "example_shift": shift[0],
        "example": flat[0, :, middle], "result": made[0, :, middle],
    }  # fmt: skip
    arrays = {key: value.float().cpu().numpy() for key, value in values.items()}
    return LayerStatistics(
        **place, **arrays, count=flat.shape[0] * flat.shape[2], epsilon=epsilon_of(module),
        before=histograms(flat, bins), after=histograms(made, bins),
    )  # fmt: skip


def _affine(module: nn.Module, args: tuple) -> tuple[torch.Tensor, torch.Tensor]:
    """Return γ and β of a layer (N, C); a row of one sample stands for all where they are the same for all."""
    if isinstance(module, ConditionalBatchNorm2d):
        condition = class_weights(args[1], module.scale.shape[1])
        return 1 + linear(condition, module.scale), linear(condition, module.shift)
    if module.weight is None:
        return torch.ones_like(module.running_mean)[None], torch.zeros_like(module.running_mean)[None]
    return module.weight[None], module.bias[None]


def histograms(values: torch.Tensor, bins: int = BINS) -> Histograms:
    """Count values (N, C, L) of each channel into `bins` that all channels share; what is not finite is left out.

    The bins span all but a thousandth of the values at either end, which go to the outermost bins.
    """
    channels = values.shape[1]
    if not bins:
        return Histograms(np.zeros(1), np.zeros((channels, 0), np.int64))
    rows = values.movedim(1, 0).reshape(channels, -1)
    finite = rows.isfinite()
    known = rows[finite]
    known = known[:: max(1, len(known) // SAMPLED)].cpu().numpy()
    low, high = (float(value) for value in np.quantile(known, (TAILS, 1 - TAILS))) if known.size else (0.0, 1.0)
    high = high if high > low else low + max(1e-6, abs(low) * 1e-3)
    places = ((rows.nan_to_num(0, 0, 0) - low) * (bins / (high - low))).clamp_(0, bins - 1).long()
    places += bins * torch.arange(channels, device=rows.device)[:, None]
    counts = torch.bincount(places[finite], minlength=channels * bins).reshape(channels, bins)
    return Histograms(np.linspace(low, high, bins + 1), counts.cpu().numpy())
