"""What a convolution of a real network read and used, and one of its output values as a sum of products."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from playground.inspection.geometry import Geometry, Pair
from playground.layers.tracing import stages
from playground.model import Model

CALLS = {  # the arguments after the input and the weight, with PyTorch's defaults
    torch.conv2d: {"bias": None, "stride": 1, "padding": 0, "dilation": 1, "groups": 1},
    torch.conv_transpose2d: {"bias": None, "stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "dilation": 1},
}


@dataclass(frozen=True)
class Seen:
    """A convolution at work on one sample: what it read (C_in, H, W), the weight it used, and what it gave (C_out, H', W').

    `weight` is the effective one, after spectral normalisation, equalised scaling or styles, as PyTorch was given it.
    """

    network: str
    stage: str
    module: str
    type: str
    x: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor | None
    geometry: Geometry
    output: torch.Tensor

    @property
    def name(self) -> str:
        """A name for the layer that no other of the model has, `generator/up1/0`."""
        return f"{self.network}/{self.stage}/{self.module}"

    def pair(self, source: int, channel: int) -> torch.Tensor:
        """Return the kernel (k, k) from input channel `source` to output channel `channel`; zeros between groups.

        Raises ValueError for a channel that the layer does not have.
        """
        _check("input channel", source, self.x.shape[0])
        _check("output channel", channel, self.output.shape[0])
        groups = self.geometry.groups
        inputs, outputs = self.x.shape[0] // groups, self.output.shape[0] // groups
        if source // inputs != channel // outputs:
            return self.weight.new_zeros(self.geometry.kernel)
        if self.geometry.transposed:
            return self.weight[source, channel % outputs]
        return self.weight[channel, source % inputs]


class Term(NamedTuple):
    """One product of an output value: input `value` of `channel` at (y, x), times the kernel's number at tap (ky, kx)."""

    channel: int
    y: int
    x: int
    value: float
    ky: int
    kx: int
    weight: float
    product: float


@dataclass(frozen=True)
class Pixel:
    """One output value: `terms`, largest products first, and the `bias`; added up in float64 they make `value`."""

    terms: tuple[Term, ...]
    bias: float
    value: float


def contributions(seen: Seen, channel: int, y: int, x: int, source: int | None = None) -> Pixel:
    """Return every product that makes up one output value of a layer, or those of input channel `source` (without bias).

    Raises ValueError for a pixel or a channel outside the map.
    """
    for name, value, count in zip(("output channel", "row", "column"), (channel, y, x), seen.output.shape, strict=True):
        _check(name, value, count)
    size: Pair = tuple(seen.x.shape[1:])
    inputs = seen.x.shape[0] // seen.geometry.groups
    first = channel // (seen.output.shape[0] // seen.geometry.groups) * inputs
    channels = range(first, first + inputs) if source is None else [source]
    vertical, horizontal = seen.geometry.taps(size, 0, y), seen.geometry.taps(size, 1, x)
    terms = []
    for number in channels:
        kernel, values = seen.pair(number, channel).double().tolist(), seen.x[number].double().tolist()
        for iy, ky in vertical:
            for ix, kx in horizontal:
                value, weight = values[iy][ix], kernel[ky][kx]
                terms.append(Term(number, iy, ix, value, ky, kx, weight, value * weight))
    terms.sort(key=lambda term: -abs(term.product) if math.isfinite(term.product) else -math.inf)
    bias = float(seen.bias[channel]) if seen.bias is not None and source is None else 0.0
    return Pixel(tuple(terms), bias, _sum([bias, *(term.product for term in terms)]))


def _sum(numbers: list[float]) -> float:
    return math.fsum(numbers) if all(map(math.isfinite, numbers)) else math.nan


def _check(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise ValueError(f"{name} must be a whole number from 0 to {count - 1}, not {value}")


@torch.no_grad()
def convolutions(model: Model, latent: torch.Tensor, label: torch.Tensor | None = None) -> list[Seen]:
    """Return every two-dimensional convolution of G at work on `latent` (latent_dim,), then of D on what G made of it.

    `label` is as `feature_maps` takes it. In order of execution; layers outside any stage are left out.
    """
    labels = model.labels(1, None) if label is None else label.unsqueeze(0)
    labels = labels if labels is None else labels.to(model.device)
    batch = latent.reshape(1, -1).to(model.device)
    with _listening("generator", model.generator) as made:
        sample = model.generator(batch, labels)
    with _listening("discriminator", model.discriminator) as judged:
        model.discriminator(sample, labels)
    return made + judged


class _Ear(TorchFunctionMode):
    """Note every convolution that PyTorch is asked for while a named module runs: that has all its weights in effect."""

    def __init__(self, network: str) -> None:
        super().__init__()
        self.network, self.running, self.heard = network, [], []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        output = function(*args, **(kwargs or {}))
        if self.running and function in CALLS:
            self.heard.append(_seen(self.network, *self.running[-1], function, args, kwargs or {}, output))
        return output


@contextmanager
def _listening(name: str, network: nn.Module) -> Iterator[list[Seen]]:
    ear, handles = _Ear(name), []
    for stage_name, stage in stages(network).items():
        for path, module in stage.named_modules():
            if not list(module.children()):
                own = (stage_name, path, type(module).__name__)
                handles.append(module.register_forward_pre_hook(lambda *_, own=own: ear.running.append(own)))
                handles.append(module.register_forward_hook(lambda *_: ear.running.pop() and None))
    try:
        with ear:
            yield ear.heard
    finally:
        for handle in handles:
            handle.remove()


def _seen(
    network: str, stage: str, module: str, type_name: str, function: Any, args: tuple, kwargs: dict, output: torch.Tensor
) -> Seen:
    names = ("input", "weight", *CALLS[function])
    given = CALLS[function] | dict(zip(names, args, strict=False)) | kwargs
    copied = [None if given[name] is None else given[name].detach().float().cpu() for name in ("input", "weight", "bias")]
    x, weight, bias = copied
    geometry = _geometry(given, function is torch.conv_transpose2d)
    # copied: a later module may work in place
    return Seen(network, stage, module, type_name, x[0].clone(), weight, bias, geometry, output[0].float().cpu().clone())


def _geometry(given: dict[str, Any], transposed: bool) -> Geometry:
    kernel = tuple(given["weight"].shape[2:])
    stride, dilation = _pair(given["stride"]), _pair(given["dilation"])
    padding, extra = given["padding"], (0, 0)
    if padding == "same":
        total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        padding = tuple(zeros // 2 for zeros in total)
        extra = tuple(zeros % 2 for zeros in total)
    elif padding == "valid":
        padding = 0
    if transposed:
        extra = _pair(given["output_padding"])
    return Geometry(kernel, stride, _pair(padding), extra, dilation, given["groups"], transposed)


def _pair(value: Any) -> Pair:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[-1]))
