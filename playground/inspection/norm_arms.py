"""The same seed trained under several normalisations side by side, every stage of each recorded at every step."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from playground.config import shorten
from playground.experiment import Experiment
from playground.inspection.layer_recorder import HEALTHY, NETWORKS, Recorder, StageRecord, verdict
from playground.layers import NORMALISATIONS
from playground.model import draw_latents
from playground.samples import Samples, to_pixels
from playground.training.game import BOTH, Game
from playground.training.loop import healthy, open_game

WHERES = ("both", "generator", "discriminator")
MAX_ARMS, MAX_STEPS = 4, 400
SHOWN, SHOWN_SEED = 8, 0
SMALL = {"generator.width": 8, "discriminator.width": 8, "recipe.batch_size": 32}


@dataclass(frozen=True)
class Arm:
    """One way to normalise: which, and `where`: in both networks, or in one of them with none in the other.

    Raises ValueError naming a bad value.
    """

    normalisation: str
    where: str = "both"

    def __post_init__(self) -> None:
        for name, choices in (("normalisation", NORMALISATIONS), ("where", WHERES)):
            if getattr(self, name) not in choices:
                raise ValueError(f"unknown {name} {shorten(getattr(self, name))}; choose from: {', '.join(choices)}")


@dataclass(eq=False)
class Course:
    """How one arm has fared so far: `records`, one a step. `stopped` says that it ran away: it takes no further steps."""

    arm: Arm
    experiment: Experiment
    game: Game = field(repr=False)
    recorder: Recorder = field(repr=False)
    records: list[StageRecord] = field(default_factory=list)
    stopped: bool = False

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """The (network, stage) that each row of numbers belongs to."""
        return self.recorder.names

    def step(self) -> None:
        """Take one step, recorded; an arm that ran away takes none."""
        if self.stopped:
            return
        with self.game.choices.in_force():
            self.game.step()
        self.records.append(self.recorder.take())
        self.stopped = not healthy(self.game.sums.tolist())
        self.game.sums.zero_()

    @torch.no_grad()
    def pictures(self) -> np.ndarray:
        """Make uint8 pictures (8, H, W, C) by the averaged weights, of the same latents in every arm."""
        average, experiment = self.game.state.average, self.experiment
        average.copy_buffers()
        latents = draw_latents(SHOWN, experiment.generator.latent_dim, SHOWN_SEED).to(self.game.device)
        classes = experiment.num_classes
        labels = (torch.arange(SHOWN, device=self.game.device) % classes,) if classes else ()
        return to_pixels(average.network(latents, *labels))

    def values(self, figure: str) -> np.ndarray:
        """Return `scale`, `dead` or `gradient` of every stage at every step, float64 (stages, steps)."""
        rows = [getattr(record, figure) for record in self.records]
        return np.stack(rows, 1) if rows else np.zeros((len(self.names), 0))

    def verdicts(self, figure: str) -> list[str]:
        """Say of every stage whether its `scale` or `gradient` `vanishes` or `explodes`, empty where it does neither.

        Each network's measure is its largest stage at the first step.
        """
        values, found = self.values(figure), []
        for number, (network, _) in enumerate(self.names):
            own = [row for row, (name, _) in enumerate(self.names) if name == network]
            first = values[own, :1]
            reference = float(first[np.isfinite(first)].max(initial=0.0))
            found.append(verdict(values[number], reference) if values.shape[1] else HEALTHY)
        return found


def arm_experiment(base: Experiment, arm: Arm) -> Experiment:
    """Return the experiment of an arm: that of `base` with other normalisations, or a small DCGAN of its data and seed.

    The latter where one of its networks has no such setting.
    """
    if not has_setting(base):
        small = Experiment(architecture="dcgan", dataset=base.dataset, data=base.data, seed=base.seed)
        base = replace(small, engine=base.engine).with_settings(SMALL)
    chosen = {name: arm.normalisation if arm.where in ("both", name) else "none" for name in NETWORKS}
    changes = {f"{name}.normalisation": value for name, value in chosen.items()}
    engine = replace(base.engine, compile=False)  # what is compiled cannot be watched
    return replace(base, engine=engine).with_settings(changes)


def has_setting(experiment: Experiment) -> bool:
    """Say whether both networks of an experiment have a choice of normalisation."""
    return all("normalisation" in type(getattr(experiment, name)).__dataclass_fields__ for name in NETWORKS)


def side_by_side(
    base: Experiment,
    arms: Sequence[Arm],
    steps: int = 100,
    samples: Samples | None = None,
    device: str | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[list[Course]]:
    """Train up to 4 arms from the same seed, in turns, and yield all their courses after every step of all.

    Every arm's steps are those of `train`, bit for bit: the hooks change nothing. The courses yielded are the same objects
    every time, and grow. Raises ValueError for a bad number of arms or steps, arms twice, and as `train` does.
    """
    if not 1 <= len(arms) <= MAX_ARMS or len(set(arms)) < len(arms):
        raise ValueError(f"there must be 1 to {MAX_ARMS} arms, all different, not {shorten(list(arms))}")
    if not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps must be 1 to {MAX_STEPS}, not {shorten(steps)}")
    experiments = [arm_experiment(base, arm) for arm in arms]
    games = [open_game(experiment, samples, None, device, BOTH) for experiment in experiments]
    with contextlib.ExitStack() as opened:
        recorders = [opened.enter_context(Recorder(game)) for game in games]
        courses = [Course(*parts) for parts in zip(arms, experiments, games, recorders, strict=True)]
        for _ in range(steps):
            for course in courses:
                course.step()
            yield courses
            if stop() or all(course.stopped for course in courses):
                return
