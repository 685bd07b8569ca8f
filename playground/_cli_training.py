"""What the commands that train share: the budget, the data, progress, and saving while it goes on."""

from __future__ import annotations

import collections
import json
import math
import pathlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import typer

from playground._cli import FAILED, note, sentence

if TYPE_CHECKING:
    from playground.experiment import Experiment
    from playground.timeline import Run
    from playground.training import Snapshot

DEFAULT_SECONDS = 20.0
BAR_LENGTH = 20
LOG_SECONDS = 5.0  # between the lines of progress where standard error is no terminal
SAVE_SECONDS = 4.0  # with the time until the next snapshot and that of writing, what a killed program loses stays under 5
RUN_SHARE = 0.03  # of the time at most, that writing all moments of a run may take


def budget(seconds: float | None, steps: int | None) -> tuple[float | None, int | None]:
    """Return the budget, 20 s where none is given. Raises ValueError for two, or one out of range."""
    from playground.training.loop import check_budget

    if seconds is not None and steps is not None:
        raise ValueError("give --seconds or --steps, not both")
    seconds = DEFAULT_SECONDS if seconds is None and steps is None else seconds
    check_budget(seconds, steps)
    return seconds, steps


def prepare(experiment: Experiment) -> None:
    """Check the networks' sizes, then download the data where they are missing."""
    from playground.datasets import DATASETS, data_root, download_with_progress
    from playground.inspection import shape_table

    problem = shape_table(experiment).problem
    if problem:
        raise ValueError(f"{problem.network}, stage {problem.stage}: {problem.sentence}")
    dataset = DATASETS[experiment.dataset]
    if not dataset.download_bytes or dataset.available(data_root()):
        return
    try:
        for fraction in download_with_progress(dataset, data_root()):
            end = "\n" if fraction == 1 else "\r" if sys.stderr.isatty() else ""
            if end:
                sys.stderr.write(f"downloading {dataset.title}: {fraction:4.0%} of {dataset.download_bytes / 1e6:.0f} MB{end}")
                sys.stderr.flush()
    except OSError as error:
        text = sentence(error)
        note(f"error: {text}" if "digits" in text else f"error: {text} Or take --dataset digits, which is embedded.")
        raise typer.Exit(FAILED) from None


