"""The contents of every stage for one latent or one sample, as pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.layers.tracing import stages
from playground.model import Model

SIDE = 48  # of the picture of a curve
LONG = 4  # values in a row make a curve


@dataclass(frozen=True)
class StageMaps:
    """The feature maps of one stage for one sample.

    `values` is float32 (channels, height, width), most active channels first (by mean absolute value); `channels`
    gives each map's channel number. A stage that gives steps (T, F) is one map, time running down; one of F plain
    units is one map of about √F × √F, its unused end NaN. Of a stage that works on the frames of a film one by one the middle
    frame is shown, which `times` counts; a film (T, C, H, W) is a map a frame, in their order.
    """

    network: str
    stage: str
    shape: tuple[int, ...]
    channels: tuple[int, ...]
    values: np.ndarray
    times: int = 1

    @property
    def statistics(self) -> dict[str, float]:
        """Mean, standard deviation, smallest and largest value, and the share that is exactly 0 or below ("off")."""
        known = self.values[np.isfinite(self.values)]
        if not known.size:
            return {}
        return {
            "mean": float(known.mean()),
            "std": float(known.std()),
            "min": float(known.min()),
            "max": float(known.max()),
            "off": float((known <= 0).mean()),
        }

    def pictures(self) -> np.ndarray:
        """Return the maps as uint8 (channels, height, width, 1): one grey scale for the whole stage.

        Maps of one long row are drawn as curves, with one scale too: of grey stripes a wave could not be told.
        """
        if self.values.shape[1] == 1 and self.values.shape[2] >= LONG:
            return _curves(self.values[:, 0])
        known = self.values[np.isfinite(self.values)]
        low, high = np.percentile(known, (0.5, 99.5)) if known.size else (0.0, 1.0)
        low = min(low, 0.0)
        scaled = (self.values - low) / max(high - low, 1e-8) * 255
        return np.nan_to_num(scaled, nan=0.0).clip(0, 255).astype(np.uint8)[..., None]


@torch.no_grad()
def feature_maps(model: Model, latent: torch.Tensor, label: torch.Tensor | None = None) -> list[StageMaps]:
    """Return the maps of every stage of G for `latent` (latent_dim,), then of D for the sample that G made of it.

    `label` is a class () or a mixture of classes (num_classes,), for a conditional model only; class 0 by default.
    Raises ValueError for a latent of another size.
    """
    wanted = model.experiment.generator.latent_dim
    if latent.numel() != wanted:
        raise ValueError(f"the latent must have {wanted} numbers, not {latent.numel()}")
    labels = model.labels(1, None) if label is None else label.unsqueeze(0)
    labels = labels if labels is None else labels.to(model.device)
    sample, made = _watched("generator", model.generator, latent.reshape(1, wanted).to(model.device), labels)
    _, judged = _watched("discriminator", model.discriminator, sample, labels)
    return made + judged


def _watched(name: str, network: nn.Module, *batch: torch.Tensor | None) -> tuple[torch.Tensor, list[StageMaps]]:
    """Run `network` on a batch of one and keep what its stages give; the network does not know that it is watched."""
    seen: dict[str, torch.Tensor] = {}
    handles = [
        # copied at once: a later stage may work in place
        stage.register_forward_hook(
            lambda module, args, output, stage_name=stage_name: seen.update({stage_name: output.clone()})
        )
        for stage_name, stage in stages(network).items()
    ]
    try:
        result = network(*batch)
    finally:
        for handle in handles:
            handle.remove()
    return result, [_stage_maps(name, stage_name, value.float().cpu()) for stage_name, value in seen.items()]


def _curves(lines: np.ndarray) -> np.ndarray:
    """Draw lines (N, L) as areas between 0 and their values, uint8 (N, SIDE, SIDE, 1)."""
    at = np.linspace(0, lines.shape[1], SIDE, endpoint=False).astype(int)
    known = np.nan_to_num(lines, nan=0.0, posinf=0.0, neginf=0.0)
    # what lies between two columns shows by its greatest and its least value
    high, low = np.maximum.reduceat(known, at, 1), np.minimum.reduceat(known, at, 1)
    top, bottom = max(float(high.max()), 0.0), min(float(low.min()), 0.0)
    places = np.linspace(top, bottom, SIDE)[:, None]
    step = (top - bottom) / (SIDE - 1)
    inside = (places <= np.maximum(high, 0)[:, None] + step / 2) & (places >= np.minimum(low, 0)[:, None] - step / 2)
    return (inside * np.uint8(255))[..., None]


def _stage_maps(network: str, stage: str, values: torch.Tensor) -> StageMaps:
    times, value = len(values), values[len(values) // 2]
    shape = tuple(value.shape)
    if value.ndim in (2, 4):  # steps, a sound (1, L), or a film
        planes = value.reshape(-1, *value.shape[-2:])
        return StageMaps(network, stage, shape, tuple(range(len(planes))), planes.numpy(), times)
    if value.ndim != 3:
        side = max(1, math.ceil(math.sqrt(value.numel())))
        square = torch.full((1, side, side), math.nan)
        square.view(-1)[: value.numel()] = value.flatten()
        return StageMaps(network, stage, shape, (0,), square.numpy(), times)
    order = value.abs().mean((1, 2)).argsort(descending=True, stable=True)
    return StageMaps(network, stage, shape, tuple(order.tolist()), value[order].numpy(), times)
