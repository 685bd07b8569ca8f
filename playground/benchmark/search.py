"""Search for the default recipe: SN-DCGAN on MNIST, one thread, MNIST-FD cnn-v1 after seconds of computing.

`python -m playground.benchmark.search screen` tries every candidate once, `… final NAME NAME` tries the start and those
named with three seeds. Each result is a line of `search.jsonl` beside this file, whatever it gave.

What counts is computing time, not the clock on the wall, for the machine may be shared: a candidate's step is timed by
`time.thread_time`, in turns with the default's, and gets as many steps as fit into the budget when the default's step
takes as long as it does on an idle core of the same machine.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from playground.benchmark.quality import COUNT, SEED
from playground.datasets import DATASETS, data_root
from playground.evaluation import features, frechet_distance
from playground.experiment import Experiment
from playground.layers import initialise
from playground.model import Model
from playground.samples import Samples
from playground.training.devices import pick_device
from playground.training.game import Game
from playground.training.state import TrainingState

LOG = pathlib.Path(__file__).with_name("search.jsonl")
START = {  # what the search set out from, written out, so that it means the same when the default has changed
    "generator.latent_dim": 24, "generator.width": 16, "discriminator.width": 16, "recipe.batch_size": 40,
    "recipe.learning_rate_generator": 4e-3, "recipe.learning_rate_discriminator": 3e-3, "recipe.beta1": 0.0,
    "recipe.beta2": 0.9, "recipe.ema_half_life": 10_000,
}  # fmt: skip
IDLE_MILLISECONDS = 19.0  # a step of `START` on an idle core of the machine whose results are in the log
MARKS = (5, 10)  # seconds of computing
SEEDS = (0, 1, 2)
# what does not change a step's arithmetic: it costs what a step of `START` costs, without measuring
FREE = ("recipe.learning_rate_generator", "recipe.learning_rate_discriminator", "recipe.beta1", "recipe.beta2",
        "recipe.ema_half_life", "initialisation", "discriminator.slope")  # fmt: skip
RATE_G, RATE_D = "recipe.learning_rate_generator", "recipe.learning_rate_discriminator"
CANDIDATES: dict[str, dict[str, Any]] = {
    "start": {},
    "batch 20": {"recipe.batch_size": 20},
    "batch 28": {"recipe.batch_size": 28},
    "batch 56": {"recipe.batch_size": 56},
    "batch 16 growing to 48": {"recipe.batch_size": 48, "ramp": 16},
    "rates 6e-3, 4e-3": {RATE_G: 6e-3, RATE_D: 4e-3},
    "rates 3e-3, 2e-3": {RATE_G: 3e-3, RATE_D: 2e-3},
    "rates 4e-3, 5e-3": {RATE_D: 5e-3},
    "rates 8e-3, 3e-3": {RATE_G: 8e-3},
    "beta2 0.95": {"recipe.beta2": 0.95},
    "beta1 0.3": {"recipe.beta1": 0.3},
    "latent 12": {"generator.latent_dim": 12},
    "latent 16": {"generator.latent_dim": 16},
    "width 12": {"generator.width": 12, "discriminator.width": 12},
    "width 24, 12": {"generator.width": 24, "discriminator.width": 12},
    "width 16, 12": {"discriminator.width": 12},
    "width 16, 8": {"discriminator.width": 8},
    "D kernel 3": {"discriminator.kernel_size": 3},
    "slope 0.2": {"discriminator.slope": 0.2},
    "R1 every 8": {"recipe.penalty": "r1", "recipe.penalty_every": 8, "recipe.penalty_weight": 0.1},
    "half-life 1,500": {"recipe.ema_half_life": 1_500},
    "half-life 600": {"recipe.ema_half_life": 600},
    "orthogonal": {"initialisation": "orthogonal"},
    "xavier": {"initialisation": "xavier"},
    "relativistic": {"recipe.loss": "relativistic-pairing"},
    "G nearest, kernel 3": {"generator.upsampling": "nearest", "generator.kernel_size": 3},
}


class Candidate:
    """One game to be tried, with what no setting says: the starting weights, and a batch that grows."""

    def __init__(self, changes: Mapping[str, Any], seed: int) -> None:
        settings = {key: value for key, value in changes.items() if key not in ("initialisation", "ramp")}
        self.experiment = Experiment.from_settings(
            {"architecture": "sn-dcgan", "dataset": "mnist", "seed": seed, **START, **settings}
        )
        state = TrainingState(self.experiment, pick_device("cpu"))
        if "initialisation" in changes:
            for network in (state.generator, state.discriminator):
                network.to(memory_format=torch.contiguous_format)  # which orthogonal weights are drawn in
                initialise(network, torch.Generator().manual_seed(seed), changes["initialisation"])
                network.to(memory_format=torch.channels_last)
        self.game = Game(self.experiment, state, mnist(), pick_device("cpu"))
        self.first_batch = changes.get("ramp", 0)

    def step(self, progress: float) -> None:
        """Take one step; `progress`, from 0 to 1, says how far a growing batch has come."""
        recipe = self.experiment.recipe
        if self.first_batch:
            size = round(self.first_batch + (recipe.batch_size - self.first_batch) * min(1.0, progress))
            self.game.recipe = dataclasses.replace(recipe, batch_size=size)
        self.game.step()

    def distance(self) -> float:
        """Return MNIST-FD cnn-v1 5k of the averaged generator."""
        model = Model.from_state(self.experiment, self.game.state.export())
        return frechet_distance(features(model.sample(COUNT, SEED)), test_features())


@functools.cache
def mnist() -> Samples:
    """Return the training digits."""
    return DATASETS["mnist"].load(DATASETS["mnist"].config(), data_root())


@functools.cache
def test_features() -> torch.Tensor:
    """Return the features of the test digits."""
    return features(DATASETS["mnist"].load_test(DATASETS["mnist"].config(), data_root()).values)


def step_cost(changes: Mapping[str, Any], rounds: int = 7, steps: int = 5) -> float:
    """Return how many times the computing time of a step of `START` a step of the candidate takes."""
    pair = [Candidate(changes, 0), Candidate({}, 0)]
    for candidate in pair:
        for _ in range(steps):
            candidate.step(0.5)
    return statistics.median(_seconds(pair[0], steps) / _seconds(pair[1], steps) for _ in range(rounds))


def _seconds(candidate: Candidate, steps: int) -> float:
    started = time.thread_time()
    for _ in range(steps):
        candidate.step(0.5)
    return time.thread_time() - started


def attempt(name: str, seed: int, marks: Sequence[int] = MARKS) -> dict[str, Any]:
    """Train one candidate up to the last mark and return its line of the log."""
    changes = CANDIDATES[name]
    cost = 1.0 if set(changes) <= set(FREE) else step_cost(changes)
    candidate = Candidate(changes, seed)
    steps = {mark: round(1000 * mark / (IDLE_MILLISECONDS * cost)) for mark in marks}
    distances = {}
    for number in range(1, steps[marks[-1]] + 1):
        candidate.step(number / steps[marks[-1]])
        distances |= {str(mark): round(candidate.distance(), 2) for mark in marks if steps[mark] == number}
    return {"name": name, "changes": changes, "seed": seed, "step cost": round(cost, 3), "steps": steps, "distance": distances}


def main(words: Sequence[str]) -> None:
    """Run what the command line asks for. Raises ValueError for anything else."""
    if not words or words[0] not in ("screen", "final") or not set(words[1:]) <= set(CANDIDATES):
        raise ValueError(f"say screen or final, then names among: {', '.join(CANDIDATES)}")
    final = words[0] == "final"
    names = ["start", *words[1:]] if final else words[1:] or CANDIDATES
    torch.set_num_threads(1)
    for seed in SEEDS if final else SEEDS[:1]:
        for name in names:
            line = json.dumps(attempt(name, seed))
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            with LOG.open("a", encoding="utf-8") as log:
                log.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
