"""How far a value sees or is seen: receptive fields in the discriminator, projective fields in the generator.

Both are measured on untrained networks of the same form, in eval mode, by NaN as an indicator: NaN in a sum or a product
gives NaN, so whatever can depend on a value that is NaN becomes NaN itself, whatever the weights are. That holds for
convolutions, pooling, attention, recurrence and every normalisation, and needs no list of layers. Normalisations count as
they compute in eval mode: batch normalisation uses what it has stored and reaches no farther, while layer, group and
instance normalisation, like attention, take in all they average over. A weight of 0, as at the edge of a bilinear enlarging,
counts as a connection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.inspection.module_maps import channel_axis, form_of, generated, watching
from playground.layers import Growing
from playground.layers.tracing import leaves
from playground.model import Model

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Field:
    """A part of the image, `height` × `width` pixels; `whole` when that is all of it."""

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


@torch.no_grad()
def receptive_fields(model: Model) -> dict[Key, Field]:
    """Return the receptive field of every module of D: one pass with each row of the image NaN, and one with each column."""
    height, width = model.experiment.spec.shape[1:]
    by_rows = [_touched(model, (slice(n, n + 1), slice(None))) for n in range(height)]
    by_columns = [_touched(model, (slice(None), slice(n, n + 1))) for n in range(width)]
    found = {}
    for key in by_rows[0]:
        tall, wide = (_spans(np.stack([one[key] for one in passes])) for passes in (by_rows, by_columns))
        most = int((tall * wide).argmax())
        found[key] = _field(int(tall[most]), int(wide[most]), height, width)
    return found


def _touched(model: Model, where: tuple[slice, slice]) -> dict[Key, np.ndarray]:
    """Judge an image that is NaN at `where`: of every module, which places of its map that reaches, bool (places,)."""
    names, network = leaves(model.discriminator), model.discriminator
    image = torch.zeros(1, *model.experiment.spec.shape)
    image[0, :, where[0], where[1]] = torch.nan
    touched: dict[Key, np.ndarray] = {}

    def note(name: str, module: nn.Module, args: tuple, output: torch.Tensor) -> None:
        reached = output[0].isnan()
        form = form_of(network, tuple(reached.shape))
        if form in ("maps", "tokens", "rows"):
            reached = reached.any(channel_axis(form))
        touched["discriminator", *names[module]] = reached.flatten().numpy()

    with watching(model, note):
        network(image, model.labels(1))
    return touched


def _spans(touched: np.ndarray) -> np.ndarray:
    """Return from the first to the last of (lines, places) that touches each place, how many lines that is: (places,)."""
    last = len(touched) - touched[::-1].argmax(0)
    return np.where(touched.any(0), last - touched.argmax(0), 0)


@torch.no_grad()
def projective_fields(model: Model) -> dict[Key, Field]:
    """Return the projective field of every module of G: a pass for each, with one value in the middle of its map NaN."""
    names, code = leaves(model.generator), torch.zeros(model.experiment.generator.latent_dim)
    order: list[nn.Module] = []
    with watching(model, lambda name, module, args, output: order.append(module)):
        generated(model, code, model.labels(1))
    found = {}
    for module in dict.fromkeys(order):
        handle = module.register_forward_hook(_spoil)
        try:
            spoilt = generated(model, code, model.labels(1))[0].isnan().any(0).numpy()  # (H, W)
        finally:
            handle.remove()
        tall, wide = (int(_spans(lines[:, None])[0]) for lines in (spoilt.any(1), spoilt.any(0)))
        found["generator", *names[module]] = _field(tall, wide, *spoilt.shape)
    return found


def _spoil(module: nn.Module, args: tuple, output: torch.Tensor) -> torch.Tensor:
    spoilt = output.clone()
    spoilt[(0, *(size // 2 for size in output.shape[1:]))] = torch.nan
    return spoilt


def _field(height: int, width: int, full_height: int, full_width: int) -> Field:
    return Field(height, width, height == full_height and width == full_width)
