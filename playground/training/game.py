"""The game of the two networks: one step of each, as the recipe says."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from playground.augmentation import adapted, augment
from playground.experiment import Experiment
from playground.layers import MinibatchStd, grow
from playground.losses import LOSSES, Loss, separation
from playground.noise import integers, normal
from playground.penalties import PENALTIES, Batch
from playground.samples import Samples
from playground.training.batches import Batches
from playground.training.choices import choose
from playground.training.devices import autocast
from playground.training.distributed import ALONE, Team
from playground.training.state import TrainingState

BOTH, DISCRIMINATOR, GENERATOR = "both", "discriminator", "generator"
TURNS = (BOTH, DISCRIMINATOR, GENERATOR)
# what is summed up over steps, in this order
MEASURES = (
    "loss_discriminator", "loss_generator", "logit_real", "logit_fake", "separation", "gradient_discriminator",
    "gradient_generator",
)  # fmt: skip


class Game:
    """Two networks on one device, what they are judged by, and the data they play for.

    `sums` adds up `MEASURES` over the steps since it was last set to zero; nothing in a step waits for the device.
    `watch`, where it is set, is told of every sub-step by name, with the tensors that belong to it.
    """

    def __init__(
        self, experiment: Experiment, state: TrainingState, samples: Samples, device: torch.device, team: Team = ALONE
    ) -> None:
        self.recipe, self.team = experiment.recipe, team
        self.loss: Loss = LOSSES[self.recipe.loss]
        self.penalty = PENALTIES[self.recipe.penalty]
        self.state, self.device = state, device
        self.latent_dim, self.num_classes = experiment.generator.latent_dim, experiment.num_classes
        self.choices = choose(experiment, device)
        self.dtype = self.choices.dtype
        self.samples, self.batches = samples, Batches(samples, experiment.seed, device, self.choices.memory_format)
        self.generator, self.discriminator = state.generator, state.discriminator
        if self.choices.compile:
            self.generator, self.discriminator = torch.compile(state.generator), torch.compile(state.discriminator)
        # what looks at a whole batch must not see real and fake together; without it one pass is faster and gives the same
        self.joint = not any(isinstance(module, (_BatchNorm, MinibatchStd)) for module in state.discriminator.modules())
        self.sums = torch.zeros(len(MEASURES), device=device)
        self.last_real: Batch | None = None
        self.watch: Callable[..., None] | None = None

    def step(self, turn: str = BOTH) -> None:
        """Update the discriminator `discriminator_steps` times, then the generator once; or only one of the two."""
        state, recipe = self.state, self.recipe
        for network in state.growing:
            grow(network, state.samples_seen)
        for _ in range(0 if turn == GENERATOR else recipe.discriminator_steps - (turn == BOTH)):
            with torch.no_grad():
                fake, label = self._fake()
            self._discriminator_step(fake, label)
        if turn == DISCRIMINATOR:
            return
        fake, label = self._fake()  # one forward pass serves both networks
        if turn == BOTH:
            self._discriminator_step(fake.detach(), label)
        self._generator_step(fake, label)
        state.average.update(state.samples_seen, recipe.batch_size)
        state.step += 1

    def _fake(self) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Make a batch of samples, with the labels that they were asked for."""
        count = self.recipe.batch_size // self.team.size
        noise = normal(self.state.noise, count, self.latent_dim)
        label = None
        if self.num_classes:
            label = integers(self.state.noise, self.num_classes, count).to(self.device)
        fake = self.make(noise, label)
        self._tell("generate", noise=noise, fake=fake)
        return fake, label

    def make(self, noise: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
        """Return what G makes of latents (N, latent_dim) now, in the run's number format."""
        with autocast(self.device, self.dtype):
            return self.generator(noise.to(self.device, non_blocking=True), label)

    def score(self, samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
        """Return D's logits (N,) of what G made, disturbed as D is to see it."""
        return self._judge(self._disturbed(samples), label)[0]

    def score_both(self, real: Batch, fake: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return D's logits (N,) of samples that are as D is to see them already."""
        (real_logits, _), (fake_logits, _) = self._judge_both(*real, *fake)
        return real_logits, fake_logits

    def _tell(self, name: str, **values: torch.Tensor) -> None:
        if self.watch is not None:
            self.watch(name, **{key: value.detach() for key, value in values.items()})

    def _tell_weights(self, turn: str, network: torch.nn.Module) -> None:
        if self.watch is not None:  # naming them at every step would be for nobody
            self._tell(f"update_{turn}", **dict(network.named_parameters()))

    def _real(self) -> Batch:
        """Return the next real batch, or this process's part of it, as D is to see it."""
        size = self.recipe.batch_size
        real, label = self.batches.take(self.state.samples_seen, size, self.team.part(size))
        return self._disturbed(real), label if self.num_classes else None

    def _discriminator_step(self, fake: torch.Tensor, fake_label: torch.Tensor | None) -> None:
        state, recipe = self.state, self.recipe
        real, label = self.last_real = self._real()
        state.samples_seen += recipe.batch_size
        fake = self._disturbed(fake)
        (real_logits, real_classes), (fake_logits, fake_classes) = self._judge_both(real, label, fake, fake_label)
        self._tell("score", real=real, fake=fake, logit_real=real_logits, logit_fake=fake_logits)
        loss = self.loss.discriminator(real_logits, fake_logits, recipe.label_smoothing)
        if real_classes is not None:
            loss = loss + recipe.class_weight * (cross_entropy(real_classes, label) + cross_entropy(fake_classes, fake_label))
        if recipe.penalty != "none" and state.discriminator_updates % recipe.penalty_every == 0:
            loss = loss + recipe.penalty_every * recipe.penalty_weight * self._penalty(
                (real, label), (fake.float(), fake_label)
            )
        gradient = self._update(DISCRIMINATOR, state.discriminator, state.optimiser_discriminator, loss)
        if recipe.clip_weights:
            with torch.no_grad():
                torch._foreach_clamp_min_(state.discriminator_parameters, -recipe.clip_weights)
                torch._foreach_clamp_max_(state.discriminator_parameters, recipe.clip_weights)
        self._tell_weights(DISCRIMINATOR, state.discriminator)
        if recipe.augment_target:
            logits = self.team.gather(real_logits.detach())
            state.augment.copy_(adapted(state.augment, logits, self.loss.border, recipe.augment_target))
        state.discriminator_updates += 1
        real_logits, fake_logits, zero = real_logits.detach(), fake_logits.detach(), loss.new_zeros(())
        apart = separation(real_logits, fake_logits)
        values = torch.stack([loss.detach(), zero, real_logits.mean(), fake_logits.mean(), apart, gradient, zero])
        self.sums.add_(values, alpha=1 / recipe.discriminator_steps)

    def _generator_step(self, fake: torch.Tensor, label: torch.Tensor | None) -> None:
        state, recipe = self.state, self.recipe
        state.discriminator.requires_grad_(False)  # its weight gradients would be thrown away
        logits, classes = self._judge(self._disturbed(fake), label)
        self._tell("score_again", fake=fake, logit_fake=logits)
        real_logits = None
        if self.loss.relativistic:
            with torch.no_grad():
                real_logits, _ = self._judge(*(self.last_real or self._real()))
        if recipe.top_k < 1:  # Sinha 2020, 2002.06224
            best = logits.topk(max(1, round(recipe.top_k * len(logits)))).indices
            logits, real_logits = logits[best], real_logits if real_logits is None else real_logits[best]
        loss = self.loss.generator(real_logits, logits)
        if classes is not None:
            loss = loss + recipe.class_weight * cross_entropy(classes, label)
        gradient = self._update(GENERATOR, state.generator, state.optimiser_generator, loss)
        self._tell_weights(GENERATOR, state.generator)
        state.discriminator.requires_grad_(True)
        self.sums[1] += loss.detach()
        self.sums[-1] += gradient

    def _judge(self, samples: torch.Tensor, label: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return the logits (N,) of samples, and those of their classes (N, num_classes) where D has a classifier."""
        with autocast(self.device, self.dtype):
            judged = self.discriminator(samples, label)
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
        """Return the mean penalty, in float32: it is a derivative, and is differentiated once more.

        A compiled network cannot be differentiated twice, so D is asked as it was written.
        """

        def discriminator(samples: torch.Tensor, label: torch.Tensor | None) -> torch.Tensor:
            judged = self.state.discriminator(samples, label)
            return (judged[0] if isinstance(judged, tuple) else judged).float()

        return self.penalty.function(discriminator, real, fake, self.state.noise).mean()

    def _update(
        self, turn: str, network: torch.nn.Module, optimiser: torch.optim.Optimizer, loss: torch.Tensor
    ) -> torch.Tensor:
        """Let one network learn from its loss, and return the length of the gradient before any clipping."""
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        gradients = {name: weight.grad for name, weight in network.named_parameters() if weight.grad is not None}
        self.team.average(list(gradients.values()))
        length = get_total_norm(gradients.values(), foreach=True)
        self._tell(f"gradient_{turn}", loss=loss, **gradients)
        if self.recipe.clip_gradients:
            clip_grads_with_norm_(network.parameters(), self.recipe.clip_gradients, length)
        optimiser.step()
        return length

    def _disturbed(self, samples: torch.Tensor) -> torch.Tensor:
        """Augment what D is about to see, and add noise to it (Sønderby 2017, 1610.04490, section 3)."""
        recipe, state = self.recipe, self.state
        share = state.augment if recipe.augment_target else recipe.augment_probability
        samples = augment(samples, recipe.augment, state.noise, share)
        std = recipe.instance_noise
        if std and recipe.instance_noise_images:
            std *= max(0.0, 1 - state.samples_seen / recipe.instance_noise_images)
        return samples + std * normal(state.noise, *samples.shape).to(samples) if std else samples
