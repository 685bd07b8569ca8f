"""What the lab of transposed convolutions asks: as in `looking`, anyone may ask anything, and no answer is an exception."""

from __future__ import annotations

import math
from typing import Any

import torch

from playground.architectures import ARCHITECTURES
from playground.config import shorten
from playground.experiment import MAX_SEED
from playground.inspection import Geometry, Seen, contributions, convolutions, shape_table
from playground.model import Model
from playground.ui.handlers.looking import answering, is_whole
from playground.ui.handlers.screen import here, say
from playground.ui.session import Session
from playground.ui.views.transposed import Bench, bench_json, frames_json, pixel_json
from playground.ui.words import words

SANDBOX = "sandbox"
STEPPERS = {"size": (1, 4), "kernel": (1, 5), "stride": (1, 3), "padding": (0, 3), "output_padding": (0, 2), "dilation": (1, 2)}
USUAL = {"size": 3, "kernel": 3, "stride": 2, "padding": 0, "output_padding": 0, "dilation": 1}
LARGEST = 999.0  # a number that a person types


@answering
def look(session: Session, request: dict) -> dict[str, Any]:
    """Show one layer, or the sandbox: maps, kernel, frames, zeros, counts and matrix; with `list`, which layers there are."""
    listed = request.get("list") is True
    with session.lock:
        layers = _layers(session, None if listed else request)
        bench = _bench(layers, request)
        answer = bench_json(bench) | _about(bench)
        if listed:
            answer["sources"] = [_source(seen) for seen in layers]
            answer["note"] = _enlarging(session.shown, layers) if session.shown is not None else ""
        return answer


@answering
def frames(session: Session, request: dict) -> dict[str, Any]:
    """Return more frames of the scatter view, from `first` on."""
    with session.lock:
        bench = _bench(_layers(session, request), request)
    first = request.get("first", 0)
    if not is_whole(first, bench.small[0].numel() - 1):
        raise ValueError(f"first must be a whole number from 0 to {bench.small[0].numel() - 1}, not {shorten(first)}")
    return frames_json(bench, first)


@answering
def pixel(session: Session, request: dict) -> dict[str, Any]:
    """Return one output value of C (`down`) or Cᵀ (`up`) as a sum, and of the layer itself over all its channels."""
    view, y, x = (request.get(name) for name in ("view", "y", "x"))
    if view not in ("up", "down"):
        raise ValueError(f"view must be up or down, not {shorten(view)}")
    with session.lock:
        bench = _bench(_layers(session, request), request)
    one = bench.as_seen(view)
    for name, value, count in (("y", y, one.output.shape[1]), ("x", x, one.output.shape[2])):
        if not is_whole(value, count - 1):
            raise ValueError(f"{name} must be a whole number from 0 to {count - 1}, not {shorten(value)}")
    answer = {"y": y, "x": x, "pair": pixel_json(contributions(one, 0, y, x), float(one.output[0, y, x]), bench.seen is None)}
    if bench.seen is not None and bench.seen.geometry.transposed == (view == "up"):
        whole = contributions(bench.seen, bench.target, y, x)
        answer["whole"] = pixel_json(whole, float(bench.seen.output[bench.target, y, x]), False)
    return answer


def _layers(session: Session, request: dict | None = None) -> list[Seen]:
    """Return the layers of the shown model at the walk's place; none where there is no model or the sandbox is asked for."""
    if session.shown is None or (request is not None and request.get("source", SANDBOX) == SANDBOX):
        return []
    return [seen for seen in convolutions(session.shown, *here(session.shown, session.walk)) if _can_turn(seen)]


def _can_turn(seen: Seen) -> bool:
    """Leave out convolutions with one zero more on one side than the other: no transposed one in PyTorch has that."""
    return seen.geometry.transposed or not any(seen.geometry.output_padding)


def _bench(layers: list[Seen], request: dict) -> Bench:
    name = request.get("source", SANDBOX)
    if name == SANDBOX:
        return _sandbox(request)
    seen = next((seen for seen in layers if seen.name == name), None)
    if seen is None:
        raise ValueError(say("no_such_layer"))
    source = _channel(request.get("in"), seen.x.abs().mean((1, 2)).nan_to_num(0))
    target = _channel(request.get("out"), seen.output.abs().mean((1, 2)).nan_to_num(0))
    kernel, geometry = seen.pair(source, target), seen.geometry
    if geometry.transposed:
        up = Geometry(**(vars(geometry) | {"groups": 1}))
        small = seen.x[source][None]
        big = torch.randn(1, *seen.output.shape[1:], generator=torch.Generator().manual_seed(_seed(request)))
        return Bench(small, big, kernel, up, seen, source, target)
    big, size = seen.x[source][None], seen.x.shape[1:]
    # what the convolution's stride left over at the far edges
    sides = zip(size, geometry.padding, geometry.span, geometry.stride, strict=True)
    left_over = tuple((n + 2 * p - k) % s for n, p, k, s in sides)
    up = Geometry(geometry.kernel, geometry.stride, geometry.padding, left_over, geometry.dilation)
    small = Geometry(**(vars(geometry) | {"groups": 1})).apply(big, kernel[None, None])
    return Bench(small, big, kernel, up, seen, source, target)


