"""Two ways down a loss: Adam for many starts at once, and Gauss-Newton steps that end where pixels agree."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from playground.latent._objective import Objective

BETAS = (0.9, 0.99)
EPSILON = 1e-8
NUDGE = 1e-3  # of each number of a code, for its slope: at this size float32 rounds away about as much as curves bend
DAMPINGS = (0.1, 1.0, 10.0, 100.0)  # tried at once, as multiples of the last one that helped
LEAST_DAMPING, MOST_DAMPING = 1e-7, 1e4
ENOUGH = 1e-3  # relative gain below which steps are counted as lost
PATIENCE = 3

Found = tuple[torch.Tensor, float]


class Adam:
    """Move codes (N, …) by Adam (Kingma & Ba 2015, 1412.6980, algorithm 1), some of which may be given up on the way."""

    def __init__(self, codes: torch.Tensor, labels: torch.Tensor | None) -> None:
        self.codes, self.labels = codes.clone(), labels
        self.mean, self.square = torch.zeros_like(codes), torch.zeros_like(codes)
        self.steps = 0

    def step(self, objective: Objective, rate: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Take one step; return samples, pixel errors and losses before it. No weight of the generator gets a gradient."""
        codes = self.codes.detach().requires_grad_()
        with torch.enable_grad():
            samples, pixels, loss = objective.errors(codes, self.labels)
            (gradient,) = torch.autograd.grad(loss.sum(), codes)
        gradient = gradient.nan_to_num()  # a start that broke must not break the others
        self.steps += 1
        self.mean.lerp_(gradient, 1 - BETAS[0])
        self.square.lerp_(gradient.square(), 1 - BETAS[1])
        mean, square = (value / (1 - beta**self.steps) for value, beta in zip((self.mean, self.square), BETAS, strict=True))
        self.codes = self.codes - rate * mean / (square.sqrt() + EPSILON)
        return samples.detach(), pixels.detach(), loss.detach()

    def keep(self, chosen: torch.Tensor) -> None:
        """Go on with the chosen starts (K,) alone."""
        self.codes, self.mean, self.square = self.codes[chosen], self.mean[chosen], self.square[chosen]
        self.labels = None if self.labels is None else self.labels[chosen]


def polish(objective: Objective, code: torch.Tensor, label: torch.Tensor | None, *, seen: bool, steps: int) -> Iterator[Found]:
    """Improve one code (…) by damped Gauss-Newton steps (Levenberg 1944, Marquardt 1963); yields the code and its loss.

    `label` is a mixture (num_classes,) or None. The slopes are differences between samples of nudged codes, so that any
    generator will do, and near the end each step squares the error where a descent by gradients crawls. `seen` says whether
    the features count. Ends by itself when steps gain nothing.
    """
    flat, shape, damping, lost = code.flatten(), code.shape, 1e-2, 0

    def rows(codes: torch.Tensor) -> torch.Tensor:
        labels = None if label is None else label.expand(len(codes), -1)
        return objective.residuals(codes.reshape(-1, *shape), labels, seen)

    base = rows(flat[None])[0]
    for _ in range(steps):
        slopes = (rows(flat + NUDGE * torch.eye(len(flat)).to(flat)) - base) / NUDGE  # (D, R)
        tried, dampings = _candidates(flat, slopes, base, damping)
        found = rows(tried)  # (T, R)
        losses = found.square().sum(1).nan_to_num(torch.inf)
        best, before = int(losses.argmin()), base.square().sum()
        gain = (before - losses[best]) / before.clamp(min=1e-20)
        lost = lost + 1 if gain < ENOUGH else 0
        if gain > 0:
            flat, base, damping = tried[best], found[best], dampings[best]
        else:
            damping = min(MOST_DAMPING, damping * DAMPINGS[-1])
        yield flat.reshape(shape), float(base.square().sum())
        if lost >= PATIENCE:
            return


def _candidates(
    flat: torch.Tensor, slopes: torch.Tensor, base: torch.Tensor, damping: float
) -> tuple[torch.Tensor, list[float]]:
    """Solve (J Jᵀ + d · diag) step = -J r for several dampings d: codes (T, D) to try."""
    curvature, slope = (slopes @ slopes.mT).double(), (slopes @ base).double()
    dampings = [min(MOST_DAMPING, max(LEAST_DAMPING, damping * factor)) for factor in DAMPINGS]
    scale = curvature.diagonal() + 1e-6 * curvature.diagonal().mean() + 1e-12
    systems = torch.stack([curvature + torch.diag(d * scale) for d in dampings])
    steps, problem = torch.linalg.solve_ex(systems, -slope.expand(len(dampings), -1).unsqueeze(-1))
    steps = torch.where(problem[:, None] == 0, steps[..., 0], 0)
    return flat + steps.to(flat), dampings
