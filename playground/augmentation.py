"""Differentiable augmentation: D sees real and fake samples only after the same kind of random change.

S. Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", 2006.10738: with few real samples D
learns them by heart; changed at random they are as good as many. Because fake samples are changed too, in a way that
gradients pass through, the changes do not leak into what G makes. Images (N, C, H, W) in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import pad

from playground.noise import integers, uniform

SHIFT = 1 / 8  # of the side, and CUTOUT: the settings of the paper
CUTOUT = 1 / 2
TARGET_IMAGES = 50_000  # the adaptive probability goes from 0 to 1 in so many images; ADA's 500k fit runs of days

Function = Callable[[torch.Tensor, torch.Generator], torch.Tensor]


def shift(images: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    """Move each image by up to an eighth of its side, black filling the gap."""
    count, _, height, width = images.shape
    reach = (max(1, round(height * SHIFT)), max(1, round(width * SHIFT)))
    padded = pad(images, (reach[1], reach[1], reach[0], reach[0]), value=-1.0)
    offsets = [integers(source, 2 * r + 1, count, 1).to(images.device) for r in reach]
    rows = torch.arange(height, device=images.device) + offsets[0]  # (N, H)
    columns = torch.arange(width, device=images.device) + offsets[1]  # (N, W)
    sample = torch.arange(count, device=images.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[sample, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(images: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    """Grey out a square of half the side around a random place."""
    count, _, height, width = images.shape
    inside = []
    for size in (height, width):
        length = max(1, round(size * CUTOUT))
        start = integers(source, size + 1 - length % 2, count, 1).to(images.device) - length // 2
        place = torch.arange(size, device=images.device)
        inside.append((place >= start) & (place < start + length))  # (N, size)
    hidden = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return images.masked_fill(hidden, 0.0)


def colour(images: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    """Change brightness, saturation and contrast of each image at random."""
    brightness, saturation, contrast = uniform(source, 3, len(images), 1, 1, 1, batch=1).to(images)
    images = images + (brightness - 0.5)
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * 2 * saturation
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + (images - mean) * (contrast + 0.5)


FUNCTIONS: dict[str, Function] = {"shift": shift, "cutout": cutout, "colour": colour}
AUGMENTATIONS = ("none", "shift", "cutout", "colour", "shift+cutout", "shift+colour", "shift+cutout+colour")


def augment(images: torch.Tensor, kinds: str, source: torch.Generator, probability: float | torch.Tensor = 1.0) -> torch.Tensor:
    """Apply the named changes (`shift+cutout`, or `none`) in turn, each to a share `probability` of the images."""
    if kinds == "none":
        return images
    for kind in kinds.split("+"):
        changed = FUNCTIONS[kind](images, source)
        chosen = uniform(source, len(images), 1, 1, 1).to(images.device) < probability
        images = torch.where(chosen, changed, images)
    return images


def adapted(probability: torch.Tensor, real_logits: torch.Tensor, border: float, target: float) -> torch.Tensor:
    """Move the probability up while D is too sure of real samples, else down: Karras 2020, 2006.06676, section 3.

    The sign of that heuristic, the mean of sign(D(real)), is what `target` is compared with.
    """
    overfit = (real_logits.detach() - border).sign().mean()
    return (probability + (overfit - target).sign() * len(real_logits) / TARGET_IMAGES).clamp(0, 1)
