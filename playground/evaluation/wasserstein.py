"""The sliced Wasserstein distance, for data without a feature net (Rabin 2011; on patches: Karras 2018, 1710.10196)."""

from __future__ import annotations

import torch

from playground.evaluation._clouds import check_clouds

PROJECTIONS = 128


def sliced_wasserstein(
    first: torch.Tensor, second: torch.Tensor, generator: torch.Generator, projections: int = PROJECTIONS
) -> float:
    """Return the mean over random directions u, |u| = 1, of the Wasserstein-1 distance between the clouds along u.

    Both clouds are (N, F), rows in any order. Along one direction W₁ = Σ_i |x_(i) - y_(i)| / N over the sorted
    projections. In the unit of the features. Raises ValueError for NaN, fewer than two rows, or unequal counts.
    """
    check_clouds(first, second)
    if len(first) != len(second):
        raise ValueError(f"both clouds must have as many rows, not {len(first)} and {len(second)}")
    directions = torch.randn(first.shape[1], projections, dtype=torch.float64, generator=generator)
    directions = (directions / directions.norm(dim=0)).to(first.dtype)  # (F, projections)
    along = [(cloud @ directions).mT.sort().values for cloud in (first, second)]  # (projections, N), a row sorts faster
    return (along[0] - along[1]).abs().mean(dtype=torch.float64).item()


def patches(images: torch.Tensor, generator: torch.Generator, size: int = 7, per_image: int = 8) -> torch.Tensor:
    """Cut `per_image` squares at random from each image, uint8 (N, C, H, W) to float32 (N * per_image, C * size²) in [0, 1].

    7×7 as in Karras 2018, section 5, but of the images themselves instead of a pyramid, and 8 an image instead of 128.
    Raises ValueError for images smaller than a patch.
    """
    count, channels, height, width = images.shape
    if min(height, width) < size:
        raise ValueError(f"images of {height}×{width} are smaller than patches of {size}×{size}")
    images = images.repeat_interleave(per_image, 0)
    tops, lefts = (torch.randint(length - size + 1, (len(images), 1), generator=generator) for length in (height, width))
    steps = torch.arange(size)
    which = torch.arange(len(images))[:, None, None]
    cut = images[which, :, (tops + steps)[:, :, None], (lefts + steps)[:, None, :]]  # (N', size, size, C)
    return cut.reshape(count * per_image, channels * size**2).float() / 255
