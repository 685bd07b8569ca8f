"""From scores of tokens to tokens: a hard choice that gradients pass, with dice thrown by the latent vector."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import normalize, one_hot

from playground.layers.parts import Conditioned, Growing

OUTPUTS = ("straight-through", "soft")
FURTHEST = 8.0  # standard deviations: beyond it Φ is 0 or 1 in float32


def gumbel(normal: torch.Tensor) -> torch.Tensor:
    """Turn numbers from N(0, 1) into numbers from the standard Gumbel distribution, −log(−log Φ(x)), one by one."""
    return -torch.log(-torch.special.log_ndtr(normal.clamp(-FURTHEST, FURTHEST)))


class LatentPart(nn.Module):
    """Keep the first `stop` numbers of a latent vector (N, latent_dim)."""

    def __init__(self, stop: int) -> None:
        super().__init__()
        self.stop = stop

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        return latent[:, : self.stop]


class TokenHead(Growing, Conditioned):
    """Choose a token at every step from logits (N, T, V), by dice that lie in the latent vector: one-hot (N, T, V).

    `straight-through`: the argmax of logits + g is the sample, the softmax of (logits + g)/τ gives the gradient (Gumbel-
    softmax: Jang 2017, 1611.01144, section 2.2; for text GANs Kusner & Hernández-Lobato 2016, 1611.04051). With g from the
    Gumbel distribution that is a draw from softmax(logits).

    The dice come from z, so that z is all the randomness there is: a seed is one sample, in training and after it, and a
    walk through z goes from sample to sample. g[t, v] = −log(−log Φ(aₜᵥ·z′)), where z′ are the last `dice` numbers of z and
    the aₜᵥ fixed random vectors of length 1. As aₜᵥ·z′ ~ N(0, 1), Φ of it is uniform and each g exactly a Gumbel number.
    Two of them are correlated as aₜᵥ·aᵤ𝓌, which is about 1/√dice: the more numbers, the fairer the dice taken together.

    `soft`: the softmax of logits/τ itself, without dice (Gulrajani 2017, 1704.00028, section 5.3): for critics that look at
    slopes between samples. τ falls from `start` to `end`, by the same factor for every sample seen, over `anneal` samples.
    """

    def __init__(self, steps: int, num_tokens: int, dice: int, output: str, *, start: float, end: float, anneal: int) -> None:
        super().__init__()
        self.output, self.dice = output, dice
        self.start, self.end, self.anneal = start, end, anneal
        if output == "straight-through":
            self.register_buffer("rows", torch.empty(steps, num_tokens, dice))

    def draw(self, source: torch.Generator) -> None:
        super().draw(source)
        if self.output == "straight-through":
            self.rows.copy_(normalize(torch.randn(self.rows.shape, generator=source), dim=2))

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return self.rows.numel() if self.output == "straight-through" else 0

    def temperature(self) -> float:
        """Return τ by now."""
        share = min(1.0, self.count() / self.anneal) if self.anneal else 1.0
        return self.start * (self.end / self.start) ** share

    def throw(self, latent: torch.Tensor) -> torch.Tensor | None:
        """Return what the dice of latents (N, latent_dim) show, Gumbel numbers (N, T, V); None for a soft output."""
        if self.output == "soft":
            return None
        with torch.autocast(latent.device.type, enabled=False):
            return gumbel(torch.einsum("nd,tvd->ntv", latent[:, -self.dice :].to(self.rows.dtype), self.rows))

    def choose(self, logits: torch.Tensor, thrown: torch.Tensor | None) -> torch.Tensor:
        """Return tokens (…, V), given logits and what the dice show, both (…, V)."""
        logits = logits.float()
        if thrown is None:
            return (logits / self.temperature()).softmax(-1)
        soft = ((logits + thrown) / self.temperature()).softmax(-1)
        hard = one_hot(soft.argmax(-1), soft.shape[-1]).to(soft.dtype)
        return hard + (soft - soft.detach())  # the bracket is exactly 0

    def forward(self, logits: torch.Tensor, latent: torch.Tensor) -> torch.Tensor:
        return logits if logits.is_meta else self.choose(logits, self.throw(latent))


def token_log_likelihood(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Return the log-probability of each token, (N, T), of one-hot `tokens` (N, T, V) under softmax(logits), τ = 1."""
    chosen = tokens.detach().argmax(-1, keepdim=True)
    return logits.float().log_softmax(-1).gather(-1, chosen).squeeze(-1)
