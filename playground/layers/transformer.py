"""Transformer blocks over the places of a picture (Vaswani 2017, 1706.03762; for pictures Dosovitskiy 2021, 2010.11929).

A map (N, C, H, W) is read as H·W tokens of C numbers, (N, T, C), row by row.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init
from torch.nn.functional import linear

from playground.layers.parts import Weighted

POSITION_STD = 0.02  # of the starting positions: Dosovitskiy 2021, as BERT before it


class ToTokens(nn.Module):
    """Read a map (N, C, H, W) as tokens (N, H·W, C)."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features.flatten(2).transpose(1, 2)


class ToMap(nn.Module):
    """Lay tokens (N, H·W, C) out as a square map (N, C, H, W)."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        side = math.isqrt(tokens.shape[1])
        return tokens.transpose(1, 2).unflatten(2, (side, side))


class Positions(Weighted):
    """Add a learnt vector to each of (N, num_tokens, width): attention alone does not know where a token is."""

    def __init__(self, num_tokens: int, width: int, std: float = POSITION_STD) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_tokens, width))
        self.std = std

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, 0, self.std, generator=source)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens + self.weight


class SelfAttention(Weighted):
    """Let each token of (N, T, width) gather from all others what it asks for: softmax(Q·Kᵀ/√d)·V, in several heads.

    With `window`, tokens see only those in their own window × window square of the map: linear rather than quadratic in T
    (grid self-attention of Jiang 2021, 2102.07074, section 3.3). With `causal`, a token sees itself and those before it:
    the tokens are a series, and `window` must be None. The softmax is written out, because fused kernels
    cannot be differentiated twice, and so that `weights` can show it.
    """

    def __init__(self, width: int, heads: int, window: int | None = None, causal: bool = False) -> None:
        super().__init__()
        self.heads, self.window, self.causal = heads, window, causal
        self.weight_in = nn.Parameter(torch.empty(3 * width, width))  # query, key, value
        self.bias_in = nn.Parameter(torch.empty(3 * width))
        self.weight_out = nn.Parameter(torch.empty(width, width))
        self.bias_out = nn.Parameter(torch.empty(width))

    def draw(self, source: torch.Generator) -> None:
        for weight in (*self.weight_in.chunk(3), self.weight_out):
            init.xavier_uniform_(weight, generator=source)
        init.zeros_(self.bias_in)
        init.zeros_(self.bias_out)

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        num_tokens, width = input_shape
        seen = min(self.window**2, num_tokens) if self.window else num_tokens
        return num_tokens * (4 * width**2 + 2 * seen * width)

    def kept(self, input_shape: tuple[int, ...]) -> int:
        num_tokens, width = input_shape
        seen = min(self.window**2, num_tokens) if self.window else num_tokens
        return num_tokens * (self.heads * seen + 4 * width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        if tokens.is_meta:
            return torch.empty_like(tokens)
        query, key, value = self._projected(tokens)
        gathered = _weights(query, key, self.causal) @ value  # (N', heads, t, d)
        gathered = self._joined(gathered.transpose(1, 2).flatten(2), tokens.shape[1])
        return linear(gathered, self.weight_out, self.bias_out)

    def weights(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return how much each token takes from each other one, (N, heads, T, T): rows sum to 1, 0 outside the window."""
        query, key, _ = self._projected(tokens)
        weights = _weights(query, key, self.causal)  # (N', heads, t, t)
        count, num_tokens = tokens.shape[:2]
        places = torch.arange(num_tokens, device=tokens.device).reshape(1, num_tokens, 1)
        places = self._split(places).squeeze(2)  # (windows, t): which token of the map each one is
        whole = weights.new_zeros(count, self.heads, num_tokens, num_tokens)
        by_window = weights.unflatten(0, (count, len(places)))
        for number, place in enumerate(places):
            whole[:, :, place[:, None], place] = by_window[:, number]
        return whole

    def _projected(self, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return query, key and value, each (N·windows, heads, t, width / heads)."""
        mixed = linear(self._split(tokens), self.weight_in, self.bias_in)
        return mixed.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)

    def _split(self, tokens: torch.Tensor) -> torch.Tensor:
        """Cut (N, T, C) into windows (N·windows, t, C)."""
        side = math.isqrt(tokens.shape[1])
        if not self.window or self.window >= side:
            return tokens
        squares = tokens.unflatten(1, (side // self.window, self.window, side // self.window, self.window))
        return squares.transpose(2, 3).flatten(3, 4).flatten(0, 2)

    def _joined(self, windows: torch.Tensor, num_tokens: int) -> torch.Tensor:
        """Undo `_split`."""
        side = math.isqrt(num_tokens)
        if not self.window or self.window >= side:
            return windows
        across = side // self.window
        squares = windows.reshape(-1, across, across, self.window, self.window, windows.shape[2])
        return squares.transpose(2, 3).flatten(1, 4)


def _weights(query: torch.Tensor, key: torch.Tensor, causal: bool = False) -> torch.Tensor:
    scores = query * query.shape[-1] ** -0.5 @ key.mT
    if causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
    return scores.softmax(-1)


class TransformerBlock(nn.Module):
    """Attend, then think: two residual branches on (N, T, width), each behind a layer normalisation ("pre-norm")."""

    def __init__(self, width: int, heads: int, window: int | None = None, expansion: int = 2, causal: bool = False) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads, window, causal)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, expansion * width), nn.GELU(), nn.Linear(expansion * width, width))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        tokens = tokens + self.attention(self.norm_attention(tokens))
        return tokens + self.mlp(self.norm_mlp(tokens))


class ClassToken(Weighted):
    """Put a learnt token before (N, T, width) -> (N, T + 1, width): what attention gathers there speaks for all."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, width))

    def draw(self, source: torch.Generator) -> None:
        init.normal_(self.weight, 0, POSITION_STD, generator=source)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.weight.to(tokens.dtype).expand(len(tokens), 1, -1), tokens], 1)


class FirstToken(nn.Module):
    """Keep the first token alone: (N, T, width) -> (N, width)."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens[:, 0]
