"""The chain that walks a chain's sizes backwards: a generator's as the discriminator's, or the other way round."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from playground.inspection.chains import Chain, Layer, problem, sizes
from playground.inspection.solver import repairs
from playground.layers.sizes import Axis

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Mirror:
    """The mirrored chain, and a sentence for each of its layers that says what its division loses; empty where nothing."""

    chain: Chain
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the mirror as plain JSON values."""
        return {"chain": self.chain.to_json(), "notes": list(self.notes)}


def mirror(chain: Chain) -> Mirror:
    """Turn every layer round: a transposed convolution into a convolution, and back, with the sizes in reverse.

    Kernel, stride, padding and dilation stay; where these do not lead back to the size, the nearest that do are taken.
    A convolution divides by its stride and drops what is left over, so several sizes shrink to one: enlarging again
    needs an output padding to say which was meant. Raises ValueError for a chain that breaks.
    """
    reached = sizes(chain)
    if len(reached) <= len(chain.layers):
        raise ValueError(f"a chain that breaks has no mirror: {problem(chain).sentence}")
    steps = list(zip(chain.layers, reached, reached[1:], strict=False))[::-1]
    layers = tuple(_turned(layer, small, large) for layer, small, large in steps)
    notes = tuple(_note(layer, large) for layer, (_, _, large) in zip(layers, steps, strict=True))
    return Mirror(Chain(reached[-1], layers, chain.start[1:]), notes)


def _turned(layer: Layer, before: Shape, after: Shape) -> Layer:
    """Return the layer that takes `after` back to `before`."""
    shrinks = layer.kind == "transposed"
    kind = "convolution" if shrinks else "transposed"
    lost = (0, 0) if shrinks else tuple(_left_over(axis, side) for axis, side in zip(layer.axes, before[1:], strict=True))
    turned = replace(layer, kind=kind, channels=before[0], output_padding=lost)
    alone = Chain(after, (turned,), before[1:])
    if problem(alone) is None:
        return turned
    options = (repair.chain for repair in repairs(alone, limit=24))
    return next((found.layers[0] for found in options if len(found.layers) == 1 and found.start == after), turned)


def _left_over(axis: Axis, side: int) -> int:
    """Return how many pixels of its padded input a convolution never sees, because its stride steps over the end."""
    return (side + 2 * axis.padding - axis.span) % axis.stride


def _note(layer: Layer, size: Shape) -> str:
    if layer.kind == "transposed":
        return ""
    lost = [_left_over(axis, side) for axis, side in zip(layer.axes, size[1:], strict=True)]
    if not any(lost):
        return ""
    axis, side, over = next((a, s, n) for a, s, n in zip(layer.axes, size[1:], lost, strict=True) if n)
    least = side - over
    alike = " and ".join(str(n) for n in (least, side))
    return (
        f"the division by {axis.stride} leaves {over} over: {alike} both become {axis.side(side)}, "
        "and only an output padding can tell them apart on the way back"
    )
