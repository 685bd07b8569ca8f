"""What the file of a kind of sample has to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from playground.samples import SampleSpec

SOUND_RATE = 8000  # values a second of everything that can be heard


@dataclass(frozen=True)
class Kind:
    """Say how samples of one kind go into networks, come out of them, and are shown.

    "Values" are samples as a data set holds them, N at a time. `to_network(values, spec)` gives what D reads, float32
    (N, *spec.shape); `to_values(made, spec)` turns what G made, (N, *spec.shape), into values, whatever numbers it may hold,
    NaN too. `draw(values, spec)` makes a picture of each, uint8 (N, H, W, C), all of one size, at most 96 pixels a side.
    `in_words(values, spec)` writes each as a line of text, where that can be done; `frames(values, spec)` gives what moves,
    uint8 (N, frames, H, W, C); `sound(values, spec)` gives what can be heard, float32 (N, length) in [-1, 1] at
    `SOUND_RATE` values a second. `moves(values, by, spec)` draws where samples are pulled, `by` (N, *spec.shape) in the form of
    what G makes: signed pictures float32 (N, H, W) in [-1, 1] to lay over those of `draw`; without it they are maps of `by`
    itself. `noun` is what one sample is called.
    """

    name: str
    title: str
    noun: str
    to_network: Callable[[torch.Tensor, SampleSpec], torch.Tensor]
    to_values: Callable[[torch.Tensor, SampleSpec], torch.Tensor]
    draw: Callable[[torch.Tensor, SampleSpec], np.ndarray]
    in_words: Callable[[torch.Tensor, SampleSpec], list[str]] | None = None
    frames: Callable[[torch.Tensor, SampleSpec], np.ndarray] | None = None
    sound: Callable[[torch.Tensor, SampleSpec], np.ndarray] | None = None
    moves: Callable[[torch.Tensor, torch.Tensor, SampleSpec], np.ndarray] | None = None
    order: int = 100
