"""Scale and gradient of every stage while a game is played: what vanishes, what explodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from playground.layers.tracing import stages
from playground.training.game import DISCRIMINATOR, GENERATOR, Game

NETWORKS = (GENERATOR, DISCRIMINATOR)
FIGURES = ("scale", "dead", "gradient")
VANISHED, EXPLODED = 1e-4, 1e4  # of the network's largest stage at the first step
LASTING = 5  # steps that it must last
HEALTHY, VANISHES, EXPLODES = "", "vanishes", "explodes"


@dataclass(frozen=True)
class StageRecord:
    """What one step did in every stage, float64 (L,), in the order of `Recorder.names`; NaN for what did not take place.

    `scale` is the root mean square of what the stage gave in its last forward pass of the step, in D that of the fake
    samples that G learned from; `dead`, of stages with a (leaky) ReLU, the share of units that were at most 0 for the whole
    batch; `gradient` the length of the loss's gradient by the stage's weights, all together, before any clipping.
    """

    scale: np.ndarray
    dead: np.ndarray
    gradient: np.ndarray


class Recorder:
    """Watch a game through hooks, which change nothing of it: `with Recorder(game) as seen: game.step(); seen.take()`."""

    def __init__(self, game: Game) -> None:
        self.game = game
        networks = {GENERATOR: game.state.generator, DISCRIMINATOR: game.state.discriminator}
        self._stages = {(name, stage): module for name in NETWORKS for stage, module in stages(networks[name]).items()}
        self.names: tuple[tuple[str, str], ...] = tuple(self._stages)
        self._homes = {name: _homes(network) for name, network in networks.items()}
        self._seen: dict[tuple[str, str, str], torch.Tensor] = {}

    def __enter__(self) -> Recorder:
        self._handles = [module.register_forward_hook(self._passed(place)) for place, module in self._stages.items()]
        self.game.watch = self._told
        return self

    def __exit__(self, *_: object) -> None:
        self.game.watch = None
        for handle in self._handles:
            handle.remove()

    def take(self) -> StageRecord:
        """Return what was seen since the last call, and forget it."""
        keys = [(*place, figure) for figure in FIGURES for place in self.names]
        known = [key for key in keys if key in self._seen]
        numbers = dict(zip(known, torch.stack([self._seen[key] for key in known]).tolist() if known else [], strict=True))
        self._seen.clear()
        return StageRecord(*(np.array([numbers.get((*place, figure), np.nan) for place in self.names]) for figure in FIGURES))

    def _passed(self, place: tuple[str, str]) -> Callable[..., None]:
        kinds = (nn.ReLU, nn.LeakyReLU)
        rectified = any(isinstance(module, kinds) for module in self._stages[place].modules())

        def hook(module: nn.Module, args: tuple, output: torch.Tensor) -> None:
            values = output.detach().float()
            self._seen[*place, "scale"] = values.square().mean().sqrt()
            if rectified:
                self._seen[*place, "dead"] = (values <= 0).all(0).float().mean()

        return hook

    def _told(self, name: str, **values: torch.Tensor) -> None:
        kind, _, network = name.partition("_")
        if kind != "gradient":
            return
        squares: dict[str, torch.Tensor] = {}
        for parameter, gradient in values.items():
            if parameter != "loss":
                stage = self._homes[network].get(parameter, "")
                square = gradient.float().square().sum()
                squares[stage] = squares[stage] + square if stage in squares else square
        self._seen |= {(network, stage, "gradient"): total.sqrt() for stage, total in squares.items()}


def _homes(network: nn.Module) -> dict[str, str]:
    """Return the stage of every parameter by the parameter's name; the innermost, where one lies in another."""
    homes = {id(weight): name for name, stage in stages(network).items() for weight in stage.parameters()}
    return {name: homes[id(weight)] for name, weight in network.named_parameters() if id(weight) in homes}


def verdict(values: np.ndarray, reference: float) -> str:
    """Say whether a stage's values (steps,) ended 10,000 times above `reference` or in no number, or as far below.

    Below means all of the last five steps: a loss that is 0 for a step, as the hinge loss can be, makes nothing vanish.
    Where there never was a number there is nothing to say.
    """
    known = np.isfinite(values)
    if not known.any():
        return HEALTHY
    if not known[-1] or values[-1] > EXPLODED * reference:
        return EXPLODES
    return VANISHES if values[-LASTING:].max() < VANISHED * reference else HEALTHY
