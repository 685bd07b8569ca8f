"""Films: how far their frames and their movement lie from those of real ones."""

from __future__ import annotations

import torch
from torch.nn.functional import adaptive_avg_pool2d

from playground.evaluation.gauges._gauge import Gauge
from playground.kinds.video import centroids
from playground.samples import Samples

SMALL = 8  # a frame's side in `embed`: what is left are things, not their edges
# How much a pixel a frame of movement counts beside one bright pixel of a small frame. With it two real films differ about as
# much in the one as in the other, so that neither a change of looks nor of movement drowns in the other.
MOTION_WEIGHT = 1.7
WIDTHS = (0.5, 1.0, 2.0)  # of the kernels, in medians of the distance between real films


def embed(values: torch.Tensor, dataset: str) -> torch.Tensor:
    """Turn films, uint8 (N, T, C, H, W), into rows: small frames, then the steps of the centre of brightness."""
    small = adaptive_avg_pool2d(values.flatten(0, 1).float() / 255, SMALL).reshape(len(values), -1)
    return torch.cat([small, MOTION_WEIGHT * centroids(values).diff(dim=1).flatten(1)], 1)


def distance(reference: torch.Tensor, rows: torch.Tensor, seed: int) -> float:
    """Return the maximum mean discrepancy MMD² of two sets of rows, the mean over Gaussian kernels of three widths.

    Gretton et al. 2012 (JMLR 13), equation 5: never negative, about 2/N for two samples of N of the same, at most 2;
    infinite where rows are not finite.
    """
    if not torch.isfinite(rows).all():
        return float("inf")
    own, made, between = (_gaps(*pair) for pair in ((reference, reference), (rows, rows), (reference, rows)))
    unit = own[own > 0].median() if (own > 0).any() else torch.ones(())
    kernels = ((torch.exp(-gaps / (2 * width**2 * unit)).mean() for gaps in (own, made, between)) for width in WIDTHS)
    return max(0.0, float(sum(real + fake - 2 * cross for real, fake, cross in kernels) / len(WIDTHS)))


def _gaps(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Return squared distances (N, M) between rows."""
    gaps = first.square().sum(1)[:, None] + second.square().sum(1) - 2 * first @ second.T
    return gaps.clamp_(min=0)


def title(dataset: str) -> str:
    return "MMD² of frames and motion"


def figures(values: torch.Tensor, training: Samples, dataset: str) -> dict[str, float]:
    """Return how much films change from frame to frame, in grey levels of 255: 0 where nothing moves."""
    return {"change a frame": float(values.float().diff(dim=1).abs().mean())}


GAUGE = Gauge(name="video", embed=embed, distance=distance, title=title, figures=figures, order=7)
