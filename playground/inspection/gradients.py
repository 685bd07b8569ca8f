"""How long the gradients are: of every stage's weights and of its output, now and at the moments of a run."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from playground.experiment import Experiment
from playground.layers import give_source
from playground.layers.tracing import stages
from playground.losses import LOSSES
from playground.model import Model, build, draw_latents, load_arrays
from playground.penalties import PENALTIES
from playground.samples import Samples, to_unit

BATCH, SEED, MOMENTS = 32, 0, 16
State = Mapping[str, np.ndarray]
T = TypeVar("T")


@dataclass(frozen=True)
class StageGradient:
    """One stage: the Euclidean length of ∂L/∂(its weights), all together, and of ∂L/∂(what it gives out) of the batch.

    `network` is `generator` or `discriminator`, and L that network's own loss. `weights` is None for a stage that has none,
    `output` None for one whose output no gradient reaches (a label).
    """

    network: str
    stage: str
    weights: float | None
    output: float | None


@dataclass(frozen=True)
class FixedBatch:
    """What gradients are asked of, always the same: `latents` (N, latent_dim), `real` (N, …) in [-1, 1], labels if any."""

    latents: torch.Tensor
    real: torch.Tensor
    labels: torch.Tensor | None


@dataclass(frozen=True)
class GradientsAt:
    """The gradients of every stage of both networks at one step of a run."""

    step: int
    stages: tuple[StageGradient, ...]


def fixed_batch(experiment: Experiment, samples: Samples, count: int = BATCH, seed: int = SEED) -> FixedBatch:
    """Draw real samples and latents from a seed; fewer where there are fewer samples.

    Labels are those of the real ones, and the classes in turn where these have none.
    """
    chosen = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))[:count]
    values = samples.values[chosen]
    real = to_unit(values) if values.dtype == torch.uint8 else values.float()
    labels = None
    if experiment.num_classes:
        labels = torch.arange(len(chosen)) % experiment.num_classes if samples.labels is None else samples.labels[chosen]
    return FixedBatch(draw_latents(len(chosen), experiment.generator.latent_dim, seed), real, labels)


def stage_gradients(
    experiment: Experiment, generator: nn.Module, discriminator: nn.Module, batch: FixedBatch
) -> list[StageGradient]:
    """Return a `StageGradient` for every stage of G, then of D, from one backward pass of each network's loss.

    The losses are the recipe's, with D's penalty at its weight; augmentation, instance noise, top-k and clipping are
    left out. Networks are taken in the mode they are in, and may change as a training step would change them (running
    statistics): hand over copies. Gradients of outputs leave the penalty out.
    """
    for stream, network in enumerate((generator, discriminator)):
        network.requires_grad_(True)
        give_source(network, torch.Generator().manual_seed(SEED + stream))
    device = next(generator.parameters()).device
    latents, real = batch.latents.to(device), batch.real.to(device)
    labels = None if batch.labels is None else batch.labels.to(device)
    with torch.enable_grad():
        fake = generator(latents, labels).detach()
        with _Outputs(discriminator) as judged:
            loss = _discriminator_loss(experiment, discriminator, (real, labels), (fake, labels))
        loss = loss + _penalty(experiment, discriminator, (real, labels), (fake, labels))
        made_by = _lengths("discriminator", discriminator, loss, judged)
        with _Outputs(generator) as made:
            loss = _generator_loss(experiment, discriminator, generator(latents, labels), (real, labels))
        return _lengths("generator", generator, loss, made) + made_by


def gradients_now(model: Model, samples: Samples, count: int = BATCH) -> list[StageGradient]:
    """Return the gradients of a model as its training would feel them at the step it is at, and leave it as it is.

    Where the model knows its training's own weights those are taken; else those that it samples with.
    """
    batch = fixed_batch(model.experiment, samples, count)
    if model.resume is not None:
        return stage_gradients(model.experiment, *_networks(model.experiment, model.resume), batch)
    networks = (copy.deepcopy(network).train() for network in (model.generator, model.discriminator))
    return stage_gradients(model.experiment, *networks, batch)


def gradients_over(
    experiment: Experiment, states: Sequence[State], samples: Samples, most: int = MOMENTS, count: int = BATCH
) -> Iterator[GradientsAt]:
    """Give the gradients at up to `most` states of one run's training, spread over them, from the first to the last.

    `states` are those of snapshots or of a timeline's moments. Nothing is trained: each has its weights.
    Raises ValueError where there are none or they are of other networks.
    """
    if not states:
        raise ValueError("the run has no moments yet: train it first")
    batch = fixed_batch(experiment, samples, count)
    for state in spread(states, most):
        found = stage_gradients(experiment, *_networks(experiment, state), batch)
        yield GradientsAt(int(state["step"]), tuple(found))


def spread(values: Sequence[T], most: int) -> list[T]:
    """Choose at most `most` values, evenly over their number; the first and the last are among them."""
    if len(values) <= most:
        return list(values)
    return [values[round(n * (len(values) - 1) / max(1, most - 1))] for n in range(most)]


def _networks(experiment: Experiment, state: State) -> tuple[nn.Module, nn.Module]:
    """Build the networks that a training state has, in train mode; G with its own weights, not the averaged ones."""
    generator, discriminator = build(experiment)
    try:
        load_arrays(generator, state, "generator.")
        load_arrays(discriminator, state, "discriminator.")
    except RuntimeError as error:
        raise ValueError(f"these weights do not fit the experiment: {str(error).splitlines()[0]}") from None
    return generator.train(), discriminator.train()


class _Outputs:
    """Collect the gradient that reaches the output of each stage, over all passes made while the context is open."""

    def __init__(self, network: nn.Module) -> None:
        self.squares: dict[str, torch.Tensor] = {}
        self.network = network

    def __enter__(self) -> _Outputs:
        self.handles = [
            stage.register_forward_hook(lambda module, args, output, name=name: self._watch(name, output))
            for name, stage in stages(self.network).items()
        ]
        return self

    def __exit__(self, *problem: object) -> None:
        for handle in self.handles:
            handle.remove()

    def _watch(self, name: str, output: torch.Tensor) -> None:
        if output.requires_grad:
            self.squares.setdefault(name, torch.zeros(()))
            output.register_hook(lambda gradient: self._add(name, gradient))

    def _add(self, name: str, gradient: torch.Tensor) -> None:
        self.squares[name] = self.squares[name] + gradient.detach().float().square().sum().cpu()


def _lengths(name: str, network: nn.Module, loss: torch.Tensor, outputs: _Outputs) -> list[StageGradient]:
    groups = {stage_name: list(stage.parameters()) for stage_name, stage in stages(network).items()}
    inside = {id(parameter) for group in groups.values() for parameter in group}
    parameters = list(network.parameters())
    found = torch.autograd.grad(loss, parameters, allow_unused=True)
    gradients = {id(parameter): gradient for parameter, gradient in zip(parameters, found, strict=True)}
    lengths = []
    for stage_name, group in groups.items():
        squares = [gradients[id(p)].float().square().sum() for p in group if gradients[id(p)] is not None]
        weights = float(torch.stack(squares).sum().sqrt()) if squares else 0.0 if group else None
        reached = outputs.squares.get(stage_name)
        lengths.append(StageGradient(name, stage_name, weights, None if reached is None else float(reached.sqrt())))
    loose = [gradients[id(p)] for p in parameters if id(p) not in inside and gradients[id(p)] is not None]
    if loose:  # weights outside any stage
        length = float(torch.stack([gradient.float().square().sum() for gradient in loose]).sum().sqrt())
        lengths.append(StageGradient(name, "other", length, None))
    return lengths


def _discriminator_loss(experiment: Experiment, discriminator: nn.Module, real: tuple, fake: tuple) -> torch.Tensor:
    recipe = experiment.recipe
    (real_logits, real_classes), (fake_logits, fake_classes) = _judge(discriminator, *real), _judge(discriminator, *fake)
    loss = LOSSES[recipe.loss].discriminator(real_logits, fake_logits, recipe.label_smoothing)
    if real_classes is not None:
        loss = loss + recipe.class_weight * (cross_entropy(real_classes, real[1]) + cross_entropy(fake_classes, fake[1]))
    return loss


def _penalty(experiment: Experiment, discriminator: nn.Module, real: tuple, fake: tuple) -> torch.Tensor | float:
    recipe = experiment.recipe
    if recipe.penalty == "none":
        return 0.0
    source = torch.Generator().manual_seed(SEED)
    found = PENALTIES[recipe.penalty].function(lambda x, label: _judge(discriminator, x, label)[0], real, fake, source)
    return recipe.penalty_weight * found.mean()


def _generator_loss(experiment: Experiment, discriminator: nn.Module, fake: torch.Tensor, real: tuple) -> torch.Tensor:
    loss, real_logits = LOSSES[experiment.recipe.loss], None
    logits, classes = _judge(discriminator, fake, real[1])
    if loss.relativistic:
        with torch.no_grad():
            real_logits, _ = _judge(discriminator, *real)
    value = loss.generator(real_logits, logits)
    return value if classes is None else value + experiment.recipe.class_weight * cross_entropy(classes, real[1])


def _judge(discriminator: nn.Module, samples: torch.Tensor, label: torch.Tensor | None) -> tuple:
    judged = discriminator(samples, label)
    return judged if isinstance(judged, tuple) else (judged, None)
