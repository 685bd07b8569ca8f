"""Ways from latent to latent: straight (lerp) or on the sphere (slerp), and from class to class."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import torch

from playground.config import check_whole, shorten
from playground.model import Model

MAX_FRAMES = 512
# Closer than this to opposite (radians), sin ω is so small that vectors of unequal length would be blown up.
NEARLY_OPPOSITE = 1e-2
ROUNDING = 1e-9  # of a position, in segments

Interpolation = Callable[[torch.Tensor, torch.Tensor, "float | torch.Tensor"], torch.Tensor]


def lerp(a: torch.Tensor, b: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
    """Interpolate on the straight line from `a` to `b`, both (…, D) of float32 or float64.

    `t` runs from 0 (exactly `a`) to 1 (exactly `b`): a number gives (…, D), a tensor (T,) gives (T, …, D).
    """
    return torch.lerp(a, b, _positions(a, b, t))


def slerp(a: torch.Tensor, b: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
    """Interpolate on the great arc from `a` to `b`, both (…, D) of float32 or float64; `t` and result as for `lerp`.

    sin((1 - t)ω) / sin ω · a + sin(tω) / sin ω · b, where ω is the angle between the vectors, whose lengths are kept
    (Shoemake 1985; for latents White 2016, 1609.04468, section 2.1). Between vectors of equal length every point has
    that length too. Parallel vectors, and those of length zero, have no arc: theirs is the straight line. Opposite
    ones have many: theirs passes through one fixed direction at right angles (with D = 1, through zero).
    """
    t = _positions(a, b, t)
    direction_a, direction_b = _direction(a), _direction(b)
    apart, together = _norm(direction_a - direction_b), _norm(direction_a + direction_b)
    # the arctangent is precise at every angle (W. Kahan); the arccosine is not near 0 and π
    angle = 2 * torch.atan2(apart, together)
    angle = torch.where(_norm(direction_a) * _norm(direction_b) > 0, angle, 0)
    arc = _arc(a, b, t, angle.clamp(max=math.pi - NEARLY_OPPOSITE))
    opposite = angle > math.pi - NEARLY_OPPOSITE
    if not opposite.any():
        return arc
    middle = _middle(a, b)
    halves = torch.where(t < 0.5, _arc(a, middle, 2 * t, angle / 2), _arc(middle, b, 2 * t - 1, angle / 2))
    return torch.where(opposite, halves, arc)


INTERPOLATIONS: Mapping[str, Interpolation] = MappingProxyType({"slerp": slerp, "lerp": lerp})


def even_positions(frames: int, *, loop: bool = False) -> torch.Tensor:
    """Return positions (frames,), float64, evenly spread from 0 to 1; of a loop from 0 to one step before 1."""
    return torch.arange(frames, dtype=torch.float64) / (frames if loop else frames - 1)


def along(latents: torch.Tensor, positions: torch.Tensor, *, method: str = "slerp", loop: bool = False) -> torch.Tensor:
    """Return what lies at `positions` (T,), from 0 to 1, of the path through way points (K, …): (T, …).

    Every segment takes the same share of the positions; a loop has one more, from the last way point to the first. A
    position within rounding of a way point gives that way point exactly.
    """
    num_segments = len(latents) if loop else len(latents) - 1
    place = positions.double() * num_segments
    place = torch.where((place - place.round()).abs() < ROUNDING, place.round(), place)
    segment = place.long().clamp(max=num_segments - 1)  # (T,)
    t = (place - segment).to(latents)  # (T,) in [0, 1]
    starts, stops = latents, latents.roll(-1, 0)
    made, segment = latents.new_empty(len(positions), *latents.shape[1:]), segment.to(latents.device)
    for i in segment.unique().tolist():
        made[segment == i] = INTERPOLATIONS[method](starts[i], stops[i], t[segment == i])
    return made


def path(latents: torch.Tensor, frames: int, *, method: str = "slerp", loop: bool = False) -> torch.Tensor:
    """Lead through the way points `latents` (K, D) in `frames` steps: (frames, D), evenly spread over the segments.

    The first frame is the first way point and the last frame the last, exactly. With `loop` the path goes on to the
    first way point and stops one step before it, so that it can be played round and round. Raises ValueError for
    frames outside 2..512, for fewer than 2 way points or more than frames, and for an unknown method.
    """
    if latents.ndim != 2:
        raise ValueError(f"latents must be of shape (K, D), not {tuple(latents.shape)}")
    check_path(len(latents), frames, method)
    return along(latents, even_positions(frames, loop=loop), method=method, loop=loop)


def class_path(classes: Sequence[int], num_classes: int, frames: int, *, loop: bool = False) -> torch.Tensor:
    """Return mixtures of classes (frames, num_classes) that go evenly from one of `classes` to the next.

    Raises ValueError as `path`, and for a class outside 0..num_classes - 1.
    """
    for label in classes:
        check_whole("a class", label, 0, num_classes - 1)
    corners = torch.eye(num_classes)[list(classes)]  # (K, num_classes)
    return path(corners, frames, method="lerp", loop=loop)


def labels_on_path(
    model: Model, classes: Sequence[int] | None, num_points: int, frames: int, *, loop: bool = False
) -> torch.Tensor | None:
    """Return the mixtures of classes (frames, num_classes) of a path through `num_points`; None without classes.

    Raises ValueError as `classes_on_path`.
    """
    chosen = classes_on_path(model, classes, num_points)
    return None if chosen is None else class_path(chosen, model.experiment.num_classes, frames, loop=loop)


def classes_on_path(model: Model, classes: Sequence[int] | None, num_points: int) -> list[int] | None:
    """Return the class of each way point, by default 0; None for a model without classes.

    Raises ValueError for a bad class, a count of classes that is neither 1 nor `num_points`, and for classes given to
    a model that knows none.
    """
    num_classes = model.experiment.num_classes
    if not num_classes:
        if classes:
            raise ValueError("this model knows no classes: it was trained without labels")
        return None
    chosen = list(classes or [0])
    if len(chosen) == 1:
        chosen = chosen * num_points
    if len(chosen) != num_points:
        raise ValueError(f"give one class for all way points or one for each of the {num_points}, not {len(chosen)}")
    for label in chosen:
        check_whole("a class", label, 0, num_classes - 1)
    return chosen


def check_path(num_points: int, frames: int, method: str) -> None:
    """Raise ValueError for a bad number of frames or way points and an unknown method."""
    check_whole("frames", frames, 2, MAX_FRAMES)
    if not 2 <= num_points <= frames:
        raise ValueError(f"a path in {frames} frames takes 2 to {frames} way points, not {num_points}")
    if method not in INTERPOLATIONS:
        raise ValueError(f"unknown method {shorten(method)}; choose from: {', '.join(INTERPOLATIONS)}")


def _positions(a: torch.Tensor, b: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
    """Return `t` as a tensor () or (T, 1, …) that spreads over the vectors."""
    t = torch.as_tensor(t, dtype=torch.promote_types(a.dtype, b.dtype), device=a.device)
    return t.reshape(-1, *[1] * max(a.ndim, b.ndim)) if t.ndim else t


def _norm(vector: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(vector, dim=-1, keepdim=True)  # (…, 1)


def _direction(vector: torch.Tensor) -> torch.Tensor:
    """Scale (…, D) to length 1; zero stays zero."""
    largest = vector.abs().amax(-1, keepdim=True)
    scaled = vector / torch.where(largest > 0, largest, 1)  # first by the largest value: squares neither over- nor underflow
    norm = _norm(scaled)
    return scaled / torch.where(norm > 0, norm, 1)


def _arc(a: torch.Tensor, b: torch.Tensor, t: torch.Tensor, angle: torch.Tensor) -> torch.Tensor:
    """Evaluate the formula of `slerp` for an angle (…, 1) in [0, π)."""

    # sin(xω) / sin ω as x · sinc(xω) / sinc(ω), which has no 0 / 0 at ω = 0 and becomes x, the straight line's weight
    def weight(x: torch.Tensor) -> torch.Tensor:
        return x * torch.sinc(x * angle / math.pi) / torch.sinc(angle / math.pi)

    return weight(1 - t) * a + weight(t) * b


def _middle(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the point (…, D) half-way between nearly opposite vectors, of their mean length.

    It lies on the bisector. Where they are opposite to within rounding it lies at right angles to `a`, as near as
    can be to the axis that `a` has the smallest share in.
    """
    direction = _direction(a)
    bisector = direction + _direction(b)
    axis = torch.nn.functional.one_hot(direction.abs().argmin(-1), a.shape[-1]).to(direction)
    rejection = axis - (axis * direction).sum(-1, keepdim=True) * direction
    rounding = torch.finfo(direction.dtype).eps ** 0.5
    chosen = torch.where(_norm(bisector) > rounding, bisector, rejection)
    return _direction(chosen) * (_norm(a) + _norm(b)) / 2
