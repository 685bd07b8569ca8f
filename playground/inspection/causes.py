"""What caused one output pixel: gradient × activation in every map that led to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.config import check_whole
from playground.inspection.module_maps import (
    Edit,
    check_edits,
    editor,
    form_of,
    generated,
    laid_out,
    watching,
)
from playground.layers import Stage
from playground.layers.tracing import leaves
from playground.model import Model

LATENT = "z"
# between the kinks these are linear but for what they add: a value behind them is Σ gradient × activation + what is added
PIECEWISE_LINEAR = frozenset({
    "Linear", "SpectralLinear", "EqualisedLinear", "Conv2d", "SpectralConv2d", "EqualisedConv2d", "ConvTranspose2d",
    "SpectralConvTranspose2d", "BatchNorm2d", "ConditionalBatchNorm2d", "ReLU", "LeakyReLU", "Maxout", "Upsample",
    "PixelShuffle", "Flatten", "Unflatten", "Identity", "AvgPool2d", "MaxPool2d", "BlurPool", "ToRows", "FromRows",
    "ToTokens", "ToMap", "FirstToken", "Positions", "NoiseInput", "LabelPlanes", "Repeat", "StepMean", "SumPool",
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cause:
    """How much each value of one map contributed to one output pixel.

    `contributions` is float32 of the map's own shape: the value times the pixel's gradient by it. `pixel` is the pixel's
    value before the last tanh, averaged over colours. Where `linear`, everything after the map is linear between its kinks,
    and the pixel is exactly the sum of the contributions plus what comes by other ways: biases and the shifts of
    normalisations in later layers, and branches beside this one. Otherwise the rest also holds what bends:
    normalisation by the sample itself, gates, attention.
    """

    stage: str
    module: str
    form: str
    contributions: np.ndarray
    pixel: float
    linear: bool

    @property
    def explained(self) -> float:
        """Return the sum of the contributions: the part of the pixel's value that these values make."""
        return float(self.contributions.sum(dtype=np.float64))

    @property
    def planes(self) -> np.ndarray:
        """Return the contributions as `ModuleMap.planes` lays out values."""
        return laid_out(self.form, self.contributions)


def trace_back(
    model: Model, code: torch.Tensor, y: int, x: int, label: torch.Tensor | None = None, edits: Sequence[Edit] = ()
) -> list[Cause]:
    """Follow the output pixel in line `y` and column `x` back through the generator: first z, then every module in order.

    Of a film that is the pixel of its middle frame. The other arguments are as for `module_maps`. Gradient × activation
    (Shrikumar 2016, 1605.01713, section 2). Raises ValueError for a pixel outside the image, and as `module_maps`.
    """
    if len(model.experiment.spec.shape) < 3:
        raise ValueError("what caused a pixel is asked of images and videos; samples of other kinds have none")
    height, width = model.experiment.spec.shape[-2:]
    check_whole("y", y, 0, height - 1)
    check_whole("x", x, 0, width - 1)
    check_edits(model, edits)
    names, seen = leaves(model.generator), {}
    last_tanh = [module for module in names if isinstance(module, nn.Tanh)][-1:]

    def keep(name: str, module: nn.Module, args: tuple, output: torch.Tensor) -> torch.Tensor:
        if module in last_tanh:
            return args[0]  # the pixel before it: a saturated tanh has no gradient
        kept = output if output.requires_grad else output.detach().requires_grad_()
        seen[module] = kept
        return kept.clone()  # a later module may work in place

    labels = model.labels(1, None) if label is None else label.unsqueeze(0)
    labels = labels if labels is None else labels.to(model.device)
    start = code.detach().to(model.device).clone().requires_grad_()
    with torch.enable_grad(), watching(model, editor(model, edits)), watching(model, keep):
        sample = generated(model, start, labels)[0]
        picture = sample[len(sample) // 2] if sample.ndim == 4 else sample  # the middle frame of a film
        pixel = picture[:, y, x].mean()
        found = {None: start} | seen
        gradients = torch.autograd.grad(pixel, list(found.values()), allow_unused=True)
    straight = _straight_behind(list(found), _only_stages(model.generator))
    straight[0] &= not hasattr(model.generator, "entries")  # z comes in at other places too, as factors
    return [
        _cause(model, names.get(module, (LATENT, "")), value, gradient, pixel.item(), linear)
        for (module, value), gradient, linear in zip(found.items(), gradients, straight, strict=True)
    ]


def _cause(
    model: Model, place: tuple[str, str], value: torch.Tensor, gradient: torch.Tensor | None, pixel: float, linear: bool
) -> Cause:
    gradient = torch.zeros_like(value) if gradient is None else gradient.reshape(value.shape)
    made = value.detach() * gradient
    if place[0] != LATENT:
        made = made[len(made) // 2]  # of the middle frame, where frames are made one by one
    own = made = made.flatten(0, 1) if made.ndim == 4 else made
    form = "units" if place[0] == LATENT else form_of(model.generator, tuple(own.shape))
    return Cause(*place, form, made.float().cpu().numpy(), pixel, linear)


def _straight_behind(modules: list[nn.Module | None], straight: bool) -> list[bool]:
    """Say of each module whether everything that runs after it is linear between kinks."""
    found = []
    for module in reversed(modules):
        found.append(straight)
        straight = straight and type(module).__name__ in PIECEWISE_LINEAR
    return found[::-1]


def _only_stages(network: nn.Module) -> bool:
    """Say whether the network only chains its stages, and computes nothing besides."""
    chain = getattr(network, "stages", None)
    return isinstance(chain, nn.Sequential) and all(isinstance(stage, Stage) for stage in chain)
