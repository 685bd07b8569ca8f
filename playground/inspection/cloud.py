"""Networks whose samples are points: what D says of the whole plane, where made points are pulled, how G bends z.

After GAN Lab (Kahng et al. 2018, 1809.01587). Everything here is exact: D and G are asked where it is drawn.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from playground.losses import LOSSES, WASSERSTEIN
from playground.model import Model

SPAN = 1.2  # the plane that is shown reaches from -SPAN to SPAN: points lie in [-1, 1]
SURFACE = 40  # places to a side that D is asked at
LINES = 21  # of the grid of z in either direction
ALONG = 201  # places of a line of z
EDGE = 0.005  # of the latents' chance that lies outside the grid on either side


@torch.no_grad()
def surface(model: Model, side: int = SURFACE, span: float = SPAN) -> np.ndarray:
    """Return D's logits in the middles of side × side squares, float32 (side, side): rows from below, columns from the left."""
    middles = (torch.arange(side) + 0.5) * (2 * span / side) - span
    points = torch.stack([middles.repeat(side), middles.repeat_interleave(side)], 1)
    return judge(model, points).reshape(side, side).cpu().numpy()


def judge(model: Model, points: torch.Tensor) -> torch.Tensor:
    """Return D's logits (N,) of points (N, 2), all of the first class where the model knows classes."""
    label = _label(model, len(points))
    judged = model.discriminator(points.to(model.device), *([] if label is None else [label]))
    return (judged[0] if isinstance(judged, tuple) else judged).float()


def pulls(model: Model, fake: torch.Tensor, real: torch.Tensor) -> np.ndarray:
    """Return where each made point would go, float32 (N, 2): down the gradient of its own part of G's loss, -N ∂L/∂x.

    `fake` and `real` are points (N, 2); the real ones matter to relativistic losses alone.
    """
    loss = LOSSES[model.experiment.recipe.loss]
    with torch.enable_grad():
        points = fake.detach().to(model.device).requires_grad_(True)
        known = judge(model, real).detach() if loss.relativistic else None
        (gradient,) = torch.autograd.grad(loss.generator(known, judge(model, points)), points)
    return (-len(points) * gradient).cpu().numpy()


def neutral(model: Model, real: torch.Tensor, fake: torch.Tensor) -> tuple[float, float]:
    """Return the score that parts real from fake, and by how much above it D is rather sure: its odds are e to 1.

    Where the loss knows of no such score, the middle between the mean scores of real and made points (N, 2) stands for it.
    """
    loss = LOSSES[model.experiment.recipe.loss]
    if loss is not WASSERSTEIN and not loss.relativistic:
        return loss.border, 0.25 if loss.border else 1.0
    with torch.no_grad():
        high, low = (judge(model, points).mean().item() for points in (real, fake))
    gap = abs(high - low) if math.isfinite(high - low) else 1.0
    return (high + low) / 2, 1.0 if loss.relativistic else max(gap / 4, 1e-3)


def plane_of_latents(latent_dim: int) -> torch.Tensor:
    """Return latents spread over a grid by their chance, (LINES, LINES, latent_dim): between two lines lies the same of it.

    The second number grows from row to row, the first from column to column; all others are 0. Of latents with one number
    there is a line (ALONG, 1).
    """
    if latent_dim == 1:
        return _quantiles(ALONG)[:, None]
    steps = _quantiles(LINES)
    latents = torch.zeros(LINES, LINES, latent_dim)
    latents[..., 0], latents[..., 1] = steps, steps[:, None]
    return latents


@torch.no_grad()
def manifold(model: Model) -> np.ndarray:
    """Return what G makes of `plane_of_latents`, float32 (LINES, LINES, 2), or (ALONG, 2) where z is one number."""
    latents = plane_of_latents(model.experiment.generator.latent_dim)
    flat = latents.flatten(0, -2)
    made = model.generate(flat, None if _label(model, 1) is None else _label(model, len(flat)).cpu())
    return made.float().reshape(*latents.shape[:-1], 2).cpu().numpy()


def _quantiles(count: int) -> torch.Tensor:
    """Return where N(0, 1) reaches `count` shares of its chance, evenly from EDGE to 1 - EDGE."""
    shares = torch.linspace(EDGE, 1 - EDGE, count, dtype=torch.float64)
    return (math.sqrt(2) * torch.erfinv(2 * shares - 1)).float()


def _label(model: Model, count: int) -> torch.Tensor | None:
    label = model.labels(count, 0 if model.experiment.num_classes else None)
    return None if label is None else label.to(model.device)
