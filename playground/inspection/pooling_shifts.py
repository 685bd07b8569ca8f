"""How steady features and scores are while a picture moves by whole pixels (Zhang 2019, 1904.11486, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import interpolate, pad

from playground.config import shorten
from playground.inspection.pooling import pooled
from playground.layers import POOLINGS
from playground.layers.tracing import stages
from playground.model import Model
from playground.samples import to_unit

REACH = 4  # pixels, each way
AXES = ("across", "down")
BLACK = -1.0  # what comes in at the edge of a picture in [-1, 1]
NOT_OF_THE_PICTURE = ("score", "label", "embedding", "classes", "mapping")  # stages that are no features of what D sees


@dataclass(frozen=True)
class ShiftTest:
    """What moving N pictures by each of K `offsets` pixels does to a discriminator.

    `scores` (N, K) are D's logits. `changes` has, for each stage of D in order, how much its features differ from those
    of the picture at rest moved along, (K,), from 0 to at most 2: see `change`.
    """

    offsets: tuple[int, ...]
    scores: np.ndarray
    changes: dict[str, np.ndarray]

    @property
    def at_rest(self) -> int:
        return self.offsets.index(0)

    @property
    def score_change(self) -> np.ndarray:
        """By how much the score differs from that at rest, on average over the pictures (K,)."""
        scores = self.scores.astype(np.float64)
        return np.abs(scores - scores[:, self.at_rest, None]).mean(0)

    @property
    def wobble(self) -> float:
        """Mean change of the score over all moves, in standard deviations of the scores at rest: 0 is steady.

        Not a number where there is only one picture, or all score the same.
        """
        moved = [n for n, offset in enumerate(self.offsets) if offset]
        spread = float(self.scores[:, self.at_rest].std(dtype=np.float64))
        return float(self.score_change[moved].mean()) / spread if spread > 0 else float("nan")


def offsets(reach: int = REACH) -> tuple[int, ...]:
    """Return the moves from `-reach` to `reach`."""
    return tuple(range(-reach, reach + 1))


def shifted(images: torch.Tensor, across: int, down: int = 0, fill: float = 0.0) -> torch.Tensor:
    """Move pictures (..., H, W) by whole pixels, to the right and down where positive; `fill` comes in at the edges."""
    moved = torch.full_like(images, fill)
    high, wide = images.shape[-2:]
    if abs(across) >= wide or abs(down) >= high:
        return moved
    rows, columns = _overlap(high, down), _overlap(wide, across)
    moved[..., slice(*rows), slice(*columns)] = images[
        ..., rows[0] - down : rows[1] - down, columns[0] - across : columns[1] - across
    ]
    return moved


def _overlap(size: int, move: int) -> tuple[int, int]:
    return max(0, move), size + min(0, move)


def change(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return the length of the difference of two sets of features, as a share of the longer one; 0 where both are 0."""
    longest = max(torch.linalg.vector_norm(first).item(), torch.linalg.vector_norm(second).item())
    return torch.linalg.vector_norm(first - second).item() / longest if longest > 0 else 0.0


def layer_changes(
    image: np.ndarray, size: int = 2, kinds: tuple[str, ...] = POOLINGS, reach: int = REACH, axis: str = "across"
) -> dict[str, np.ndarray]:
    """Move a picture (C, H, W) in a larger field of zeros: how much does the output of each kind of pooling change?

    Returns (2·reach + 1,) of each kind: how the output of the moved picture differs from the output at rest moved
    along, both enlarged to the picture's size, as `change`. A move by a multiple of `size` changes nothing.
    """
    _check(axis)
    room = _with_room(torch.as_tensor(image).float(), size, reach)
    found = {}
    for kind in kinds:
        at_rest = _enlarged(torch.from_numpy(pooled(room, kind, size).output)[None], room.shape[1:])
        found[kind] = np.array([_moved_change(room, at_rest, kind, size, move, axis) for move in offsets(reach)])
    return found


def _moved_change(room: torch.Tensor, at_rest: torch.Tensor, kind: str, size: int, move: int, axis: str) -> float:
    dim = -1 if axis == "across" else -2
    output = pooled(room.roll(move, dim), kind, size).output  # the margin is zeros: nothing comes in on the other side
    return change(_enlarged(torch.from_numpy(output)[None], room.shape[1:]), at_rest.roll(move, dim))


