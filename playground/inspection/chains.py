"""A chain of convolutions or transposed convolutions as sizes alone: what each gives, and where the chain breaks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from playground.config import check_whole, shorten
from playground.layers.sizes import Axis

KINDS = ("transposed", "convolution")
FIELDS = ("kernel", "stride", "padding", "output_padding", "dilation")  # those with a number for each axis
LIMITS = {
    "kernel": (1, 32),
    "stride": (1, 16),
    "padding": (0, 32),
    "output_padding": (0, 15),
    "dilation": (1, 16),
    "channels": (1, 4096),
    "groups": (1, 4096),
}
MAX_LAYERS = 8
MAX_SIDE = 1024  # of the start and the target, in pixels
Pair = tuple[int, int]  # of the height and of the width


@dataclass(frozen=True)
class Layer:
    """One layer of a chain. What may differ by axis is a pair (height, width); one number stands for both.

    Raises ValueError naming a value out of range; whether the layer can take what comes before it is the chain's question.
    """

    kind: str = "transposed"
    channels: int = 16  # that come out
    kernel: Pair = (4, 4)
    stride: Pair = (2, 2)
    padding: Pair = (1, 1)
    output_padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise ValueError(f"unknown kind {shorten(self.kind)}; choose from: {', '.join(KINDS)}")
        for name in FIELDS:
            pair = as_pair(name.replace("_", " "), getattr(self, name), *LIMITS[name])
            object.__setattr__(self, name, pair)
        for name in ("channels", "groups"):
            check_whole(name, getattr(self, name), *LIMITS[name])

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Return what the layer does along the height and along the width."""
        high, wide = zip(self.kernel, self.stride, self.padding, self.output_padding, self.dilation, strict=True)
        return Axis(self.kind == "transposed", *high), Axis(self.kind == "transposed", *wide)

    @property
    def uneven(self) -> bool:
        """Say whether the kernel is no multiple of the stride, so that some pixels get more stamps: a checkerboard."""
        return self.kind == "transposed" and any(k % s for k, s in zip(self.kernel, self.stride, strict=True))


@dataclass(frozen=True)
class Chain:
    """A map of `start` (channels, height, width), the layers it goes through, and the size (height, width) it should reach."""

    start: tuple[int, int, int]
    layers: tuple[Layer, ...]
    target: Pair

    def __post_init__(self) -> None:
        if not isinstance(self.start, (tuple, list)) or len(self.start) != 3:
            raise ValueError(f"start must be channels, height and width, not {shorten(self.start)}")
        check_whole("channels", self.start[0], *LIMITS["channels"])
        sides = as_pair("start", self.start[1:], 1, MAX_SIDE)
        object.__setattr__(self, "start", (self.start[0], *sides))
        object.__setattr__(self, "target", as_pair("target", self.target, 1, MAX_SIDE))
        object.__setattr__(self, "layers", tuple(self.layers))
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise ValueError(f"a chain has 1 to {MAX_LAYERS} layers, not {len(self.layers)}")

    @property
    def channels_in(self) -> tuple[int, ...]:
        """Return how many channels go into each layer."""
        return (self.start[0], *(layer.channels for layer in self.layers[:-1]))

    @property
    def square(self) -> bool:
        """Say whether height and width go the same way throughout."""
        alike = all(high == wide for high, wide in (layer.axes for layer in self.layers))
        return alike and self.start[1] == self.start[2] and self.target[0] == self.target[1]

    def to_json(self) -> dict[str, Any]:
        """Return the chain as plain JSON values, as `read_chain` takes them."""
        layers = [{name: list(v) if isinstance(v, tuple) else v for name, v in asdict(layer).items()} for layer in self.layers]
        return {"start": list(self.start), "layers": layers, "target": list(self.target)}


@dataclass(frozen=True)
class Fault:
    """Where a chain breaks or misses its target, counted from 0, and a sentence that says why."""

    stage: int
    sentence: str


def as_pair(name: str, value: Any, low: int, high: int) -> Pair:
    """Read one number or two as a pair. Raises ValueError naming what is no whole number from `low` to `high`."""
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{name} is one number or two, of the height and of the width, not {shorten(value)}")
    for number in pair:
        check_whole(name, number, low, high)
    return pair


def read_chain(value: Any) -> Chain:
    """Read a chain from JSON values. Raises ValueError naming what is missing, unknown or out of range."""
    names = ("start", "layers", "target")
    if not isinstance(value, dict) or set(value) != set(names) or not isinstance(value["layers"], (list, tuple)):
        raise ValueError(f"a chain has {', '.join(names)} (a list), not {shorten(value)}")
    return Chain(value["start"], tuple(_read_layer(layer) for layer in value["layers"][: MAX_LAYERS + 1]), value["target"])


def _read_layer(value: Any) -> Layer:
    known = Layer.__dataclass_fields__
    if not isinstance(value, dict) or not set(value) <= set(known):
        raise ValueError(f"a layer has {', '.join(known)}, not {shorten(value)}")
    return Layer(**value)


def sizes(chain: Chain) -> list[tuple[int, int, int]]:
    """Return the size (channels, height, width) of the start and after every layer, as far as the chain holds."""
    found = [chain.start]
    for layer in chain.layers:
        if _layer_problem(found[-1], layer):
            break
        sides = (axis.side(size) for axis, size in zip(layer.axes, found[-1][1:], strict=True))
        found.append((layer.channels, *sides))
    return found


def problem(chain: Chain) -> Fault | None:
    """Say where the chain breaks, or that it does not reach its target; None when all is well."""
    reached = sizes(chain)
    stage = len(reached) - 1
    if stage < len(chain.layers):
        return Fault(stage, _layer_problem(reached[-1], chain.layers[stage]) or "")
    if reached[-1][1:] != chain.target:
        return Fault(stage - 1, f"the chain ends at {size_text(reached[-1])}, but {size_text(chain.target)} is wanted")
    return None


def formulas(chain: Chain) -> list[tuple[str, ...]]:
    """Write the size formula of every layer as far as the chain holds: one where both axes are alike, else height and width."""
    written = []
    for layer, size in zip(chain.layers, sizes(chain)[:-1], strict=False):
        both = [axis.formula(side) for axis, side in zip(layer.axes, size[1:], strict=True)]
        written.append(tuple(dict.fromkeys(both)))
    return written


def size_text(shape: Sequence[int]) -> str:
    """Write height and width, `28×28`."""
    return "×".join(map(str, shape[-2:]))


def _layer_problem(size: tuple[int, int, int], layer: Layer) -> str | None:
    for count, which in ((size[0], "come in"), (layer.channels, "go out")):
        if count % layer.groups:
            return f"{count} channels {which} and cannot be split into {layer.groups} groups of the same size"
    high, wide = layer.axes
    square = high == wide and size[1] == size[2]
    found = [axis.problem(side, square=square) for axis, side in zip((high, wide), size[1:], strict=True)]
    if square or found[0] == found[1]:
        return found[0]
    return next((f"{name}: {sentence}" for name, sentence in zip(("height", "width"), found, strict=True) if sentence), None)


def default_chain(start: tuple[int, int, int] = (64, 4, 4), target: Pair = (32, 32)) -> Chain:
    """Return the chain that a DCGAN would have: it doubles the map until it covers the target, and halves the channels."""
    doublings = next(n for n in itertools.count(1) if n == MAX_LAYERS or max(start[1:]) * 2**n >= max(target))
    channels = [max(1, start[0] // 2**n) for n in range(1, doublings)] + [1]
    return Chain(start, tuple(Layer(channels=count) for count in channels), target)
