"""Random numbers for the samples of a batch, drawn on the CPU: for a whole batch, or for one process's part of it."""

from __future__ import annotations

from collections.abc import Callable

import torch


class Shared(torch.Generator):
    """A generator that all `size` processes of a run seed alike: each draws for the whole batch and keeps its own part.

    So they draw between them what one process with the whole batch would. `rank` says which part, from 0.
    """

    def __new__(cls, rank: int = 0, size: int = 1) -> Shared:
        return super().__new__(cls)

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size


def normal(source: torch.Generator, *shape: int, batch: int = 0) -> torch.Tensor:
    """Draw from N(0, 1), float32; the samples lie along dimension `batch`."""
    return _drawn(lambda whole: torch.randn(whole, generator=source), source, shape, batch)


def uniform(source: torch.Generator, *shape: int, batch: int = 0) -> torch.Tensor:
    """Draw from [0, 1), float32; the samples lie along dimension `batch`."""
    return _drawn(lambda whole: torch.rand(whole, generator=source), source, shape, batch)


def integers(source: torch.Generator, high: int, *shape: int, batch: int = 0) -> torch.Tensor:
    """Draw from 0 … high - 1, int64; the samples lie along dimension `batch`."""
    return _drawn(lambda whole: torch.randint(high, whole, generator=source), source, shape, batch)


def _drawn(
    draw: Callable[[tuple[int, ...]], torch.Tensor], source: torch.Generator, shape: tuple[int, ...], batch: int
) -> torch.Tensor:
    if not isinstance(source, Shared) or source.size == 1:
        return draw(shape)
    whole = (*shape[:batch], shape[batch] * source.size, *shape[batch + 1 :])
    return draw(whole).narrow(batch, source.rank * shape[batch], shape[batch])
