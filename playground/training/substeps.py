"""One true training step, taken apart: each of its moments in numbers and small pictures."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import nn

from playground.experiment import Experiment
from playground.layers.tracing import stages
from playground.losses import WASSERSTEIN
from playground.model import step_macs
from playground.samples import Samples, to_pixels
from playground.training.devices import pick_threads, threads
from playground.training.game import BOTH, DISCRIMINATOR, GENERATOR, MEASURES, Game, separation
from playground.training.loop import healthy, open_game
from playground.training.snapshot import RECORD_FIELDS
from playground.training.state import TrainingState

SHOWN = 8  # samples of the batch that are shown
LOUDEST = 0.995  # the share of a map's pixels that its scale must do justice to
GRADIENT = "gradient"


@dataclass(frozen=True)
class Substep:
    """One moment of a step: its name, and who is at work: `generator`, `discriminator` or the `gradient`.

    `series` holds scores, one a sample of the batch; lengths, one a stage; or the shown latents (SHOWN, latent_dim).
    `pictures` are uint8 (SHOWN, H, W, C); those called `wish` and `change` are maps with one channel, where 128 is
    nothing, 255 brighter and 0 darker.
    """

    name: str
    actor: str
    numbers: dict[str, float]
    series: dict[str, list] = field(default_factory=dict)
    pictures: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class SlowStep:
    """A step's moments in order, and the state after it, as `train` would have left it.

    `record` is the step's entry for a history. `stages` names the stages of each network, in the order of every
    series of lengths. `border` is the score that parts real from fake, None where the loss knows of none. Where the step
    ran away, `state` is the one before it and `message` says so.
    """

    substeps: tuple[Substep, ...]
    state: dict[str, np.ndarray]
    record: dict[str, float | None]
    stages: dict[str, tuple[str, ...]]
    border: float | None
    message: str = ""


def slow_step(
    experiment: Experiment,
    samples: Samples | None,
    resume_state: Mapping[str, np.ndarray] | None,
    turn: str = BOTH,
    device: str | None = None,
) -> SlowStep:
    """Take one step from a state, or from the seed's weights, and tell all about it.

    The state it ends in equals that of `train(steps=1)` bit for bit, but for the clock. Raises ValueError as `train`.
    """
    game = open_game(experiment, samples, resume_state, device, turn)
    witness = _Witness(game)
    started = time.perf_counter()
    with threads(_num_threads(experiment)), witness:
        game.step(turn)
    sums = game.sums.tolist()  # waits for a GPU to finish
    elapsed = time.perf_counter() - started
    game.state.seconds += elapsed
    names = {name: tuple(groups) for name, groups in witness.groups.items()}
    if not healthy(sums):
        before = TrainingState(experiment, game.device).export() if resume_state is None else dict(resume_state)
        message = "This step ran away, so it was not taken: a loss or a score grew past all bounds. Lower the learning rates."
        return SlowStep((), before, {}, names, None, message)
    state, record = game.state.export(), _record(game, sums, turn, elapsed)
    return SlowStep(witness.aftermath(turn), state, record, names, witness.border)


@functools.lru_cache(maxsize=64)
def _num_threads(experiment: Experiment) -> int:
    return pick_threads(step_macs(experiment))


def _record(game: Game, sums: list[float], turn: str, elapsed: float) -> dict[str, float | None]:
    """Return the entry for a history; None stands for what the network whose turn it was not did not do."""
    measured = dict(zip(MEASURES, sums, strict=True))
    idle = {BOTH: (), DISCRIMINATOR: MEASURES[1:2] + MEASURES[-1:], GENERATOR: MEASURES[:1] + MEASURES[2:-1]}[turn]
    state = game.state
    rounds = {BOTH: game.recipe.discriminator_steps, DISCRIMINATOR: game.recipe.discriminator_steps, GENERATOR: 0}[turn]
    counted = {"step": state.step, "samples_seen": state.samples_seen, "seconds": state.seconds}
    counted["rate"] = rounds * game.recipe.batch_size / elapsed
    known = counted | measured | dict.fromkeys(idle)
    return {name: known.get(name) for name in RECORD_FIELDS}  # quality is not measured


class _Witness:
    """Turn what the game tells, and what goes through G, into sub-steps. What it looks at, it leaves as it is."""

    def __init__(self, game: Game) -> None:
        self.game, self.loss = game, game.loss
        self.networks = {GENERATOR: game.state.generator, DISCRIMINATOR: game.state.discriminator}
        self.groups = {name: _groups(network) for name, network in self.networks.items()}
        self.border = None if self.loss is WASSERSTEIN or self.loss.relativistic else self.loss.border
        self.substeps: list[Substep] = []
        self.pixels = torch.zeros(0)  # the gradient of G's loss by the pixels of the fakes

    def __enter__(self) -> _Witness:
        generator = self.networks[GENERATOR]
        self.handles = [generator.register_forward_pre_hook(self._before_making), generator.register_forward_hook(self._made)]
        self.game.watch = lambda name, **values: getattr(self, f"_{name}")(**values)
        return self

    def __exit__(self, *_: object) -> None:
        self.game.watch = None
        for handle in self.handles:
            handle.remove()

    def _before_making(self, module: nn.Module, inputs: tuple) -> None:
        self.noise_of_g = self.game.state.noise.get_state()  # G may draw noise of its own

    def _made(self, module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        self.label = inputs[1]
        if output.requires_grad:
            output.register_hook(self._keep_pixels)

    def _keep_pixels(self, gradient: torch.Tensor) -> None:
        self.pixels = gradient.detach().float()

    def _add(self, name: str, actor: str, numbers: dict, series: dict | None = None, pictures: dict | None = None) -> None:
        plain = {key: float(value) for key, value in numbers.items()}
        self.substeps.append(Substep(name, actor, plain, series or {}, pictures or {}))

    def _generate(self, noise: torch.Tensor, fake: torch.Tensor) -> None:
        if self.substeps:
            self._fold()
        self.noise, self.fake, self.noise_of_d = noise, fake, self.game.state.noise.get_state()
        numbers = {"mean": noise.mean(), "std": noise.std(), "count": len(noise), "latent_dim": noise.shape[1]}
        labels = {} if self.label is None else {"labels": self.label[:SHOWN].tolist()}
        self._add("sample", GENERATOR, numbers, {"latents": noise[:SHOWN].tolist()} | labels)
        spread = fake.float().std(0).mean()  # over the batch: 0 where G makes one picture only
        self._add("generate", GENERATOR, {"count": len(fake), "spread": spread}, pictures={"fake": _shown(fake)})

    def _fold(self) -> None:
        """Make one sub-step of a round of D that another one follows."""
        start = max(index for index, substep in enumerate(self.substeps) if substep.name == "sample")
        numbers = {key: value for substep in self.substeps[start + 2 :] for key, value in substep.numbers.items()}
        round_number = 1 + sum(substep.name == "round" for substep in self.substeps)
        rounds = {"round": round_number, "rounds": self.game.recipe.discriminator_steps}
        judged = self.substeps[start + 2]
        del self.substeps[start:]
        self._add("round", DISCRIMINATOR, numbers | rounds, judged.series, judged.pictures)

    def _score(self, real: torch.Tensor, fake: torch.Tensor, logit_real: torch.Tensor, logit_fake: torch.Tensor) -> None:
        self.judged = real, fake
        self.logit_fake = logit_fake
        series = {"logit_real": logit_real.tolist(), "logit_fake": logit_fake.tolist()}
        pictures = {"real": _shown(real), "fake": _shown(fake)}
        self._add("score", DISCRIMINATOR, self._verdict(logit_real, logit_fake), series, pictures)

    def _verdict(self, real: torch.Tensor, fake: torch.Tensor) -> dict[str, torch.Tensor | float]:
        right = {"right_real": math.nan, "right_fake": math.nan, "right": math.nan}
        if self.border is not None:
            shares = (real > self.border).float().mean(), (fake <= self.border).float().mean()
            right = {"right_real": shares[0], "right_fake": shares[1], "right": (shares[0] + shares[1]) / 2}
        return {"real": real.mean(), "fake": fake.mean(), "separation": separation(real, fake)} | right

    def _gradient_discriminator(self, loss: torch.Tensor, **gradients: torch.Tensor) -> None:
        self._gradient(DISCRIMINATOR, loss, gradients)

    def _gradient_generator(self, loss: torch.Tensor, **gradients: torch.Tensor) -> None:
        wish = -self.pixels  # G goes down the gradient
        numbers = {"loss": loss, "length": self.pixels.norm(), "strongest": self.pixels.abs().max()}
        self._add("gradient_pixels", GRADIENT, numbers, pictures={"wish": _map(wish[:SHOWN])})
        self._gradient(GENERATOR, loss, gradients)

    def _gradient(self, turn: str, loss: torch.Tensor, gradients: dict[str, torch.Tensor]) -> None:
        self.before = {name: weight.detach().clone() for name, weight in self.networks[turn].named_parameters()}
        lengths = _lengths(self.groups[turn], gradients)
        numbers = {"loss": loss, "length": math.hypot(*lengths)}
        self._add(f"gradient_{turn}", GRADIENT, numbers, {"lengths": lengths})

    def _update_discriminator(self, **weights: torch.Tensor) -> None:
        self.noise_of_d = self.game.state.noise.get_state()
        self._update(DISCRIMINATOR, weights)

    def _update_generator(self, **weights: torch.Tensor) -> None:
        self._update(GENERATOR, weights)

    def _update(self, turn: str, weights: dict[str, torch.Tensor]) -> None:
        moved = {name: weight - self.before[name] for name, weight in weights.items()}
        sizes, moves = (_lengths(self.groups[turn], values) for values in (self.before, moved))
        shares = [move / size if size else 0.0 for move, size in zip(moves, sizes, strict=True)]
        numbers = {"moved": math.hypot(*moves), "share": math.hypot(*moves) / max(math.hypot(*sizes), 1e-12)}
        self._add(f"update_{turn}", turn, numbers, {"shares": shares})

    def _score_again(self, fake: torch.Tensor, logit_fake: torch.Tensor) -> None:
        before = {"before": self.logit_fake.mean()} if self.substeps[-1].name == "update_discriminator" else {}
        self.logit_fake = logit_fake
        name = "score_again" if before else "score_fakes"
        self._add(name, DISCRIMINATOR, {"fake": logit_fake.mean()} | before, {"logit_fake": logit_fake.tolist()})

    @torch.no_grad()
    def aftermath(self, turn: str) -> tuple[Substep, ...]:
        """Add what the networks say after the step, and return all sub-steps. Leaves the game unfit for more steps."""
        if turn != GENERATOR:
            self._judge_again(turn)
        if turn != DISCRIMINATOR:
            self._make_again()
        return tuple(self.substeps)

    def _judge_again(self, turn: str) -> None:
        """Let the D that has learned judge once more what it learned from."""
        real, fake = self.judged
        logits = self.game.score_both((real, self.game.last_real[1]), (fake, self.label))
        if turn == DISCRIMINATOR:
            before = self.logit_fake.mean()
            self._add("score_again", DISCRIMINATOR, {"before": before}, {"logit_fake": logits[1].tolist()})
        at = next(index for index, substep in enumerate(self.substeps) if substep.name == "score_again")
        found = self.substeps[at]
        verdict = self._verdict(logits[0], torch.tensor(found.series["logit_fake"], device=logits[0].device))
        numbers = found.numbers | {key: float(value) for key, value in verdict.items()}
        self.substeps[at] = replace(found, numbers=numbers, series=found.series | {"logit_real": logits[0].tolist()})

    def _make_again(self) -> None:
        """Let the G that has learned turn the same latents, with the same chance, into samples."""
        source = self.game.state.noise
        source.set_state(self.noise_of_g)
        fake = self.game.make(self.noise, self.label)
        source.set_state(self.noise_of_d)
        logits, change = self.game.score(fake, self.label), (fake - self.fake).float()
        numbers = {"before": self.logit_fake.mean(), "fake": logits.mean(), "change": change.abs().mean() * 127.5}
        pictures = {"fake": _shown(fake), "change": _map(change[:SHOWN])}
        self._add("generate_again", GENERATOR, numbers, {"logit_fake": logits.tolist()}, pictures)


def _groups(network: nn.Module) -> dict[str, list[str]]:
    """Return the names of a network's parameters by stage, in order; one outside any stage is a group of its own."""
    homes = {id(p): name for name, stage in stages(network).items() for p in stage.parameters()}
    groups: dict[str, list[str]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault(homes.get(id(parameter), name.split(".")[0]), []).append(name)
    return groups


def _lengths(groups: dict[str, list[str]], values: Mapping[str, torch.Tensor]) -> list[float]:
    """Return the Euclidean length of each group's values together; what has none counts as 0."""
    lengths = []
    for names in groups.values():
        squares = [values[name].float().square().sum() for name in names if name in values]
        lengths.append(float(torch.stack(squares).sum().sqrt()) if squares else 0.0)
    return lengths


def _shown(samples: torch.Tensor) -> np.ndarray:
    return to_pixels(samples[:SHOWN])


def _map(values: torch.Tensor) -> np.ndarray:
    """Map signed values (N, C, H, W) to uint8 (N, H, W, 1), all to one scale: 128 is 0."""
    flat = values.float().nan_to_num(0, 0, 0).mean(1, keepdim=True)
    scale = float(np.quantile(flat.abs().cpu().numpy(), LOUDEST)) or float(flat.abs().max()) or 1.0
    levels = (flat / scale).clamp(-1, 1).mul(127).add(128).round()
    return levels.to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
