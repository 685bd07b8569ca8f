"""Closed and open curves through latent space: through way points, or wandering at random.

A curve is a function of positions (T,), float64 from 0 to 1, to codes (T, …) and mixtures of classes (T, num_classes) or
None. What it gives for a position does not depend on the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

from playground.config import check_whole
from playground.experiment import MAX_SEED
from playground.latent.interpolation import along
from playground.latent.points import Point, codes_of, labels_of
from playground.latent.spaces import check_space, to_styles
from playground.model import Model, draw_latents

Curve = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor | None]]
WAVES = 2


def through(
    model: Model, points: Sequence[Point], *, method: str = "slerp", space: str | None = None, loop: bool = False
) -> Curve:
    """Return the curve through points, whose classes mix on the way.

    In w it is straight from point to point whatever the method says: styles do not lie on a sphere. Raises ValueError
    as `codes_of`.
    """
    codes, labels = codes_of(points, model, space), labels_of(points)
    method = "lerp" if codes.ndim == 3 else method

    def at(positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        mixtures = None if labels is None else along(labels, positions, method="lerp", loop=loop)
        return along(codes, positions, method=method, loop=loop), mixtures

    return at


def random_latents(latent_dim: int, seed: int, positions: torch.Tensor, waves: int = WAVES) -> torch.Tensor:
    """Wander through N(0, 1): latents (T, latent_dim) at positions (T,) of a smooth closed curve fixed by `seed`.

    z(t) = 1/√n · Σ aₖ cos 2πkt + bₖ sin 2πkt for k = 1..n, n = `waves`, with all of aₖ, bₖ drawn from N(0, 1): a
    stationary Gaussian process on the circle (Rasmussen & Williams 2006, section 4.2.1, has the general form). As
    cos² + sin² = 1 every z(t) by itself is exactly N(0, 1), what the generator was trained on; z(t) and z(s) correlate by
    1/n · Σ cos 2πk(t - s), so near places are alike; and z(1) is z(0). Raises ValueError for a bad seed or `waves`.
    """
    check_whole("a seed", seed, 0, MAX_SEED)
    check_whole("waves", waves, 1, 16)
    cosines, sines = draw_latents(2 * waves, latent_dim, seed).double().split(waves)  # (waves, latent_dim) each
    angle = 2 * math.pi * positions.double()[:, None] * torch.arange(1, waves + 1)  # (T, waves)
    return ((angle.cos() @ cosines + angle.sin() @ sines) / math.sqrt(waves)).float()


def at_random(model: Model, seed: int, *, space: str | None = None, label: torch.Tensor | None = None) -> Curve:
    """Return the curve of `random_latents`, in w that of their styles, at one mixture of classes (num_classes,).

    Raises ValueError for a bad seed or space.
    """
    check_space(model, space or "z")
    check_whole("a seed", seed, 0, MAX_SEED)
    num_classes = model.experiment.num_classes
    mixture = torch.eye(num_classes)[0] if num_classes and label is None else label

    def at(positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        latents = random_latents(model.experiment.generator.latent_dim, seed, positions).to(model.device)
        codes = to_styles(model, latents) if space == "w" else latents
        return codes, mixture.expand(len(positions), -1) if num_classes else None

    return at
