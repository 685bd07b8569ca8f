"""The spaces that a generator's pictures can be steered in: its latents z and, where it has them, its styles w.

A code is a latent, (N, latent_dim), or for a generator with styles (StyleGAN2) one style a size, (N, num_layers, w_dim).
A generator has styles when it offers `mapping(z) -> w`, `synthesis(w) -> sample` and `num_layers`.
"""

from __future__ import annotations

import torch

from playground.config import shorten
from playground.model import Model, draw_latents

SPACES = ("z", "w")
MEAN_OF, MEAN_SEED = 4096, 0  # latents whose styles are averaged into the centre that truncation moves to
PIECE = 256  # codes at a time: their feature maps would otherwise take gigabytes


def has_styles(model: Model) -> bool:
    """Say whether the model's generator has a space of styles."""
    return hasattr(model.generator, "synthesis")


def check_space(model: Model, space: str) -> None:
    """Raise ValueError for an unknown space, and for `w` of a generator without styles."""
    if space not in SPACES:
        raise ValueError(f"unknown space {shorten(space)}; choose from: {', '.join(SPACES)}")
    if space == "w" and not has_styles(model):
        raise ValueError(f"{model.experiment.architecture} has no styles: its only space is z")


@torch.no_grad()
def to_styles(model: Model, latents: torch.Tensor) -> torch.Tensor:
    """Map latents (N, latent_dim) to styles (N, num_layers, w_dim), at first the same one at every size."""
    check_space(model, "w")
    styles = model.generator.mapping(latents.to(model.device))
    return styles.unsqueeze(1).repeat(1, model.generator.num_layers, 1)


def mean_style(model: Model) -> torch.Tensor:
    """Return the mean style (w_dim,) of 4,096 fixed latents."""
    latents = draw_latents(MEAN_OF, model.experiment.generator.latent_dim, MEAN_SEED)
    return to_styles(model, latents)[:, 0].mean(0)


def check_truncation(truncation: float) -> None:
    """Raise ValueError for a truncation that is no number from 0 to 1."""
    if isinstance(truncation, bool) or not isinstance(truncation, (int, float)) or not 0 <= truncation <= 1:
        raise ValueError(f"truncation must be a number from 0 to 1, not {shorten(truncation)}")


def truncate(model: Model, codes: torch.Tensor, truncation: float) -> torch.Tensor:
    """Move codes towards the middle of their space: 1 leaves them, 0 makes them all the same.

    Styles move towards the mean style (Karras 2019, 1812.04948, section 2.1), latents towards 0, the middle of N(0, 1): less
    variety, more typical samples (Brock 2019, 1809.11096, resamples instead of scaling). Latents of a generator with styles
    become styles first, for their length means nothing to it. Raises ValueError outside 0..1.
    """
    check_truncation(truncation)
    if truncation == 1:
        return codes
    if codes.ndim == 2 and has_styles(model):
        codes = to_styles(model, codes)
    centre = mean_style(model) if codes.ndim == 3 else torch.zeros(codes.shape[-1], device=codes.device)
    return torch.lerp(centre.to(codes), codes, truncation)


def mix_styles(coarse: torch.Tensor, fine: torch.Tensor, size: int) -> torch.Tensor:
    """Take the styles (N, num_layers, w_dim) of `coarse` for the first `size` sizes and those of `fine` from there on."""
    return torch.cat([coarse[:, :size], fine[:, size:]], 1)


@torch.no_grad()
def decode(model: Model, codes: torch.Tensor, labels: torch.Tensor | None = None, truncation: float = 1.0) -> torch.Tensor:
    """Turn codes of either space into samples in [-1, 1], images (N, C, H, W).

    `labels` as for `Model.generate`. The noise inputs of a style-based generator are its fixed ones.
    """
    codes = truncate(model, codes.to(model.device), truncation)
    if codes.ndim == 2:
        return model.generate(codes, labels)
    return torch.cat([model.generator.synthesis(piece) for piece in codes.split(PIECE)])
