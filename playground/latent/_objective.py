"""How near a generator's samples come to one target: by pixels, by what a classifier sees, and by how usual the code is."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import interpolate

from playground.evaluation.features import FeatureNet, feature_net
from playground.latent.spaces import MEAN_OF, MEAN_SEED, to_styles
from playground.model import Model, draw_latents

FEATURE_WEIGHT = 0.25  # of the mean squared difference of features, as a share of the target's own mean square
PRIOR_WEIGHT = 1.0
# The length of z is √D, give or take 0.7 (one standard deviation, at any D): so far it may be from that at no cost.
FREE_LENGTH = 2.0
FREE_SPREAD = 1.5  # root mean square of styles around their mean, in standard deviations
PIECE = 256  # codes at a time

Errors = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class Objective:
    """Compare samples of codes, latents (N, latent_dim) or styles (N, num_layers, w_dim), with a target (C, H, W).

    The classifier is that of the model's data; without one, or with `features` off, pixels alone are compared.
    """

    def __init__(self, model: Model, target: torch.Tensor, space: str, features: bool) -> None:
        self.model, self.space = model, space
        self.target = target.to(model.device)
        self.net = feature_net(model.experiment.dataset) if features else None
        if self.net is not None:
            with torch.no_grad():
                self.wanted = self._seen(self.target[None])[0]  # (F,)
            self.scale = self.wanted.square().mean().clamp(min=1e-6)
        if space == "w":
            styles = to_styles(model, draw_latents(MEAN_OF, model.experiment.generator.latent_dim, MEAN_SEED))[:, 0]
            self.middle, self.spread = styles.mean(0), styles.std(0).clamp(min=1e-3)

    def samples(self, codes: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
        """Make samples (N, C, H, W) through which gradients can flow."""
        generator = self.model.generator
        if self.space == "w":
            return generator.synthesis(codes)
        return generator(codes) if labels is None else generator(codes, labels)

    def errors(self, codes: torch.Tensor, labels: torch.Tensor | None) -> Errors:
        """Return the samples, their mean squared pixel error (N,), and the whole loss (N,)."""
        samples = self.samples(codes, labels)
        pixels = (samples - self.target).square().mean((1, 2, 3))
        loss = pixels + PRIOR_WEIGHT * self.unusual(codes).square()
        if self.net is not None:
            loss = loss + FEATURE_WEIGHT * (self._seen(samples) - self.wanted).square().mean(1) / self.scale
        return samples, pixels, loss

    @torch.no_grad()
    def residuals(self, codes: torch.Tensor, labels: torch.Tensor | None, seen: bool) -> torch.Tensor:
        """Return rows (N, R) whose sums of squares are the losses of `errors`; unless `seen`, without the features."""
        pieces = []
        for start in range(0, len(codes), PIECE):
            part = slice(start, start + PIECE)
            samples = self.samples(codes[part], None if labels is None else labels[part])
            rows = [(samples - self.target).flatten(1) / math.sqrt(self.target.numel())]
            rows.append(math.sqrt(PRIOR_WEIGHT) * self.unusual(codes[part])[:, None])
            if seen and self.net is not None:
                weight = (FEATURE_WEIGHT / self.wanted.numel() / self.scale).sqrt()
                rows.append(weight * (self._seen(samples) - self.wanted))
            pieces.append(torch.cat(rows, 1))
        return torch.cat(pieces)

    def unusual(self, codes: torch.Tensor) -> torch.Tensor:
        """Return how far codes (N, …) lie outside the region where nearly all codes of the training lay: (N,), 0 inside."""
        if self.space == "w":
            away = (((codes - self.middle) / self.spread).square().mean((1, 2)) + 1e-12).sqrt()
            return (away - FREE_SPREAD).clamp(min=0)
        usual = math.sqrt(codes.shape[1])
        length = (codes.square().sum(1) + 1e-12).sqrt()
        return ((length - usual).abs() - FREE_LENGTH).clamp(min=0) / usual

    def _seen(self, samples: torch.Tensor) -> torch.Tensor:
        """Return features (N, F) of samples in [-1, 1], through which gradients can flow."""
        net: FeatureNet = self.net
        samples = samples.cpu()
        if samples.shape[-1] != net.resolution:
            size = (net.resolution, net.resolution)
            samples = interpolate(samples, size, mode="bilinear", antialias=True, align_corners=False)
        if samples.shape[1] != net.channels:
            samples = samples.mean(1, keepdim=True).expand(-1, net.channels, -1, -1)
        return net.body(samples).to(self.target.device)