class Progress:
    """Follow a run on standard error: one line drawn over and over in a terminal, else a new one every few seconds."""

    def __init__(self, seconds: float | None, steps: int | None) -> None:
        self.seconds, self.steps = seconds, steps
        self.first: Snapshot | None = None
        self.logged_at = time.monotonic()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the state of the run at `snapshot`; the first one tells where it started."""
        self.first = self.first or snapshot
        last = snapshot.status != "running"
        if sys.stderr.isatty():
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r{self.line(snapshot)[:width]}\x1b[K" + "\n" * last)
            sys.stderr.flush()
        elif last or time.monotonic() - self.logged_at > LOG_SECONDS:
            self.logged_at = time.monotonic()
            note(self.line(snapshot))

    def line(self, snapshot: Snapshot) -> str:
        """Write `snapshot` in one line: bar, elapsed and remaining seconds, step, samples a second, losses."""
        elapsed = snapshot.seconds - self.first.seconds
        done = (snapshot.step - self.first.step) / self.steps if self.steps else elapsed / self.seconds
        done = min(1.0, done)
        filled = round(done * BAR_LENGTH)
        left = f"{elapsed / done - elapsed:.0f}" if done > 0 else "?"
        bar = (
            f"[{'#' * filled}{'-' * (BAR_LENGTH - filled)}] {done:4.0%}  {elapsed:.0f} s, {left} s left  step {snapshot.step:,}"
        )
        if not snapshot.rate:  # no step was taken since the snapshot before: there are no losses
            return bar
        losses = f"loss D {snapshot.loss_discriminator:.3f} G {snapshot.loss_generator:.3f}"
        return f"{bar}  {snapshot.rate:,.0f} samples/s  {losses}"


def follow(
    snapshots: Iterator[Snapshot],
    run: Run,
    report: Callable[[Snapshot], None],
    *,
    output: pathlib.Path | None = None,
    run_output: pathlib.Path | None = None,
) -> Snapshot:
    """Report every snapshot, add it to `run`, save as it goes and whatever ends it, and return the last snapshot."""
    keeper, snapshot = Keeper(run, output, run_output), None
    try:
        for snapshot in snapshots:
            if keeper.state is None and output is None and run_output is None:
                note("nothing will be saved: give --output FILE to keep the result")
            keeper.take(snapshot)
            report(snapshot)
    finally:
        keeper.finish()
    if snapshot.message:
        note(f"error: {snapshot.message}")
    for line in conclusions(snapshot):
        note(line)
    return snapshot


def conclusions(snapshot: Snapshot) -> Iterator[str]:
    """Say what came of a run: how it stood at its end, and whether an earlier moment was better."""
    if snapshot.diagnosis is not None and snapshot.quality is not None:
        yield f"{snapshot.diagnosis.sentence} {snapshot.diagnosis.advice}".strip()
    if snapshot.best is not None:
        best = snapshot.best
        figures = f"{best.name} {best.value:.3g} against {best.last:.3g}"
        yield f"samples are drawn from the weights of step {best.step:,}, which were better than the last: {figures}"


def last_of(snapshots: Iterator[Snapshot]) -> Snapshot:
    """Go through a run without a word, as every process but the first does, and return the last snapshot."""
    (last,) = collections.deque(snapshots, maxlen=1)
    return last


class Keeper:
    """Keep what training comes to: the newest state as a checkpoint, and all moments as a run, where files are given."""

    def __init__(self, run: Run, output: pathlib.Path | None, run_output: pathlib.Path | None) -> None:
        self.run, self.output, self.run_output = run, output, run_output
        self.state, self.best = None, None
        self.saves = [Autosave(output), Autosave(run_output, RUN_SHARE)]

    def take(self, snapshot: Snapshot) -> None:
        """Add a snapshot, and save in the background when it is time."""
        from playground.timeline.run import record_snapshot

        if self.run_output is None:
            record_snapshot(self.run.history, snapshot)  # moments that nobody asked for would only take memory
        else:
            self.run.add(snapshot)
        if snapshot.best is not None:
            self.best = snapshot.best.step, snapshot.best.average
        if snapshot.state is not None:
            self.state = snapshot.state
            for save, writer in zip(self.saves, self._writers(), strict=True):
                save.offer(writer)

    def finish(self) -> None:
        """Write what there is, once what is being written in the background is done; where one fails, the other is tried."""
        errors = []
        for save, writer in zip(self.saves, self._writers(), strict=True):
            save.close()
            if save.path is None or self.state is None:
                continue
            try:
                writer()()
                note(f"saved {save.path} at step {int(self.state['step']):,}")
            except (OSError, ValueError) as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _writers(self) -> list[Callable[[], Callable[[], None]]]:
        """Return what freezes the run as it is now for writing the checkpoint, and the run; training goes on meanwhile."""
        from playground.checkpoint import save_state
        from playground.timeline import save_run
        from playground.timeline.run import until

        def checkpoint() -> Callable[[], None]:
            state, history = self.state, until(self.run.history, int(self.state["step"]))
            return lambda: save_state(self.run.experiment, state, history, self.output, self.best)

        def moments() -> Callable[[], None]:
            frozen = self.run.copy()
            return lambda: save_run(frozen, self.run_output)

        return [checkpoint, moments]


class Autosave:
    """Save to `path` in the background every few seconds, less often where that would take more than `share` of the time.

    A save that fails is told, once, and training goes on: the disk may have room again at the end.
    """

    def __init__(self, path: pathlib.Path | None, share: float = 1.0) -> None:
        self.path, self.share = path, share
        self.wait, self.saved_at = SAVE_SECONDS, math.inf
        self.thread = ThreadPoolExecutor(1)
        self.running: Future | None = None
        self.told = False

    def offer(self, writer: Callable[[], Callable[[], None]]) -> None:
        """Save what `writer` freezes, if it is time and nothing is being saved."""
        now = time.monotonic()
        self.saved_at = min(self.saved_at, now)  # the clock starts with the first state: it does not replace an earlier file
        due = self.path is not None and now - self.saved_at >= self.wait
        if due and (self.running is None or self.running.done()):
            self.saved_at = now
            self.running = self.thread.submit(self._save, writer())

    def close(self) -> None:
        """Wait for what is being saved."""
        self.thread.shutdown()

    def _save(self, write: Callable[[], None]) -> None:
        started = time.monotonic()
        try:
            write()
        except (OSError, ValueError) as error:
            if not self.told:
                note(f"warning: {self.path} was not saved: {sentence(error)}")
            self.told = True
        self.wait = max(SAVE_SECONDS, (time.monotonic() - started) / self.share)


def write_json(snapshot: Snapshot) -> None:
    """Write the numbers of `snapshot` as one line of JSON to standard output."""
    found = snapshot.diagnosis
    said = {"diagnosis": found.state, "sentence": found.sentence, "advice": found.advice} if found else {}
    typer.echo(json.dumps(snapshot.record() | {"status": snapshot.status, "message": snapshot.message} | said))
