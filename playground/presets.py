"""Experiments that fail in a way worth seeing: set up with one click, to be watched and understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playground.experiment import Experiment
from playground.registry import Registry


@dataclass(frozen=True)
class Preset:
    """Name a failure, the settings that bring it about (flat, all but the data), and what will be seen and why."""

    name: str
    title: str
    summary: str
    settings: Mapping[str, Any]

    def experiment(self, like: Experiment) -> Experiment:
        """Return the experiment that fails so, with data and seed of `like`."""
        broken = Experiment.from_settings({**self.settings, "dataset": like.dataset})
        return replace(broken, data=like.data, seed=like.seed)


COLLAPSE = Preset(
    name="collapse",
    title="Mode collapse",
    summary="The generator learns twenty times as fast as the discriminator, and nothing is normalised. Watch the samples: "
    "soon they all look alike, for one picture that passes is enough, and when the discriminator sees through it all change.",
    settings={
        "architecture": "mlp",
        "recipe.learning_rate_generator": 5e-3,
        "recipe.learning_rate_discriminator": 2.5e-4,
        "recipe.beta1": 0.9,
    },
)

DISCRIMINATOR_WINS = Preset(
    name="discriminator-wins",
    title="Discriminator wins",
    summary="The discriminator learns fifty times as fast as the generator, and the loss is the original minimax. Watch the "
    "scores: they drift far apart, the generator's gradient vanishes, and the samples stop getting better.",
    settings={
        "architecture": "dcgan",
        "recipe.loss": "minimax",
        "recipe.learning_rate_generator": 1e-4,
        "recipe.learning_rate_discriminator": 5e-3,
    },
)

LEARNING_RATE = Preset(
    name="learning-rate-too-high",
    title="Learning rate too high",
    summary="Both networks take steps a hundred times too large, and nothing is normalised. Watch the losses: they shoot up, "
    "the scores run away, and after a few seconds the run is stopped.",
    settings={
        "architecture": "dcgan",
        "generator.normalisation": "none",
        "discriminator.normalisation": "none",
        "recipe.learning_rate_generator": 0.1,
        "recipe.learning_rate_discriminator": 0.1,
        "recipe.beta1": 0.9,
    },
)

PENALISED_BATCH = Preset(
    name="batch-norm-in-a-penalised-critic",
    title="Batch norm in a penalised critic",
    summary="The gradient penalty is about single pictures, but with batch normalisation the critic's score depends on the "
    "whole batch. Watch the scores: the penalty does not hold them, and their gap stays many times wider than in WGAN-GP's own "
    "run, where layer normalisation takes its place.",
    settings={"architecture": "wgan-gp", "discriminator.normalisation": "batch"},
)

PRESETS: Registry[Preset] = Registry("preset", [COLLAPSE, DISCRIMINATOR_WINS, LEARNING_RATE, PENALISED_BATCH])
