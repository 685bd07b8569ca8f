"""Seeds in the order of what D thinks of their samples, of how typical those are, or of how like another one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from playground.config import check_whole, shorten
from playground.evaluation.embedding import embed, embedding_name
from playground.experiment import MAX_SEED
from playground.inspection.wants import PIECE as JUDGED
from playground.inspection.wants import logits
from playground.latent.points import Point, codes_of, labels_of, read_point
from playground.latent.spaces import decode
from playground.layers import MinibatchStd
from playground.model import Model, draw_latents

ORDERS = ("score", "typicality", "similarity", "seed")
MAX_SEEDS = 10_000
PIECE = 64  # samples at a time: a piece of the largest networks takes under half a second
NEIGHBOURS = 8
REFERENCE = 512  # of the model's own samples, that typical ones lie among
REFERENCE_SEED = MAX_SEED + 1  # nobody's: a sample is never its own neighbour


@dataclass(frozen=True, eq=False)
class Ranking:
    """Hold a value for each of `seeds`, float64 (N,), and `order` (N,): their places, the highest value first.

    `measure` says in words what the values are. Seeds whose value is no number come last.
    """

    seeds: tuple[int, ...]
    by: str
    measure: str
    values: np.ndarray

    @property
    def order(self) -> np.ndarray:
        values = np.where(np.isfinite(self.values), self.values, -np.inf)
        return np.argsort(values if self.by == "seed" else -values, kind="stable")

    def ranked(self) -> list[tuple[int, float]]:
        """Return (seed, value), the highest value first."""
        return [(self.seeds[place], float(self.values[place])) for place in self.order]


def rank(
    model: Model,
    seeds: Sequence[int],
    *,
    by: str = "score",
    to: Any = None,
    label: int | None = None,
    truncation: float = 1.0,
) -> Ranking:
    """Rank up to 10,000 seeds by their samples. Each stands for the latent that `model.latents(1, seed)` gives.

    `score` is D's logit. `typicality` is minus the mean distance to the 8 nearest of 512 other samples of the model: high
    where the model puts many samples, which is what it usually makes (an estimate of density by neighbours; it needs no
    real data, and unlike a Gaussian's it holds where samples fall into groups, as digits do). `similarity` is minus the
    distance to the sample of `to`, a point as `read_point` takes it or a `Point`. Distances are Euclidean, between
    features of the data set's net, or between small pictures where there is none. `seed` leaves them as they are.

    Of a model with classes all are of class `label`, or of theirs in turn: seed 13 of ten classes of class 3.
    Raises ValueError for unknown orders, for seeds and classes that are none, and for `similarity` to nothing.
    """
    pieces = list(rank_pieces(model, seeds, by=by, to=to, label=label, truncation=truncation))
    return Ranking(tuple(seeds), by, measure_of(model, by), np.concatenate(pieces))


def rank_pieces(
    model: Model, seeds: Sequence[int], *, by: str, to: Any = None, label: int | None = None, truncation: float = 1.0
) -> Iterator[np.ndarray]:
    """Yield the values of `rank` piece by piece, in the seeds' order: for work that shows how far it is."""
    check(model, seeds, by, to, label)
    anchors = None if by in ("score", "seed") else _anchors(model, by, to, label, truncation)
    for start in range(0, len(seeds), PIECE):
        piece = seeds[start : start + PIECE]
        yield np.array(piece, np.float64) if by == "seed" else _values(model, piece, anchors, label, truncation)


def check(model: Model, seeds: Sequence[int], by: str, to: Any, label: int | None) -> None:
    """Raise ValueError for what `rank` cannot do."""
    if not isinstance(by, str) or by not in ORDERS:
        raise ValueError(f"unknown order {shorten(by)}; choose from: {', '.join(ORDERS)}")
    if not 1 <= len(seeds) <= MAX_SEEDS:
        raise ValueError(f"give 1 to {MAX_SEEDS:,} seeds to rank, not {len(seeds):,}")
    for seed in seeds:
        check_whole("a seed", seed, 0, MAX_SEED)
    model.labels(1, label)
    if by == "similarity" and to is None:
        raise ValueError("similarity needs a sample to be similar to")


def measure_of(model: Model, by: str) -> str:
    """Say in words what `rank` measures."""
    space = embedding_name(model.experiment.dataset)
    return {
        "score": "D's logit",
        "typicality": f"minus mean distance to {NEIGHBOURS} of {REFERENCE} made samples, {space}",
        "similarity": f"minus distance, {space}",
        "seed": "seed",
    }[by]


def seed_codes(model: Model, seeds: Sequence[int]) -> torch.Tensor:
    """Return the seeds' latents (N, latent_dim)."""
    return torch.cat([model.latents(1, seed) for seed in seeds])


def seed_labels(model: Model, seeds: Sequence[int], label: int | None = None) -> torch.Tensor | None:
    """Return the classes of seeds, int64 (N,): all `label`, or each the remainder of its seed; None without classes."""
    if label is not None or not model.experiment.num_classes:
        return model.labels(len(seeds), label)
    return torch.tensor([seed % model.experiment.num_classes for seed in seeds])


def seed_samples(model: Model, seeds: Sequence[int], label: int | None = None, truncation: float = 1.0) -> torch.Tensor:
    """Make the samples of seeds, (N, C, H, W) in [-1, 1], of the classes that `seed_labels` says."""
    return decode(model, seed_codes(model, seeds), seed_labels(model, seeds, label), truncation)


def scores_of(model: Model, samples: torch.Tensor, labels: torch.Tensor | None = None) -> np.ndarray:
    """Return D's logits of samples (N, C, H, W) in [-1, 1], float64 (N,), none of which depends on the others.

    A discriminator that compares the samples of a batch sees each one beside the same few made ones.
    """
    groups = [module.group_size for module in model.discriminator.modules() if isinstance(module, MinibatchStd)]
    if not groups:
        return logits(model, samples, labels).astype(np.float64)
    mates = model.generate(draw_latents(max(groups) - 1, model.experiment.generator.latent_dim, REFERENCE_SEED))
    parts = [None] * len(samples) if labels is None else labels.split(JUDGED // max(groups))
    pieces = zip(samples.split(JUDGED // max(groups)), parts, strict=labels is not None)
    return np.concatenate([_beside(model, piece, mates, part) for piece, part in pieces]).astype(np.float64)


def _beside(model: Model, samples: torch.Tensor, mates: torch.Tensor, labels: torch.Tensor | None) -> np.ndarray:
    # D groups what is the same place in every n-th part of a batch: each sample with one copy of every mate
    batch = torch.cat([samples, mates.repeat_interleave(len(samples), 0)])
    return logits(model, batch, None if labels is None else labels.repeat(1 + len(mates)))[: len(samples)]


@torch.no_grad()
def _values(
    model: Model, seeds: Sequence[int], anchors: torch.Tensor | None, label: int | None, truncation: float
) -> np.ndarray:
    samples = seed_samples(model, seeds, label, truncation)
    if anchors is None:
        return scores_of(model, samples, seed_labels(model, seeds, label))
    gaps = torch.cdist(embed(samples, model.experiment.dataset).double(), anchors)  # (N, anchors)
    return -gaps.topk(min(NEIGHBOURS, len(anchors)), largest=False).values.mean(1).numpy()


@torch.no_grad()
def _anchors(model: Model, by: str, to: Any, label: int | None, truncation: float) -> torch.Tensor:
    """Return the rows, float64, that samples are compared with: of the one they are to be like, or of many made ones."""
    dataset = model.experiment.dataset
    if by == "similarity":
        point = to if isinstance(to, Point) else read_point(to if isinstance(to, Mapping) else {"seed": to}, model)
        sample = decode(model, codes_of([point], model), labels_of([point]), truncation)
        return embed(sample, dataset).double()
    latents = draw_latents(REFERENCE, model.experiment.generator.latent_dim, REFERENCE_SEED)
    labels = model.labels(REFERENCE, label)
    parts = [None] * math.ceil(REFERENCE / PIECE) if labels is None else labels.split(PIECE)
    rows = [embed(decode(model, z, part, truncation), dataset) for z, part in zip(latents.split(PIECE), parts, strict=True)]
    return torch.cat(rows).double()
