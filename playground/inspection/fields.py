"""How far a value sees or is seen: receptive fields in the discriminator, projective fields in the generator.

Both are measured on untrained networks of the same form, in eval mode, by NaN as an indicator: NaN in a sum or a product
gives NaN, so whatever can depend on a value that is NaN becomes NaN itself, whatever the weights are. That holds for
convolutions, pooling, attention, recurrence and every normalisation, and needs no list of layers. Normalisations count as
they compute in eval mode: batch normalisation uses what it has stored and reaches no farther, while layer, group and
instance normalisation, like attention, take in all they average over. A weight of 0, as at the edge of a bilinear enlarging,
counts as a connection. Of sounds and series, which have no height, steps of time are counted instead of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.inspection.module_maps import channel_axis, form_of, generated, watching
from playground.layers import Growing, MinibatchStd
from playground.layers.tracing import leaves
from playground.model import Model

Key = tuple[str, str, str]
PASSES = 64  # samples judged at a time, each with another line NaN


@dataclass(frozen=True)
class Field:
    """A part of the image, `height` × `width` pixels, or of time, 1 × `width` steps; `whole` when that is all of it."""

    height: int
    width: int
    whole: bool


def fields(model: Model) -> dict[Key, Field]:
    """Return the field of what every module gives, by network, stage and module; weights do not matter.

    In the discriminator it is receptive: the pixels that one place of the map can depend on, for the place that sees most.
    In the generator it is projective: the pixels that can depend on one value, in the middle of the map. What lies
    between the outermost pixels counts as inside; what would lie outside the image does not.
    """
    probe = _of_same_form(model)
    with torch.no_grad():
        return projective_fields(probe) | receptive_fields(probe)


def _of_same_form(model: Model) -> Model:
    """Build untrained networks on the CPU that have grown as far."""
    probe = Model.untrained(model.experiment)
    for name in ("generator", "discriminator"):
        for own, other in zip(getattr(probe, name).modules(), getattr(model, name).modules(), strict=True):
            if isinstance(own, Growing):
                own.images.fill_(other.count())
    return probe


def line_axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return along which axes of a sample fields are measured: height and width, or time alone.

    Raises ValueError for points, which have neither.
    """
    if len(shape) < 2:
        raise ValueError("how far a value sees is asked of images, videos, sounds and series; a point has no neighbours")
    if len(shape) > 2:
        return len(shape) - 2, len(shape) - 1
    return (1 if shape[0] == 1 else 0,)  # a sound is (1, L), a series (T, F)


@torch.no_grad()
def receptive_fields(model: Model) -> dict[Key, Field]:
    """Return the receptive field of every module of D: a pass with each row of the sample NaN, and one with each column.

    Raises ValueError for points.
    """
    axes = line_axes(model.experiment.spec.shape)
    lengths = [model.experiment.spec.shape[axis] for axis in axes]
    by_axis = [_touched(model, axis, length) for axis, length in zip(axes, lengths, strict=True)]
    found = {}
    for key in by_axis[0]:
        spans = np.stack([_spans(touched[key]) for touched in by_axis])  # (axes, places)
        most = spans[:, spans.prod(0).argmax()]
        found[key] = _field(most.tolist(), lengths)
    return found


def _touched(model: Model, axis: int, length: int) -> dict[Key, np.ndarray]:
    """Judge samples with one line of `axis` NaN: of every module, which places of its map each reaches, (length, places)."""
    names, network = leaves(model.discriminator), model.discriminator
    touched: dict[Key, list[np.ndarray]] = {}

    def note(name: str, module: nn.Module, args: tuple, output: torch.Tensor) -> None:
        reached = output.isnan().unflatten(0, (len(lines), -1)).any(1)  # frames that are read one by one belong together
        form = form_of(network, tuple(reached.shape[1:]))
        if form in ("maps", "tokens", "rows"):
            reached = reached.any(-1 if channel_axis(form) == -1 else 1)
        places = reached.reshape(len(reached), -1).numpy()
        touched.setdefault(("discriminator", *names[module]), []).append(places)

    mixing = any(isinstance(module, MinibatchStd) for module in network.modules())  # one NaN would reach all of the batch
    with watching(model, note):
        for lines in torch.arange(length).split(1 if mixing else PASSES):
            samples = torch.zeros(len(lines), *model.experiment.spec.shape)
            for sample, line in zip(samples, lines, strict=True):
                sample.select(axis, int(line)).fill_(torch.nan)
            network(samples, model.labels(len(lines), 0 if model.experiment.num_classes else None))
    return {key: np.concatenate(pieces) for key, pieces in touched.items()}


def _spans(touched: np.ndarray) -> np.ndarray:
    """Return from the first to the last of (lines, places) that touches each place, how many lines that is: (places,)."""
    last = len(touched) - touched[::-1].argmax(0)
    return np.where(touched.any(0), last - touched.argmax(0), 0)


@torch.no_grad()
def projective_fields(model: Model) -> dict[Key, Field]:
    """Return the projective field of every module of G: a pass for each, with one value in the middle of its map NaN.

    Raises ValueError for points.
    """
    axes = line_axes(model.experiment.spec.shape)
    names, code = leaves(model.generator), torch.zeros(model.experiment.generator.latent_dim)
    order: list[nn.Module] = []
    with watching(model, lambda name, module, args, output: order.append(module)):
        generated(model, code, model.labels(1))
    found = {}
    for module in dict.fromkeys(order):
        handle = module.register_forward_hook(_spoil)
        try:
            spoilt = generated(model, code, model.labels(1))[0].isnan().numpy()
        finally:
            handle.remove()
        lines = [np.moveaxis(spoilt, axis, 0).reshape(spoilt.shape[axis], -1).any(1) for axis in axes]
        spans = [int(_spans(line[:, None])[0]) for line in lines]
        found["generator", *names[module]] = _field(spans, [len(line) for line in lines])
    return found


def _spoil(module: nn.Module, args: tuple, output: torch.Tensor) -> torch.Tensor:
    spoilt = output.clone()
    spoilt[(0, *(size // 2 for size in output.shape[1:]))] = torch.nan
    return spoilt


def _field(spans: list[int], lengths: list[int]) -> Field:
    height, width = spans if len(spans) == 2 else (1, *spans)
    return Field(height, width, spans == lengths)
