"""Directions from what a stage computes: principal components of its activations (GANSpace)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from playground.config import check_whole, shorten
from playground.experiment import MAX_SEED
from playground.latent.directions import NEGLIGIBLE, SAMPLES, Direction, codes_for, model_key, scaled, space_of, turned
from playground.latent.entering import labels_for, piece_of, run_until, steered_stages
from playground.latent.factors import MAX_DIRECTIONS
from playground.layers.tracing import stages
from playground.model import Model

MAX_FEATURES = 2**14  # numbers kept of a stage for each sample, evenly spaced: 2,000 samples then take 131 MB
EXTRA, ROUNDS = 12, 4  # of the randomised decomposition


def principal_components(
    model: Model, stage: str, count: int = 6, *, seed: int = 0, label: torch.Tensor | None = None, samples: int = SAMPLES
) -> list[Direction]:
    """Find the directions along which a stage's output varies most: see `finding_components`, which shows its progress."""
    for progress in finding_components(model, stage, count, seed=seed, label=label, samples=samples):
        found = progress
    return found


def finding_components(
    model: Model, stage: str, count: int = 6, *, seed: int = 0, label: torch.Tensor | None = None, samples: int = SAMPLES
) -> Iterator[float | list[Direction]]:
    """Yield how far the search is, from 0 to 1, and last the directions found, most variance first.

    Härkönen et al. 2020, 2004.02546, section 3: principal components of what the generator's `stage` gives for `samples`
    latents of `seed`, brought back to the code by least squares: the columns u of U = argmin Σ |U x - code|², where x are
    a sample's coordinates along the components. For the stage `mapping` those are w's own components, exactly. A
    conditional model makes them all of one `label`, by default class 0, so that they show what z does. Of stages with
    more than 16,384 numbers only so many, evenly spaced, count. Raises ValueError for a stage that does not depend on z,
    and for a count, seed or number of samples out of range.
    """
    known = steered_stages(model)
    if stage not in known:
        raise ValueError(f"unknown stage {shorten(stage)}; choose from: {', '.join(known)}")
    check_whole("count", count, 1, MAX_DIRECTIONS)
    check_whole("seed", seed, 0, MAX_SEED)
    check_whole("samples", samples, 2, 10_000)
    latents, rows, piece = model.latents(samples, seed), [], piece_of(model)
    for start in range(0, samples, piece):
        yield 0.9 * start / samples
        rows.append(_activations(model, stage, latents[start : start + piece], label))
    yield 0.9
    yield _directions(model, stage, count, torch.cat(rows), codes_for(model, latents), seed)


@torch.no_grad()
def _activations(model: Model, stage: str, latents: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
    """Return what a stage gives for latents (N, latent_dim), as rows (N, F)."""
    made = run_until(model, stages(model.generator)[stage], latents, labels_for(model, label, len(latents)))
    rows = made.float().flatten(1)
    return rows[:, :: -(-rows.shape[1] // MAX_FEATURES)].contiguous()


def _directions(model: Model, stage: str, count: int, rows: torch.Tensor, codes: torch.Tensor, seed: int) -> list[Direction]:
    if not torch.isfinite(rows).all():
        raise ValueError(f"what {stage} computes is not finite: there is no direction to find")
    rows = rows - rows.mean(0)
    total = rows.square().sum()
    scores, values = components(rows, min(count, codes.shape[1]), seed)
    centred = codes - codes.mean(0)
    # the coordinates are uncorrelated, so that least squares asks each on its own: Σ x·code / Σ x²
    regressed = (scores.mT @ centred) / scores.square().sum(0)[:, None].clamp(min=torch.finfo(rows.dtype).tiny)
    seen = values > NEGLIGIBLE * values[0] if values[0] > 0 else values > 0
    if not seen.any():
        raise ValueError(f"{stage} gives the same for every latent: there is no direction to find")
    vectors: np.ndarray = scaled(model, turned(regressed[seen]))
    shares = (values[seen] / total).tolist()
    key, space = model_key(model.experiment), space_of(model)
    return [
        Direction(f"{stage} component {n + 1}", space, vector, "pca", key, None, shares[n]) for n, vector in enumerate(vectors)
    ]


def components(rows: torch.Tensor, count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the leading principal components of centred rows (N, F): coordinates (N, K) and sums of squares (K,).

    Halko, Martinsson & Tropp 2011, algorithms 4.4 and 5.1, with random numbers of `seed`; exact where there are few columns.
    K is `count`, or less where rows or columns are fewer.
    """
    size = min(count + EXTRA, *rows.shape)
    source = torch.Generator().manual_seed(seed)
    basis = torch.randn(rows.shape[1], size, generator=source).to(rows)
    for _ in range(ROUNDS):
        basis, _ = torch.linalg.qr(rows.mT @ torch.linalg.qr(rows @ basis)[0])
    left, values, _ = torch.linalg.svd(rows @ basis, full_matrices=False)
    return (left * values)[:, :count], values[:count].square()
