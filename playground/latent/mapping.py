"""Samples on a map: real and made ones laid out by how alike they are, with the regions that the generator misses.

Likeness is Euclidean distance between the features of the data set's classifier, or between small pixels where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from playground.config import check_whole, shorten
from playground.evaluation.embedding import embed_pictures, embedding_name
from playground.evaluation.features import feature_net, predicted_classes
from playground.evaluation.holes import Coverage, coverage
from playground.evaluation.layout import METHODS, Projection, neighbours_kept, principal
from playground.experiment import MAX_SEED
from playground.latent.spaces import decode
from playground.model import Model
from playground.samples import Samples, to_pixels

LEAST, MOST = 20, 2000  # samples of a kind
UNKNOWN = -1  # the class of a sample that nobody named
MAKE, LOOK, LAYOUT, COVER = "make", "look", "layout", "cover"  # what `progress` is told: making, features, places, holes
SHARES = {"pca": (0.45, 0.85, 0.9), "tsne": (0.1, 0.2, 0.95)}  # of the time that has passed after each but the last
Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class SampleMap:
    """Places of N samples, the real ones first.

    `positions` (N, 2) float32 in [-1, 1]; `real` (N,) bool; `classes` (N,) int64: labels of real samples, of made ones what the
    classifier sees, else what was asked for; -1 where nobody knows. `pictures` (N, H, W, C) uint8. `indices` (R,) are the rows
    of the real ones in the data given; `seeds` (M,) and `labels` (M,) or None make each made sample the point
    `{"seed": s, "label": c}`. `space` names what distances are measured in. `projection` is that of PCA, None for t-SNE.
    `coverage` is None without real samples; its rows are those of the real samples.
    """

    method: str
    space: str
    positions: np.ndarray
    real: np.ndarray
    classes: np.ndarray
    pictures: np.ndarray
    indices: np.ndarray
    seeds: np.ndarray
    labels: np.ndarray | None
    projection: Projection | None
    coverage: Coverage | None

    def circle(self, rows: np.ndarray) -> tuple[float, float, float]:
        """Return the middle and the radius of a circle around most of some rows: what marks a hole."""
        places = self.positions[rows].astype(np.float64)
        x, y = np.median(places, 0)
        radius = np.quantile(np.hypot(places[:, 0] - x, places[:, 1] - y), 0.8)
        return float(x), float(y), float(max(radius, 0.03))

    def commonest(self, rows: np.ndarray) -> tuple[int, float] | None:
        """Return the commonest class of some rows and its share, None where no class is known."""
        known = self.classes[rows][self.classes[rows] != UNKNOWN]
        if not len(known):
            return None
        names, counts = np.unique(known, return_counts=True)
        return int(names[counts.argmax()]), float(counts.max() / len(rows))


def sample_map(
    model: Model,
    samples: Samples | None,
    *,
    count: int = 1000,
    method: str = "pca",
    seed: int = 0,
    truncation: float = 1.0,
    progress: Progress = lambda share, stage: None,
) -> SampleMap:
    """Lay out `count` made samples and as many real ones, or half of `samples` where that is fewer, and find the holes.

    `samples` are real ones at the model's resolution, None for a map of made ones alone; those that are not on the map are the
    floor of the coverage. PCA is fitted to the real samples, so that a map keeps its directions while the generator
    changes. `seed` chooses latents (`seed * count` and the seeds after it), real samples, and the start of t-SNE.
    `progress(share done, stage)` is called all along; what it raises ends the work.
    Raises ValueError for a number out of range, an unknown method, and samples of another size than the model's.
    """
    _check(model, samples, count, method, seed)
    after = dict(zip((MAKE, LOOK, LAYOUT), SHARES[method], strict=True))
    seeds = (seed * count + np.arange(count)) % (MAX_SEED + 1)
    labels = model.labels(count)
    made = _made(model, seeds, labels, truncation, lambda share: progress(share * after[MAKE], MAKE))
    order, indices = _chosen(samples, count, seed)
    images = torch.cat([samples.values[order], made]) if len(order) else made  # real on the map, held out, made

    def looked(share: float) -> None:
        progress(after[MAKE] + share * (after[LOOK] - after[MAKE]), LOOK)

    rows = embed_pictures(images, model.experiment.dataset, looked)
    shown = torch.cat([torch.arange(len(indices)), torch.arange(len(order), len(images))])
    places, projection = _laid_out(rows[shown].numpy(), len(indices), method, seed, after, progress)
    progress(after[LAYOUT], COVER)
    held_out = rows[len(indices) : len(order)]
    found = coverage(rows[: len(indices)], rows[len(order) :], held_out, seed) if len(indices) else None
    return SampleMap(
        method=method,
        space=embedding_name(model.experiment.dataset),
        positions=places,
        real=np.arange(len(shown)) < len(indices),
        classes=_classes(model, samples, indices, rows[shown], labels),
        pictures=images[shown].permute(0, 2, 3, 1).contiguous().numpy(),
        indices=indices.numpy(),
        seeds=seeds,
        labels=None if labels is None else labels.numpy(),
        projection=projection,
        coverage=found,
    )


def _check(model: Model, samples: Samples | None, count: int, method: str, seed: int) -> None:
    check_whole("count", count, LEAST, MOST)
    check_whole("seed", seed, 0, MAX_SEED)
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"unknown method {shorten(method)}; choose from: {', '.join(METHODS)}")
    if samples is None:
        return
    wanted = model.experiment.spec.shape
    if samples.values.shape[1:] != wanted:
        raise ValueError(f"samples must be of shape {wanted}, as the model's, not {tuple(samples.values.shape[1:])}")
    if len(samples) < 2 * LEAST:
        raise ValueError(f"{len(samples)} real samples are too few for a map: take {2 * LEAST} or more")


def _made(
    model: Model, seeds: np.ndarray, labels: torch.Tensor | None, truncation: float, progress: Callable[[float], None]
) -> torch.Tensor:
    """Make the sample of each seed, uint8 (N, C, H, W)."""
    pieces, size = [], 64
    for start in range(0, len(seeds), size):
        codes = torch.cat([model.latents(1, int(seed)) for seed in seeds[start : start + size]])
        wanted = None if labels is None else labels[start : start + size]
        pieces.append(to_pixels(decode(model, codes, wanted, truncation)))
        progress(min(1.0, (start + size) / len(seeds)))
    return torch.from_numpy(np.concatenate(pieces)).permute(0, 3, 1, 2)


def _chosen(samples: Samples | None, count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the rows of the real samples to look at, and those of them on the map; the others are held out."""
    if samples is None:
        return torch.arange(0), torch.arange(0)
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))[: 2 * count]
    return order, order[: len(order) // 2]


def _laid_out(
    rows: np.ndarray, num_real: int, method: str, seed: int, after: dict[str, float], progress: Progress
) -> tuple[np.ndarray, Projection | None]:
    progress(after[LOOK], LAYOUT)
    if method == "pca":
        projection = principal(rows, rows[:num_real] if num_real else rows)
        return projection.place(rows), projection
    room = after[LAYOUT] - after[LOOK]
    return neighbours_kept(rows, seed, lambda share: progress(after[LOOK] + share * room, LAYOUT)), None


def _classes(
    model: Model, samples: Samples | None, indices: torch.Tensor, rows: torch.Tensor, labels: torch.Tensor | None
) -> np.ndarray:
    dataset = model.experiment.dataset
    classes = torch.full((len(rows),), UNKNOWN)
    if feature_net(dataset) is not None:
        classes = predicted_classes(rows, dataset)
    elif labels is not None:
        classes[len(indices) :] = labels
    if samples is not None and samples.labels is not None:
        classes[: len(indices)] = samples.labels[indices]
    return classes.numpy()
