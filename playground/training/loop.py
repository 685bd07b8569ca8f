"""The training loop: one generator function for the page, the command line, a GPU worker and the tests."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from playground.datasets import DATASETS, data_root
from playground.experiment import Experiment
from playground.losses import LOSSES, Loss
from playground.model import draw_latents, step_macs
from playground.samples import Samples, to_pixels
from playground.training import snapshot as status
from playground.training.batches import Batches
from playground.training.devices import autocast, pick_device, pick_precision, pick_threads, threads
from playground.training.snapshot import Snapshot
from playground.training.state import TrainingState

SHEET_COUNT, SHEET_SEED = 36, 0  # fixed latents: what changes from sheet to sheet is the training alone
MAX_STEPS, MAX_SECONDS = 10_000_000, 24 * 3600
LARGEST_LOGIT = 1e4  # a score this far out means that the game is over, whatever the loss says
EXPORT_SHARE = 0.03  # share of the time that copying the state may take


def train(
    experiment: Experiment,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    samples: Samples | None = None,
    resume: Mapping[str, np.ndarray] | None = None,
    device: str | None = None,
    every: float = 0.4,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Snapshot]:
    """Train the experiment's networks and yield a snapshot every `every` seconds, the first one before any step.

    Runs for `seconds` of training time or `steps` generator updates, counted from here, whichever ends first.
    `samples` replaces the experiment's data set; `resume` is the `state` of an earlier snapshot of the same networks
    (loss, rates and batch size may have changed since). `stop()` is asked after every step. The last snapshot always
    carries its `state`; when the run diverged it is the last good one. May be closed at any yield.
    Raises ValueError for a bad budget, networks that do not fit, or a state of other networks; FileNotFoundError
    when the data are not on disk.
    """
    check_budget(seconds, steps)
    if samples is None:
        samples = DATASETS[experiment.dataset].load(experiment.data, data_root())
    if samples.spec.shape != experiment.spec.shape:
        raise ValueError(f"the samples are {samples.spec.shape} but the experiment expects {experiment.spec.shape}")
    place = pick_device(device)
    run = TrainingState(experiment, place)
    if resume is not None:
        run.restore(resume)
    yield from _Loop(experiment, run, samples, place).run(seconds or math.inf, steps or MAX_STEPS, every, stop)


def check_budget(seconds: float | None, steps: int | None) -> None:
    """Raise ValueError unless there is a budget and it is in range."""
    if seconds is None and steps is None:
        raise ValueError("give a budget: seconds or steps")
    if seconds is not None and not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"seconds must be between 0 and {MAX_SECONDS}, not {seconds}")
    if steps is not None and not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps must be between 1 and {MAX_STEPS:,}, not {steps:,}")


class _Loop:
    """One call of `train`: the steps, the running means, the snapshots."""

    def __init__(self, experiment: Experiment, state: TrainingState, samples: Samples, device: torch.device) -> None:
        self.recipe = experiment.recipe
        self.loss: Loss = LOSSES[self.recipe.loss]
        self.state, self.device = state, device
        self.latent_dim = experiment.generator.latent_dim
        self.batches = Batches(samples, experiment.seed, device)
        self.dtype = pick_precision(self.recipe.precision, device)
        self.threads = pick_threads(step_macs(experiment))
        self.sheet_latents = draw_latents(SHEET_COUNT, self.latent_dim, SHEET_SEED).to(device)
        # batch normalisation must not see real and fake together; without it one pass is faster and gives the same
        self.joint = not any(isinstance(module, _BatchNorm) for module in state.discriminator.modules())
        self.sums = torch.zeros(4, device=device)  # loss D, loss G, real logit, fake logit
        self.last_good: dict[str, np.ndarray] | None = None
        self.export_seconds, self.exported_at = 0.0, -math.inf

    def run(self, seconds: float, steps: int, every: float, stop: Callable[[], bool]) -> Iterator[Snapshot]:
        """Alternate stretches of steps with snapshots until the budget is spent."""
        state, done = self.state, 0
        yield self._snapshot(0, 0.0, status.RUNNING, export=True)
        end = state.seconds + seconds
        while True:
            count, started = 0, time.perf_counter()
            stretch = min(every, end - state.seconds)
            with threads(self.threads):
                while True:
                    self.step()
                    count += 1
                    elapsed = time.perf_counter() - started
                    if elapsed >= stretch or done + count >= steps or stop():
                        break
            means = (self.sums / count).tolist()  # waits for a GPU to finish
            elapsed = time.perf_counter() - started
            self.sums.zero_()
            state.seconds += elapsed
            done += count
            if not healthy(means):
                yield self._diverged(means)
                return
            over = state.seconds >= end or done >= steps
            reason = status.FINISHED if over else status.STOPPED if stop() else status.RUNNING
            yield self._snapshot(count, elapsed, reason, means, export=reason != status.RUNNING)
            if reason != status.RUNNING:
                return

    def step(self) -> None:
        """Update the discriminator `discriminator_steps` times, then the generator once."""
        state, recipe = self.state, self.recipe
        for _ in range(recipe.discriminator_steps - 1):
            with torch.no_grad(), autocast(self.device, self.dtype):
                fake = state.generator(self._noise())
            self._discriminator_step(fake)
        with autocast(self.device, self.dtype):
            fake = state.generator(self._noise())  # one forward pass serves both networks
        self._discriminator_step(fake.detach())
        self._generator_step(fake)
        state.average.update(state.samples_seen, recipe.batch_size)
        state.step += 1

    def _discriminator_step(self, fake: torch.Tensor) -> None:
        state, batch_size = self.state, self.recipe.batch_size
        real = self.batches.take(state.samples_seen, batch_size)
        state.samples_seen += batch_size
        with autocast(self.device, self.dtype):
            if self.joint:
                real_logits, fake_logits = state.discriminator(torch.cat([real, fake])).float().split(batch_size)
            else:
                real_logits, fake_logits = state.discriminator(real).float(), state.discriminator(fake).float()
        loss = self.loss.discriminator(real_logits, fake_logits)
        state.optimiser_discriminator.zero_grad(set_to_none=True)
        loss.backward()
        state.optimiser_discriminator.step()
        share = 1 / self.recipe.discriminator_steps
        values = torch.stack([loss.detach(), loss.new_zeros(()), real_logits.detach().mean(), fake_logits.detach().mean()])
        self.sums.add_(values, alpha=share)

    def _generator_step(self, fake: torch.Tensor) -> None:
        state = self.state
        state.discriminator.requires_grad_(False)  # its weight gradients would be thrown away
        with autocast(self.device, self.dtype):
            logits = state.discriminator(fake).float()
        loss = self.loss.generator(logits)
        state.optimiser_generator.zero_grad(set_to_none=True)
        loss.backward()
        state.optimiser_generator.step()
        state.discriminator.requires_grad_(True)
        self.sums[1] += loss.detach()

    def _noise(self) -> torch.Tensor:
        latents = torch.randn(self.recipe.batch_size, self.latent_dim, generator=self.state.noise)
        return latents.to(self.device, non_blocking=True)

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
    def _snapshot(self, count, elapsed, reason, means=(math.nan,) * 4, message="", export=False) -> Snapshot:
        state = self.state
        state.average.copy_buffers()
        sheet = to_pixels(state.average.network(self.sheet_latents))
        if export or self._may_export():
            started = time.perf_counter()
            self.last_good = state.export()
            self.exported_at = time.perf_counter()
            self.export_seconds = self.exported_at - started
            exported = self.last_good
        else:
            exported = None
        rate = count * self.recipe.discriminator_steps * self.recipe.batch_size / elapsed if elapsed else 0.0
        return Snapshot(state.step, state.samples_seen, state.seconds, rate, *means, reason, message, sheet, exported)

    def _may_export(self) -> bool:
        return time.perf_counter() - self.exported_at > self.export_seconds / EXPORT_SHARE


def healthy(means: list[float]) -> bool:
    """Say whether losses and logits are finite and the scores have not run away."""
    return all(map(math.isfinite, means)) and max(abs(means[2]), abs(means[3])) < LARGEST_LOGIT
