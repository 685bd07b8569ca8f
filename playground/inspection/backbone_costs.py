"""What each backbone would cost in an experiment on series: weights at once, milliseconds of a step measured here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch

from playground.config import shorten
from playground.experiment import Experiment
from playground.layers import BACKBONES, give_source, grow
from playground.losses import LOSSES
from playground.model import build, build_meta, draw_latents, trace_discriminator, trace_generator
from playground.penalties import PENALTIES

NETWORKS = ("generator", "discriminator")
SECONDS = 0.9  # for all that is measured together
GROWN = 10**9  # samples seen by networks that grow: the longest a step can take


@dataclass(frozen=True)
class BackboneCost:
    """One choice of one network: its weights, and how long that network's part of a training step takes.

    The generator's part is to make a batch and to bring a gradient from it to all weights; the discriminator's to judge a
    real and a fake batch and to bring its loss to all weights, with the recipe's penalty if there is one. `milliseconds` is
    None where it was not measured.
    """

    network: str
    backbone: str
    parameters: int
    milliseconds: float | None = None


def has_backbones(experiment: Experiment) -> bool:
    """Say whether both networks of the experiment have a backbone to choose."""
    return all("backbone" in vars(getattr(experiment, network)) for network in NETWORKS)


def with_backbone(experiment: Experiment, network: str, backbone: str) -> Experiment:
    """Return the experiment with another backbone in one network. Raises ValueError where it has none to choose."""
    if network not in NETWORKS or "backbone" not in vars(getattr(experiment, network)):
        choices = ", ".join(name for name in NETWORKS if "backbone" in vars(getattr(experiment, name))) or "none"
        raise ValueError(f"{shorten(network)} of {experiment.architecture} has no backbone; those that have one: {choices}")
    return experiment.with_settings({f"{network}.backbone": backbone})


def backbone_weights(experiment: Experiment) -> list[BackboneCost]:
    """Count the weights of every backbone in either network, from shapes alone. Raises ValueError as `with_backbone`."""
    found = []
    for network in NETWORKS:
        follow = trace_generator if network == "generator" else trace_discriminator
        for backbone in BACKBONES:
            chosen = with_backbone(experiment, network, backbone)
            rows = follow(chosen, build_meta(chosen)[NETWORKS.index(network)])
            found.append(BackboneCost(network, backbone, sum(row.parameters for row in rows)))
    return found


def backbone_costs(
    experiment: Experiment, device: torch.device | str = "cpu", seconds: float = SECONDS
) -> Iterator[list[BackboneCost]]:
    """Measure every backbone in either network, and yield all costs again whenever one more is known, first none of them.

    Takes about `seconds` in all, more where a single step takes longer than its share: each choice gets an equal share of
    what is left, and at least two steps; the shortest of its steps counts, because whatever else the machine does can only
    make one longer. Raises ValueError as `with_backbone`.
    """
    costs, end = backbone_weights(experiment), time.perf_counter() + seconds
    yield list(costs)
    order = range(len(costs))
    for done, index in enumerate(order):
        share = (end - time.perf_counter()) / (len(order) - done)
        chosen = with_backbone(experiment, costs[index].network, costs[index].backbone)
        step = _part(chosen, costs[index].network, torch.device(device))
        costs[index] = replace(costs[index], milliseconds=1000 * _shortest(step, share))
        yield list(costs)


def _shortest(step: Callable[[], None], seconds: float) -> float:
    """Return the shortest time of `step` in as many runs as `seconds` allow, at least two, in seconds."""
    end, times = time.perf_counter() + seconds, []
    while len(times) < 2 or time.perf_counter() + min(times) < end:
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return min(times)


def _part(experiment: Experiment, network: str, device: torch.device) -> Callable[[], None]:
    """Make what `network` does in one training step, without the update of its weights."""
    generator, discriminator = (part.to(device) for part in build(experiment))
    source, recipe = torch.Generator().manual_seed(0), experiment.recipe
    for part in (generator, discriminator):
        give_source(part, source)
        grow(part, GROWN)
    latents = draw_latents(recipe.batch_size, experiment.generator.latent_dim, 0).to(device)
    with torch.no_grad():
        fake = generator(latents)
    real = fake.roll(1, 0)
    weights = list((generator if network == "generator" else discriminator).parameters())

    def make() -> None:
        generator(latents).backward(fake, inputs=weights)
        _wait(device)

    def judge() -> None:
        logits = discriminator(torch.cat([real, fake])).chunk(2)
        loss = LOSSES[recipe.loss].discriminator(*logits, recipe.label_smoothing)
        if recipe.penalty != "none":
            asked = PENALTIES[recipe.penalty].function(
                lambda samples, label: discriminator(samples), (real, None), (fake, None), source
            )
            loss = loss + recipe.penalty_weight * asked.mean()
        loss.backward(inputs=weights)
        _wait(device)

    return make if network == "generator" else judge


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
