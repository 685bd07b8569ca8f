"""What a layer may be besides a plain PyTorch module: one with weights of its own, one that draws, one that grows."""

from __future__ import annotations

import torch
from torch import nn

from playground.noise import normal, uniform


class Weighted(nn.Module):
    """A layer with parameters or buffers of its own, which says how they start and what they cost."""

    def draw(self, source: torch.Generator) -> None:
        """Fill the layer's own parameters and buffers in place, drawing on the CPU from `source`."""
        raise NotImplementedError(f"{type(self).__name__} does not say how its weights start")

    def macs(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        """Return the multiply-accumulates that it takes for one sample of `input_shape`, children left out."""
        return 0

    def kept(self, input_shape: tuple[int, ...]) -> int:
        """Return how many numbers it keeps for the backward pass of one sample, its output left out: attention, gates."""
        return 0


class Conditioned(nn.Module):
    """A layer called with a second input besides the features: `forward(features, condition)`, a label or a style."""

    def takes(self) -> torch.Tensor | None:
        """Return the weights (rows, size) of the linear map that a condition (N, size) goes through first; None without one."""
        return None


class Drawing(nn.Module):
    """A layer that draws random numbers while it trains, from the run's own generator, and none in eval mode."""

    source: torch.Generator | None = None

    def normal(self, *shape: int, like: torch.Tensor) -> torch.Tensor:
        """Draw from N(0, 1) on the CPU, in the format and on the device of `like`; zeros where no run has given a source."""
        if self.source is None or like.is_meta:
            return like.new_zeros(shape)
        return normal(self.source, *shape).to(like)

    def uniform(self, *shape: int, like: torch.Tensor) -> torch.Tensor:
        """Draw from [0, 1) as `normal` does; one half where no run has given a source."""
        if self.source is None or like.is_meta:
            return like.new_full(shape, 0.5)
        return uniform(self.source, *shape).to(like)


class Growing(Weighted):
    """A clock of training for networks that change while they train: images seen so far, kept as a buffer.

    While it trains it also knows the count as a plain number: asking a GPU for it would wait for all work before it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros(()))
        self.told: float | None = None
        self.register_load_state_dict_post_hook(_forget)

    def count(self) -> float:
        """Return how many images were seen."""
        return self.images.item() if self.told is None else self.told

    def draw(self, source: torch.Generator) -> None:
        self.images.zero_()


def _forget(clock: Growing, keys: object) -> None:
    clock.told = None  # the buffer has another count now


def give_source(network: nn.Module, source: torch.Generator) -> None:
    """Let every layer of `network` that draws draw from `source`."""
    for module in network.modules():
        if isinstance(module, Drawing):
            module.source = source


def grow(network: nn.Module, images: int) -> None:
    """Set the clock of every growing part of `network` to `images` seen."""
    for module in network.modules():
        if isinstance(module, Growing):
            module.images.fill_(images)
            module.told = float(images)
