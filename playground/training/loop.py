"""The training loop: one generator function for the page, the command line, a GPU worker and the tests."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from playground.config import shorten
from playground.datasets import DATASETS, data_root
from playground.evaluation.diagnosis import diagnose
from playground.evaluation.scores import MIN_COUNT
from playground.experiment import Experiment
from playground.model import sheet_inputs
from playground.samples import Samples, to_pixels
from playground.training import snapshot as status
from playground.training.devices import pick_device
from playground.training.distributed import ALONE, Team
from playground.training.game import BOTH, MEASURES, TURNS, Game
from playground.training.quality import EVERY, QualityTracker
from playground.training.snapshot import Snapshot
from playground.training.state import TrainingState

MAX_STEPS, MAX_SECONDS = 10_000_000, 24 * 3600
LARGEST_LOGIT = 1e4  # a score this far out means that the game is over, whatever the loss says
UNKNOWN = (math.nan,) * len(MEASURES)  # where no step was taken
LONGEST = 10  # times as long as usual that a stretch may take where it ends at a step: a closed page is noticed after it
EXPORT_SHARE = 0.03  # share of the time that copying the state may take


def train(
    experiment: Experiment,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    samples: Samples | None = None,
    resume: Mapping[str, np.ndarray] | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    device: str | None = None,
    every: float = 0.4,
    at: Sequence[int] = (),
    turn: str = BOTH,
    measure: float | None = EVERY,
    team: Team = ALONE,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Snapshot]:
    """Train the experiment's networks and yield a snapshot every `every` seconds, the first one before any step.

    Runs for `seconds` of training time or `steps` generator updates, counted from here, whichever ends first.
    `samples` replaces the experiment's data set; `resume` is the `state` of an earlier snapshot of the same networks
    (loss, rates and batch size may have changed since), and `history` its records up to there, from which diagnosis reads
    on. `turn` lets only the `discriminator` or only the `generator` learn. Every `measure` seconds the quality of the
    samples is measured on the side, in a thread that takes no part in training; None: never. In a `team` of processes all
    call this alike, and the first one's clock, `stop` and `every` count. `stop()` is asked after every step. While a step
    of `at` lies ahead, snapshots come at those steps rather than by time: a run repeated at the steps of another's records
    has the same means. The last snapshot always carries its `state`; when the run diverged it is the last good one. May be
    closed at any yield.
    Raises ValueError for a bad budget, networks that do not fit, or a state of other networks; FileNotFoundError
    when the data are not on disk.
    """
    check_budget(seconds, steps)
    game, tracker = open_game(experiment, samples, resume, device, turn, team), None
    if measure is not None and team.rank == 0 and len(game.samples) >= MIN_COUNT:
        tracker = QualityTracker(experiment, game.samples, measure, at_once=resume is not None)
    loop = _Loop(experiment, game, tracker, history, turn)
    try:
        yield from loop.run(seconds or math.inf, steps or MAX_STEPS, every, stop, sorted(at))
    finally:
        if tracker is not None:
            tracker.close()


def open_game(
    experiment: Experiment,
    samples: Samples | None,
    resume: Mapping[str, np.ndarray] | None,
    device: str | None,
    turn: str,
    team: Team = ALONE,
) -> Game:
    """Set up what `train` plays, from the seed's weights or those of `resume`. Raises as `train` does."""
    if turn not in TURNS:
        raise ValueError(f"unknown turn {shorten(turn)}; choose from: {', '.join(TURNS)}")
    if samples is None:
        samples = DATASETS[experiment.dataset].load(experiment.data, data_root())
    if samples.spec.shape != experiment.spec.shape:
        raise ValueError(f"the samples are {samples.spec.shape} but the experiment expects {experiment.spec.shape}")
    place = pick_device(device)
    team.check(experiment)
    state = TrainingState(experiment, place, team)
    if resume is not None:
        state.restore(resume)
    return Game(experiment, state, samples, place, team)


def check_budget(seconds: float | None, steps: int | None) -> None:
    """Raise ValueError unless there is a budget and it is in range."""
    if seconds is None and steps is None:
        raise ValueError("give a budget: seconds or steps")
    if seconds is not None and not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"seconds must be between 0 and {MAX_SECONDS}, not {seconds}")
    if steps is not None and not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps must be between 1 and {MAX_STEPS:,}, not {steps:,}")