def _channel(value: Any, strength: torch.Tensor) -> int:
    """Read a channel's number, the most active one where there is none."""
    if value is None:
        return int(strength.argmax())
    if not is_whole(value, len(strength) - 1):
        raise ValueError(f"a channel must be a whole number from 0 to {len(strength) - 1}, not {shorten(value)}")
    return value


def _seed(request: dict) -> int:
    seed = request.get("seed", 0)
    if not is_whole(seed, MAX_SEED):
        raise ValueError(f"seed must be a whole number from 0 to {MAX_SEED}, not {shorten(seed)}")
    return seed


def _sandbox(request: dict) -> Bench:
    size, kernel, stride, padding, extra, dilation = (_stepper(request, name) for name in STEPPERS)
    if extra >= stride:
        raise ValueError(say("output_padding_too_large", extra=extra, stride=stride))
    up = Geometry(*((value, value) for value in (kernel, stride, padding, extra, dilation)))
    made = up.output_size((size, size))
    source = torch.Generator().manual_seed(_seed(request))
    small = torch.randint(0, 5, (1, size, size), generator=source).float()
    weight = torch.randint(-1, 3, (kernel, kernel), generator=source).float()
    big = torch.randint(-2, 3, (1, *made), generator=source).float()
    small, weight = _typed(request, "input", small[0])[None], _typed(request, "weight", weight)
    return Bench(small, big, weight, up)


def _stepper(request: dict, name: str) -> int:
    value, (low, high) = request.get(name, USUAL[name]), STEPPERS[name]
    if not is_whole(value, high) or value < low:
        raise ValueError(f"{name.replace('_', ' ')} must be a whole number from {low} to {high}, not {shorten(value)}")
    return value


def _typed(request: dict, name: str, drawn: torch.Tensor) -> torch.Tensor:
    """Return the numbers that a person typed, row by row, in place of those drawn."""
    values = request.get(name)
    if values is None:
        return drawn
    fits = isinstance(values, list) and len(values) == drawn.numel()
    if not fits or not all(_is_number(value) for value in values):
        raise ValueError(f"{name} must be {drawn.numel()} numbers between −{LARGEST:g} and {LARGEST:g}, not {shorten(values)}")
    return torch.tensor(values, dtype=torch.float32).view_as(drawn)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and abs(value) <= LARGEST


def _about(bench: Bench) -> dict[str, Any]:
    """Say which layer is on the bench, and which of its channels."""
    if bench.seen is None:
        return {"source": SANDBOX, "transposed": True, "channels": [1, 1], "channel": [0, 0]}
    counts = [bench.seen.x.shape[0], bench.seen.output.shape[0]]
    about = {"source": bench.seen.name, "transposed": bench.seen.geometry.transposed}
    return about | {"channels": counts, "channel": [bench.source, bench.target]}


def _source(seen: Seen) -> dict[str, Any]:
    shapes = {"from": list(seen.x.shape), "to": list(seen.output.shape)}
    names = {"name": seen.name, "network": seen.network, "stage": seen.stage, "transposed": seen.geometry.transposed}
    return names | shapes | {"kernel": seen.geometry.kernel[0], "stride": seen.geometry.stride[0]}


def _enlarging(model: Model, layers: list[Seen]) -> str:
    """Say how a generator enlarges its maps where no transposed convolution does; empty where one does."""
    if any(seen.geometry.transposed and max(seen.geometry.stride) > 1 for seen in layers):
        return ""
    rows, text = shape_table(model.experiment).generator, words("layers")
    title = ARCHITECTURES[model.experiment.architecture].title
    for kind in ("Upsample", "PixelShuffle", "Recurrent"):
        row = next((row for row in rows if row.type == kind), None)
        if row is not None:
            return say("enlarges_by", title=title, layer=text[kind], stage=row.stage)
    last = rows[-1] if not (wide := [row for row in rows if row.type in text]) else wide[-1]
    return say("enlarges_by", title=title, layer=text.get(last.type, last.type), stage=last.stage)
