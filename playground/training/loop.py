"""The training loop: one generator function for the page, the command line, a GPU worker and the tests."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import clip_grad_norm_

from playground.augmentation import adapted, augment
from playground.datasets import DATASETS, data_root
from playground.experiment import Experiment
from playground.layers import MinibatchStd, grow
from playground.losses import LOSSES, Loss
from playground.model import sheet_inputs, step_macs
from playground.penalties import PENALTIES, Batch
from playground.samples import Samples, to_pixels
from playground.training import snapshot as status
from playground.training.batches import Batches
from playground.training.devices import autocast, pick_device, pick_precision, pick_threads, threads
from playground.training.snapshot import Snapshot
from playground.training.state import TrainingState

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
        self.penalty = PENALTIES[self.recipe.penalty]
        self.state, self.device = state, device
        self.latent_dim, self.num_classes = experiment.generator.latent_dim, experiment.num_classes
        self.batches = Batches(samples, experiment.seed, device)
        self.dtype = pick_precision(self.recipe.precision, device)
        self.threads = pick_threads(step_macs(experiment))
        self.sheet = [value if value is None else value.to(device) for value in sheet_inputs(experiment)]
        # what looks at a whole batch must not see real and fake together; without it one pass is faster and gives the same
        self.joint = not any(isinstance(module, (_BatchNorm, MinibatchStd)) for module in state.discriminator.modules())
        self.sums = torch.zeros(4, device=device)  # loss D, loss G, real logit, fake logit
        self.last_real: Batch | None = None
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
        for network in state.growing:
            grow(network, state.samples_seen)
        for _ in range(recipe.discriminator_steps - 1):
            with torch.no_grad():
                self._discriminator_step(*self._fake())
        fake, label = self._fake()  # one forward pass serves both networks
        self._discriminator_step(fake.detach(), label)
        self._generator_step(fake, label)
        state.average.update(state.samples_seen, recipe.batch_size)
        state.step += 1

    def _fake(self) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Make a batch of samples, with the labels that they were asked for."""
        noise = torch.randn(self.recipe.batch_size, self.latent_dim, generator=self.state.noise)
        label = None
        if self.num_classes:
            label = torch.randint(self.num_classes, (self.recipe.batch_size,), generator=self.state.noise).to(self.device)
        with autocast(self.device, self.dtype):
            return self.state.generator(noise.to(self.device, non_blocking=True), label), label

    @torch.enable_grad()
    def _discriminator_step(self, fake: torch.Tensor, fake_label: torch.Tensor | None) -> None:
        state, recipe = self.state, self.recipe
        real, label = self.batches.take(state.samples_seen, recipe.batch_size)
        label = label if self.num_classes else None
        state.samples_seen += recipe.batch_size
        real, fake = self._disturbed(real), self._disturbed(fake)
        self.last_real = real, label
        (real_logits, real_classes), (fake_logits, fake_classes) = self._judge_both(real, label, fake, fake_label)
        loss = self.loss.discriminator(real_logits, fake_logits, recipe.label_smoothing)
        if real_classes is not None:
            loss = loss + recipe.class_weight * (cross_entropy(real_classes, label) + cross_entropy(fake_classes, fake_label))
        if recipe.penalty != "none" and state.discriminator_updates % recipe.penalty_every == 0:
            loss = loss + recipe.penalty_every * recipe.penalty_weight * self._penalty(
                (real, label), (fake.float(), fake_label)
            )
        self._update(state.discriminator, state.optimiser_discriminator, loss)
        if recipe.clip_weights:
            with torch.no_grad():
                torch._foreach_clamp_min_(state.discriminator_parameters, -recipe.clip_weights)
                torch._foreach_clamp_max_(state.discriminator_parameters, recipe.clip_weights)
        if recipe.augment_target:
            state.augment.copy_(adapted(state.augment, real_logits, self.loss.border, recipe.augment_target))
        state.discriminator_updates += 1
        values = torch.stack([loss.detach(), loss.new_zeros(()), real_logits.detach().mean(), fake_logits.detach().mean()])
        self.sums.add_(values, alpha=1 / recipe.discriminator_steps)

    def _generator_step(self, fake: torch.Tensor, label: torch.Tensor | None) -> None:
        state, recipe = self.state, self.recipe
        state.discriminator.requires_grad_(False)  # its weight gradients would be thrown away
        logits, classes = self._judge(self._disturbed(fake), label)
        real_logits = None
        if self.loss.relativistic:
            with torch.no_grad():
                real_logits, _ = self._judge(*self.last_real)
        if recipe.top_k < 1:  # Sinha 2020, 2002.06224
            best = logits.topk(max(1, round(recipe.top_k * len(logits)))).indices
            logits, real_logits = logits[best], real_logits if real_logits is None else real_logits[best]
        loss = self.loss.generator(real_logits, logits)
        if classes is not None:
            loss = loss + recipe.class_weight * cross_entropy(classes, label)
        self._update(state.generator, state.optimiser_generator, loss)
        state.discriminator.requires_grad_(True)
        self.sums[1] += loss.detach()

    def _judge(
        self, samples: torch.Tensor, label: torch.Tensor | None, dtype: torch.dtype | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return the logits (N,) of samples, and those of their classes (N, num_classes) where D has a classifier.

        Computes in the run's number format, or in `dtype`.
        """
        with autocast(self.device, dtype or self.dtype):
            judged = self.state.discriminator(samples, label)
        logits, classes = judged if isinstance(judged, tuple) else (judged, None)
        return logits.float(), classes if classes is None else classes.float()

    def _judge_both(self, real, real_label, fake, fake_label) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
        if not self.joint:
            return [self._judge(real, real_label), self._judge(fake, fake_label)]
        label = None if real_label is None else torch.cat([real_label, fake_label])
        logits, classes = self._judge(torch.cat([real, fake]), label)
        pieces = [(None, None) if part is None else part.split(len(real)) for part in (logits, classes)]
        return list(zip(*pieces, strict=True))

    def _penalty(self, real: Batch, fake: Batch) -> torch.Tensor:
        """Return the mean penalty, in float32: it is a derivative, and is differentiated once more."""

        def discriminator(samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
            return self._judge(samples, label, torch.float32)[0]

        return self.penalty.function(discriminator, real, fake, self.state.noise).mean()

    def _update(self, network: torch.nn.Module, optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if self.recipe.clip_gradients:
            clip_grad_norm_(network.parameters(), self.recipe.clip_gradients)
        optimiser.step()

    def _disturbed(self, samples: torch.Tensor) -> torch.Tensor:
        """Augment what D is about to see, and add noise to it (Sønderby 2017, 1610.04490, section 3)."""
        recipe, state = self.recipe, self.state
        share = state.augment if recipe.augment_target else recipe.augment_probability
        samples = augment(samples, recipe.augment, state.noise, share)
        std = recipe.instance_noise
        if std and recipe.instance_noise_images:
            std *= max(0.0, 1 - state.samples_seen / recipe.instance_noise_images)
        return samples + std * torch.randn(samples.shape, generator=state.noise).to(samples) if std else samples

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
        sheet = to_pixels(state.average.network(*self.sheet))
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