class _Loop:
    """One call of `train`: stretches of steps, the means over each, the snapshots between them."""

    def __init__(
        self, experiment: Experiment, game: Game, tracker: QualityTracker | None, history: Sequence, turn: str
    ) -> None:
        self.game, self.state, self.tracker, self.turn, self.team = game, game.state, tracker, turn, game.team
        self.experiment, self.records = experiment, list(history)
        self.samples_per_step = experiment.recipe.discriminator_steps * experiment.recipe.batch_size
        self.sheet = [value if value is None else value.to(game.device) for value in sheet_inputs(experiment)]
        self.last_good: dict[str, np.ndarray] | None = None
        self.export_seconds, self.exported_at = 0.0, -math.inf

    def run(
        self, seconds: float, steps: int, every: float, stop: Callable[[], bool], at: Sequence[int] = ()
    ) -> Iterator[Snapshot]:
        """Alternate stretches of steps with snapshots until the budget is spent."""
        state, done = self.state, 0
        yield self._snapshot(0, 0.0, status.RUNNING, export=True)
        end = state.seconds + seconds
        while True:
            count, started = 0, time.perf_counter()
            due = next((step for step in at if step > state.step), None)
            stretch = min(every if due is None else LONGEST * every, end - state.seconds)
            with self.game.choices.in_force():
                while True:
                    self.game.step(self.turn)
                    count += 1
                    elapsed = time.perf_counter() - started
                    if self.team.agree(elapsed >= stretch or state.step == due or done + count >= steps or stop()):
                        break
            self.team.average([self.game.sums])
            means = (self.game.sums / count).tolist()  # waits for a GPU to finish
            elapsed = time.perf_counter() - started
            self.game.sums.zero_()
            state.seconds += elapsed
            done += count
            if not healthy(means):
                yield self._diverged(means)
                return
            over = self.team.agree(state.seconds >= end or done >= steps)
            reason = status.FINISHED if over else status.STOPPED if self.team.agree(stop()) else status.RUNNING
            yield self._snapshot(count, elapsed, reason, means, export=reason != status.RUNNING)
            if reason != status.RUNNING:
                return

    def _diverged(self, means: list[float]) -> Snapshot:
        what = "a loss became NaN or infinite" if not all(map(math.isfinite, means)) else "the scores ran away"
        bad_step = self.state.step
        self.state.restore(self.last_good)
        message = (
            f"Stopped at step {bad_step:,}: {what}. The weights are back at step {self.state.step:,}. "
            "Lower the learning rates, then train on."
        )
        return self._snapshot(0, 0.0, status.DIVERGED, message=message, export=True)

    @torch.no_grad()
    def _snapshot(self, count, elapsed, reason, means=UNKNOWN, message="", export=False) -> Snapshot:
        state = self.state
        state.average.copy_buffers()
        sheet = to_pixels(state.average.network(*self.sheet))
        if export or self._may_export():
            started = time.perf_counter()
            self.last_good = state.export()
            self.exported_at = time.perf_counter()
            self.export_seconds = self.exported_at - started
            exported = self.last_good
        else:
            exported = None
        rate = count * self.samples_per_step / elapsed if elapsed else 0.0
        over = reason != status.RUNNING
        quality = self.tracker.look(state, over) if self.tracker else None
        best = self.tracker.best() if over and self.tracker else None
        measures = dict(zip(MEASURES, means, strict=True))
        snapshot = Snapshot(
            state.step, state.samples_seen, state.seconds, rate, **measures, status=reason, message=message, sheet=sheet,
            state=exported, quality=quality, best=best,
        )  # fmt: skip
        self.records.append(snapshot.record())
        diagnosis = diagnose(self.records, self.experiment, diverged=reason == status.DIVERGED)
        return replace(snapshot, diagnosis=diagnosis)

    def _may_export(self) -> bool:
        return time.perf_counter() - self.exported_at > self.export_seconds / EXPORT_SHARE


def healthy(means: list[float]) -> bool:
    """Say whether losses and logits are finite and the scores have not run away."""
    return all(map(math.isfinite, means)) and max(abs(means[2]), abs(means[3])) < LARGEST_LOGIT
