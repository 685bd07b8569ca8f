"""How smooth a latent space is: how fast pictures change on a walk through it, and how much of a detour the walk is.

**Perceptual path length** (Karras 2019, 1812.04948, section 4.1): the mean of (1/ε²) · d(G(z(t)), G(z(t + ε))) over random
pairs of latents, z(t) on the way from one to the other. There d is a squared distance of VGG's features and ε = 1e-4.
Here d is the squared distance of `evaluation.embed`, and ε goes to 0: the value is the square of the exact derivative, by
forward-mode differentiation, which no architecture here refuses and which has no rounding errors to divide by ε².

**Detour**: the length of the walk divided by the straight distance between its ends, both in those features. It is 1 or
more whatever the model, and has no unit, so that models can be compared by it. The length is the sum over 16 equal
parts, which cut corners: 1 % short on dcgan-digits and 7 % on sn-dcgan-mnist, against 128 parts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from playground.config import check_whole, shorten
from playground.evaluation.embedding import embed, embedding_name
from playground.experiment import MAX_SEED
from playground.latent.derivative import Function, derivative
from playground.latent.interpolation import INTERPOLATIONS, lerp
from playground.latent.spaces import check_space, decode, has_styles, to_styles
from playground.model import Model, draw_latents

MIN_PAIRS, MAX_PAIRS = 2, 10_000
PARTS = 16  # of a walk, whose pictures are compared one by one
PIECE = 16  # walks at a time: 272 pictures


@dataclass(frozen=True)
class Way:
    """Hold the means over pairs, each with its standard error: what one way from picture to picture is like.

    `full` is the path length with t anywhere on the walk, `end` at its start alone; `detour` is None where all ends
    are the same picture.
    """

    full: float
    full_error: float
    end: float
    end_error: float
    detour: float | None
    detour_error: float | None


@dataclass(frozen=True)
class PathLength:
    """Hold what walks through a model's space are like, beside its `untrained` start and a `crossfade` of the pictures.

    The crossfade goes between the same ends without a generator, straight in pixels. `floor` is the least that a detour
    can be. A path length of 0 is no praise: a generator that makes one picture only has it, and an untrained one nearly.
    """

    measure: str
    space: str
    method: str
    count: int
    seed: int
    model: Way
    untrained: Way
    crossfade: Way
    floor: float = 1.0


@dataclass(frozen=True)
class _Walks:
    """The ends of walks, codes `a` and `b` (N, …) of one space, where each is looked at, `t` (N,), and classes if any."""

    a: torch.Tensor
    b: torch.Tensor
    t: torch.Tensor
    labels: torch.Tensor | None
    method: str

    def pieces(self) -> Iterator[_Walks]:
        for start in range(0, len(self.a), PIECE):
            part = slice(start, start + PIECE)
            labels = None if self.labels is None else self.labels[part]
            yield _Walks(self.a[part], self.b[part], self.t[part], labels, self.method)


def path_length(
    model: Model, count: int = 500, seed: int = 0, *, space: str | None = None, method: str | None = None
) -> PathLength:
    """Measure `count` walks between random pairs of latents, which `seed` fixes; the model is left as it is.

    In z they go along the sphere, in w straight, as in the paper; `method`, slerp or lerp, says otherwise. `space` is w by
    default where the generator has styles. A conditional model keeps to one class on a walk, the classes in turn. Raises
    ValueError for a count, seed, space or method that is none.
    """
    *_, (_, result) = path_length_pieces(model, count, seed, space=space, method=method)
    return result


def path_length_pieces(
    model: Model, count: int, seed: int, *, space: str | None = None, method: str | None = None
) -> Iterator[tuple[float, PathLength | None]]:
    """Yield how much of `path_length` is done, 0 to 1, and in the end the result: for work that shows how far it is."""
    space = space or ("w" if has_styles(model) else "z")
    method = method or ("slerp" if space == "z" else "lerp")
    _check(model, count, seed, space, method)
    _make_ready(model)
    rows: dict[str, list[torch.Tensor]] = {"model": [], "crossfade": [], "untrained": []}
    start, done = Model.untrained(model.experiment), 0
    start.generator.to(model.device)
    for name, measured in (("model", model), ("untrained", start)):
        for piece in _walks(measured, count, seed, space, method).pieces():
            rows[name].append(_measure(measured, piece))
            if name == "model":
                rows["crossfade"].append(_measure_fade(measured, piece))
            done += len(piece.a)
            yield done / (2 * count + 1), None
    measure = f"{embedding_name(model.experiment.dataset)} ({count} pairs)"
    yield 1.0, PathLength(measure, space, method, count, seed, **{name: _way(torch.cat(parts)) for name, parts in rows.items()})


def _check(model: Model, count: int, seed: int, space: str, method: str) -> None:
    check_whole("count", count, MIN_PAIRS, MAX_PAIRS)
    check_whole("seed", seed, 0, MAX_SEED)
    check_space(model, space)
    if method not in INTERPOLATIONS:
        raise ValueError(f"unknown method {shorten(method)}; choose from: {', '.join(INTERPOLATIONS)}")


def _make_ready(model: Model) -> None:
    """Load what `embed` keeps: that cannot be while derivatives are taken."""
    embed(torch.zeros(1, *model.experiment.spec.shape), model.experiment.dataset)


def _walks(model: Model, count: int, seed: int, space: str, method: str) -> _Walks:
    latents = draw_latents(2 * count, model.experiment.generator.latent_dim, seed).to(model.device)
    t = torch.rand(count, generator=torch.Generator().manual_seed(seed))
    codes = latents if space == "z" else to_styles(model, latents)
    return _Walks(codes[:count], codes[count:], t, model.labels(count), method)


@torch.no_grad()
def _measure(model: Model, walks: _Walks) -> torch.Tensor:
    """Return squared speeds on the way and at its start, the walks' lengths, and their ends' distances: (N, 4), float64."""
    dataset = model.experiment.dataset

    def look(codes: torch.Tensor) -> torch.Tensor:
        return embed(_make(model, codes, walks.labels), dataset)

    speeds = [_speed(look, *_moving(walks, t)) for t in (walks.t, torch.zeros_like(walks.t))]
    codes = INTERPOLATIONS[walks.method](walks.a, walks.b, _positions(walks.a))  # (T, N, …)
    labels = None if walks.labels is None else walks.labels.repeat(len(codes))
    rows = embed(decode(model, codes.flatten(0, 1), labels), dataset)
    return torch.stack([*speeds, *_lengths(rows.unflatten(0, codes.shape[:2]))], 1)


@torch.no_grad()
def _measure_fade(model: Model, walks: _Walks) -> torch.Tensor:
    """Measure fading from the first picture of each walk to the last. Otherwise as `_measure`."""
    dataset = model.experiment.dataset
    a, b = (decode(model, codes, walks.labels) for codes in (walks.a, walks.b))  # (N, C, H, W)

    def look(samples: torch.Tensor) -> torch.Tensor:
        return embed(samples, dataset)

    here = torch.lerp(a, b, walks.t.to(a)[:, None, None, None])
    speeds = [_speed(look, samples, b - a) for samples in (here, a)]
    faded = lerp(a, b, _positions(a))  # (T, N, C, H, W)
    return torch.stack([*speeds, *_lengths(look(faded.flatten(0, 1)).unflatten(0, faded.shape[:2]))], 1)


def _make(model: Model, codes: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
    """Make samples of codes, as `decode` does, by the bare networks: their derivative is wanted."""
    if codes.ndim == 3:
        return model.generator.synthesis(codes)
    return model.generator(codes) if labels is None else model.generator(codes, labels.to(codes.device))


def _positions(codes: torch.Tensor) -> torch.Tensor:
    return torch.linspace(0, 1, PARTS + 1).to(codes)


def _moving(walks: _Walks, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return where each walk is at its own `t` (N,), and how fast the code changes there, both (N, …)."""
    way = INTERPOLATIONS[walks.method]
    found = [
        derivative(lambda t, a=a, b=b: way(a, b, t), at, torch.ones_like(at))
        for a, b, at in zip(walks.a.double().cpu(), walks.b.double().cpu(), t.double(), strict=True)
    ]
    codes, velocities = (torch.stack(parts).to(walks.a) for parts in zip(*found, strict=True))
    return codes, velocities


def _speed(look: Function, inputs: torch.Tensor, velocities: torch.Tensor) -> torch.Tensor:
    """Return the squared speed, float64 (N,), at which what `look` sees changes while its inputs move."""
    return derivative(look, inputs, velocities)[1].double().square().sum(1)


def _lengths(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the lengths of ways through rows (T, N, F), and the distances of their ends, both float64 (N,)."""
    rows = rows.double()
    return (rows[1:] - rows[:-1]).norm(dim=2).sum(0), (rows[-1] - rows[0]).norm(dim=1)


def _way(rows: torch.Tensor) -> Way:
    """Sum up what `_measure` gave: pairs whose ends look the same have no detour."""
    apart = rows[rows[:, 3] > 1e-6 * rows[:, 2]]
    detours = apart[:, 2] / apart[:, 3]
    means = [*_mean(rows[:, 0]), *_mean(rows[:, 1]), *(_mean(detours) if len(detours) else (None, None))]
    return Way(*means)


def _mean(values: torch.Tensor) -> tuple[float, float]:
    error = values.std().item() / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return values.mean().item(), error
