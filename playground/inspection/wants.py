"""What the discriminator says of samples, and what it would have each pixel do: the gradient that the generator learns from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.layers import MinibatchStd
from playground.losses import separation
from playground.model import Model, draw_latents
from playground.samples import Samples, to_unit

BINS = 24
PIECE = 64  # samples judged at once: of more the maps leave the processor's cache, and all takes longer
LONGEST = 0.25  # of a wish followed all the way: root mean square change of a pixel, whose range is 2
MOVES = 4  # small steps that a wish is followed in: the way bends


@dataclass(frozen=True)
class Wants:
    """What D says of N samples: `logits` (N,), and the `gradient` of each sample's own logit by its pixels (N, C, H, W).

    All float32. `samples` (N, C, H, W) in [-1, 1] are those judged.
    """

    samples: np.ndarray
    logits: np.ndarray
    gradient: np.ndarray

    @property
    def norms(self) -> np.ndarray:
        """Length of each sample's gradient (N,): by how much a step of length 1 would raise the score, at most."""
        return np.sqrt(np.square(self.gradient, dtype=np.float64).sum((1, 2, 3))).astype(np.float32)

    def maps(self, scale: float | None = None) -> np.ndarray:
        """Return signed maps (N, H, W) in [-1, 1]: above 0 where brighter raises the score, below where darker does.

        Channels are averaged, for brighter means all of them. One scale for all samples: `scale` becomes 1, by
        default the 99th percentile of the strengths.
        """
        brighter = np.nan_to_num(self.gradient.mean(1, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        scale = float(np.percentile(np.abs(brighter), 99)) if scale is None else scale
        return (brighter / max(scale, np.finfo(np.float64).tiny)).clip(-1, 1).astype(np.float32)


@dataclass(frozen=True)
class Scores:
    """The logits of as many `real` (N,) as `fake` (N,) samples, float32."""

    real: np.ndarray
    fake: np.ndarray

    @property
    def separation(self) -> float:
        """Probability that a random real sample scores above a random fake one, ties counting half: the area under ROC."""
        return separation(torch.from_numpy(self.real), torch.from_numpy(self.fake)).item()

    @property
    def gap(self) -> float:
        """By how much real samples score higher on average."""
        return float(self.real.mean(dtype=np.float64) - self.fake.mean(dtype=np.float64))

    def histograms(self, bins: int = BINS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the bins' edges (bins + 1,), shared by both, and how many of `real` and of `fake` are in each (bins,).

        What is not finite is left out.
        """
        finite = [logits[np.isfinite(logits)].astype(np.float64) for logits in (self.real, self.fake)]
        edges = np.histogram_bin_edges(np.concatenate(finite), bins)
        real, fake = (np.histogram(logits, edges)[0] for logits in finite)
        return edges, real, fake


def wants(model: Model, samples: torch.Tensor, labels: torch.Tensor | None = None) -> Wants:
    """Ask D what it says of samples and how each pixel would change that. Nothing in the model changes.

    `samples` are images (N, C, H, W), uint8 or in [-1, 1]. `labels` are the classes that a conditional model is to take
    them for, int64 (N,) or mixtures (N, num_classes); by default the classes in turn.
    Raises ValueError for samples of another shape than the model's.
    """
    pictures = _pictures(model, samples)
    logits, gradient = _judged(model, pictures, _labels(model, len(pictures), labels))
    return Wants(*(value.cpu().numpy() for value in (pictures, logits, gradient)))


def follow(model: Model, samples: torch.Tensor, length: float, labels: torch.Tensor | None = None, moves: int = MOVES) -> Wants:
    """Move each sample a way of `length` (Euclidean) along D's gradient, and ask again: what D would rather see.

    The way is taken in `moves` equal steps, each along the gradient where the sample then is. Pixels stay in [-1, 1]:
    those at the edge of their range take no part in pushes beyond it, and one that reaches it in the middle of a step
    shortens that step. Otherwise as `wants`. Raises ValueError for a negative length and less than one move.
    """
    if not (math.isfinite(length) and length >= 0 and moves >= 1):
        raise ValueError(f"length must be 0 or more and moves 1 or more, not {length!r} and {moves!r}")
    pictures, labels = _pictures(model, samples), _labels(model, len(samples), labels)
    for _ in range(moves if length else 0):
        _, gradient = _judged(model, pictures, labels)
        outward = (pictures >= 1) & (gradient > 0) | (pictures <= -1) & (gradient < 0)
        push = gradient.nan_to_num(0, 0, 0).masked_fill(outward, 0)
        norm = torch.linalg.vector_norm(push, dim=(1, 2, 3), keepdim=True).clamp_min(torch.finfo(push.dtype).tiny)
        pictures = (pictures + length / moves * push / norm).clamp(-1, 1)
    return wants(model, pictures, labels)


def longest(model: Model) -> float:
    """Return the length of a way along the gradient that changes a picture of the model's size clearly."""
    return LONGEST * math.prod(model.experiment.spec.shape) ** 0.5


def scores(model: Model, samples: Samples, count: int = 256, seed: int = 0) -> Scores:
    """Score `count` real samples drawn at random, fewer where there are fewer, and as many made ones of the same classes.

    Raises ValueError for samples of another shape than the model's and a count below 1.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))[:count]
    labels = samples.labels[chosen] if model.experiment.num_classes and samples.labels is not None else None
    latents = draw_latents(len(chosen), model.experiment.generator.latent_dim, seed)
    fake = model.generate(latents, labels)
    return Scores(logits(model, samples.values[chosen], labels), logits(model, fake, labels))


@torch.no_grad()
def logits(model: Model, samples: torch.Tensor, labels: torch.Tensor | None = None) -> np.ndarray:
    """Return D's logits of samples, float32 (N,). Otherwise as `wants`."""
    pictures = _pictures(model, samples)
    labels = _labels(model, len(pictures), labels)
    parts = [None] * len(pictures.split(PIECE)) if labels is None else labels.split(PIECE)
    found = [_logits(model, piece, part) for piece, part in zip(pictures.split(PIECE), parts, strict=True)]
    return torch.cat(found).float().cpu().numpy()


def _judged(model: Model, pictures: torch.Tensor, labels: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the logits (N,) and the gradient of each by its own sample (N, C, H, W), float32.

    Samples that D compares with one another are asked apart: of each group, one at a time.
    """
    with torch.enable_grad():
        inputs = pictures.detach().clone().requires_grad_(True)
        found = _logits(model, inputs, labels)
        ties = _ties(model.discriminator, len(inputs))
        rows = found.reshape(ties, -1)
        parts = [torch.autograd.grad(row.sum(), inputs, retain_graph=True)[0] for row in rows]
    own = [part.reshape(ties, -1, *part.shape[1:])[row] for row, part in enumerate(parts)]
    return found.detach().float(), torch.cat(own).float()


def _ties(discriminator: nn.Module, count: int) -> int:
    """Return how many samples of a batch D looks at together: it lays out a batch (ties, N / ties), a group a column."""
    sizes = [math.gcd(count, module.group_size) for module in discriminator.modules() if isinstance(module, MinibatchStd)]
    return max(sizes, default=1)


def _logits(model: Model, pictures: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
    judged = model.discriminator(pictures, labels)
    return judged[0] if isinstance(judged, tuple) else judged  # the second are logits of the classes


def _pictures(model: Model, samples: torch.Tensor) -> torch.Tensor:
    wanted = model.experiment.spec.shape
    if samples.ndim != 1 + len(wanted) or samples.shape[1:] != wanted or not len(samples):
        raise ValueError(f"samples must be (N, {', '.join(map(str, wanted))}), not {tuple(samples.shape)}")
    values = samples.to(model.device)
    own = next(model.discriminator.parameters()).dtype
    return to_unit(values).to(own) if values.dtype == torch.uint8 else values.to(own)


def _labels(model: Model, count: int, labels: torch.Tensor | None) -> torch.Tensor | None:
    labels = model.labels(count) if labels is None else labels
    return labels if labels is None else labels.to(model.device)
