"""One change to try for each state of a run: in words, and as settings that can be applied at a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playground.experiment import Experiment

Remedy = tuple[str, Mapping[str, Any]]
RATE_D, RATE_G = "recipe.learning_rate_discriminator", "recipe.learning_rate_generator"


def remedy(state: str, experiment: Experiment) -> Remedy:
    """Return one change that may help a run in this state, in words and as flat settings; empty where none is needed."""
    return REMEDIES[state](experiment)


def _collapsed(experiment: Experiment) -> Remedy:
    recipe = experiment.recipe
    if recipe.learning_rate_generator > 2 * recipe.learning_rate_discriminator:
        return "Let the generator learn no faster than the discriminator.", {RATE_G: recipe.learning_rate_discriminator}
    if getattr(experiment.discriminator, "minibatch_std", None) is False:
        return "Show the discriminator how varied a batch is.", {"discriminator.minibatch_std": True}
    if recipe.loss != "relativistic-pairing":
        return "Compare made and real samples in pairs.", {"recipe.loss": "relativistic-pairing"}
    return "Lower both learning rates.", _slower(experiment, 4)


def _discriminator_wins(experiment: Experiment) -> Remedy:
    recipe = experiment.recipe
    if recipe.loss == "minimax":
        return "Take the loss that still pulls when the discriminator is sure.", {"recipe.loss": "non-saturating"}
    if recipe.learning_rate_discriminator > recipe.learning_rate_generator:
        return "Let the discriminator learn no faster than the generator.", {RATE_D: recipe.learning_rate_generator}
    if recipe.penalty == "none":
        return "Keep the discriminator from growing too steep.", {"recipe.penalty": "r1", "recipe.penalty_weight": 1.0}
    return "Slow the discriminator down.", {RATE_D: recipe.learning_rate_discriminator / 4}


def _generator_wins(experiment: Experiment) -> Remedy:
    recipe = experiment.recipe
    if recipe.learning_rate_discriminator < recipe.learning_rate_generator:
        return "Let the discriminator learn as fast as the generator.", {RATE_D: recipe.learning_rate_generator}
    if recipe.discriminator_steps < 5:
        steps = recipe.discriminator_steps + 1
        return f"Give the discriminator {steps} updates for each of the generator's.", {"recipe.discriminator_steps": steps}
    return "Slow the generator down.", {RATE_G: recipe.learning_rate_generator / 4}


def _oscillating(experiment: Experiment) -> Remedy:
    if experiment.recipe.ema_half_life < 1000:
        return "Average the weights that make the samples.", {"recipe.ema_half_life": 10_000}
    if experiment.recipe.beta1 > 0.5:
        return "Shorten the optimiser's memory: momentum carries the game past its balance.", {"recipe.beta1": 0.5}
    return "Lower both learning rates.", _slower(experiment, 4)


def _memorising(experiment: Experiment) -> Remedy:
    if experiment.recipe.augment == "none":
        return "Show the discriminator each sample a little changed, or take more data.", {"recipe.augment": "shift+cutout"}
    return "Take more data.", {}


def _slower(experiment: Experiment, factor: float) -> dict[str, float]:
    recipe = experiment.recipe
    return {RATE_G: recipe.learning_rate_generator / factor, RATE_D: recipe.learning_rate_discriminator / factor}


REMEDIES: Mapping[str, Callable[[Experiment], Remedy]] = {
    "warming-up": lambda experiment: ("", {}),
    "learning": lambda experiment: ("Let it run.", {}),
    "finished": lambda experiment: ("Wider networks or another architecture may get nearer.", {}),
    "collapsed": _collapsed,
    "discriminator-wins": _discriminator_wins,
    "generator-wins": _generator_wins,
    "oscillating": _oscillating,
    "diverged": lambda experiment: ("Lower both learning rates.", _slower(experiment, 10)),
    "memorising": _memorising,
}