def _with_room(image: torch.Tensor, size: int, reach: int) -> torch.Tensor:
    """Put a picture into a field of zeros that it cannot leave; where its pixels fall into windows stays as it was."""
    margin = (-(-reach // size) + 2) * size
    after = [margin + -length % size for length in (image.shape[2], image.shape[1])]
    return pad(image, (margin, after[0], margin, after[1]))


def _enlarged(maps: torch.Tensor, shape: torch.Size | tuple[int, ...]) -> torch.Tensor:
    return interpolate(maps.float(), size=tuple(shape), mode="bilinear", align_corners=False)


def _check(axis: str) -> None:
    if not isinstance(axis, str) or axis not in AXES:
        raise ValueError(f"unknown axis {shorten(axis)}; choose from: {', '.join(AXES)}")


@torch.no_grad()
def shift_test(
    model: Model,
    images: torch.Tensor,
    labels: torch.Tensor | None = None,
    *,
    reach: int = REACH,
    axis: str = "across",
    last_only: bool = False,
) -> ShiftTest:
    """Move pictures (N, C, H, W), uint8 or in [-1, 1], by up to `reach` pixels and ask D each time; black comes in.

    `labels` are the classes (N,) for a conditional model, by default the classes in turn. `last_only` looks at the features
    of the last stage alone, which is faster. Raises ValueError for pictures of another size than the model's and an unknown
    axis.
    """
    _check(axis)
    wanted = model.experiment.spec.shape
    if tuple(images.shape[1:]) != wanted or not len(images):
        raise ValueError(f"pictures must be (N, {', '.join(map(str, wanted))}), not {tuple(images.shape)}")
    images = (to_unit(images) if images.dtype == torch.uint8 else images).to(model.device)
    labels = model.labels(len(images)) if labels is None else labels
    labels = labels if labels is None else labels.to(model.device)
    _, features = _judged(model, images, labels)
    kept = list(features)[-1:] if last_only else list(features)
    at_rest = {name: _in_place(features[name], wanted[1:]) for name in kept}
    scores, changes = [], {name: [] for name in kept}
    for move in offsets(reach):
        # the pictures of one batch move together: where D compares them, they are compared with the same ones
        score, features = _judged(model, shifted(images, *_way(move, axis), fill=BLACK), labels)
        scores.append(score)
        for name in kept:
            changes[name].append(_followed(_in_place(features[name], wanted[1:]), at_rest[name], move, axis))
    found = {name: np.array(values) for name, values in changes.items()}
    return ShiftTest(offsets(reach), torch.stack(scores, 1).cpu().numpy(), found)


def _way(move: int, axis: str) -> tuple[int, int]:
    return (move, 0) if axis == "across" else (0, move)


def _in_place(values: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """Enlarge features that are maps to the picture's size; others stay as they are."""
    return _enlarged(values, shape) if values.ndim == 4 else values


def _followed(values: torch.Tensor, at_rest: torch.Tensor, move: int, axis: str) -> float:
    """Compare features with those at rest, moved along where they are maps; what was moved in or out does not count."""
    if values.ndim != 4:
        return change(values, at_rest)
    dim = 3 if axis == "across" else 2
    low, high = _overlap(values.shape[dim], move)
    return change(values.narrow(dim, low, high - low), at_rest.narrow(dim, low - move, high - low))


def _judged(model: Model, images: torch.Tensor, labels: torch.Tensor | None) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Return D's logits (N,) and the features of each of its stages, (N, …)."""
    seen: dict[str, torch.Tensor] = {}
    handles = [
        # copied at once: a later stage may work in place
        stage.register_forward_hook(lambda module, args, output, name=name: seen.update({name: output.detach().clone()}))
        for name, stage in stages(model.discriminator).items()
        if name not in NOT_OF_THE_PICTURE
    ]
    try:
        judged = model.discriminator(images, labels)
    finally:
        for handle in handles:
            handle.remove()
    logits = judged[0] if isinstance(judged, tuple) else judged  # the second are logits of the classes
    return logits.float(), seen
