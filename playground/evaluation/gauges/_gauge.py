"""What the file of a gauge has to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from playground.samples import Samples


@dataclass(frozen=True)
class Gauge:
    """Say how samples of one kind, of which `name` is the name, are compared with real ones.

    `embed(values, dataset)` turns values as the data set called `dataset` holds them into rows (N, F), float32, in which
    alike samples lie near each other. `distance(reference, rows, seed)` measures how far rows of made samples lie from those
    of real ones, lower is better, and `title(dataset)` names it. `near(values, dataset)` gives the rows among which nearest
    neighbours are sought; by default those of `embed`. `figures(values, training, dataset)` gives further figures by name,
    the same for made, real and untrained ones: what a data set knows of its own samples (`Dataset.figures`) comes besides.
    """

    name: str
    embed: Callable[[torch.Tensor, str], torch.Tensor]
    distance: Callable[[torch.Tensor, torch.Tensor, int], float]
    title: Callable[[str], str]
    near: Callable[[torch.Tensor, str], torch.Tensor] | None = None
    figures: Callable[[torch.Tensor, Samples, str], dict[str, float]] | None = None
    order: int = 100
