"""Find the place in latent space whose sample comes nearest to an image: inversion by optimisation.

The code is sought, not the weights: a search over many random codes, a descent from the best of them at once (Zhu et al.
2016, 1609.03552, section 3; Creswell & Bharath 2018, 1802.05701), in styles one a size (Abdal et al. 2019, 1904.03189).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch

from playground.config import check_whole, shorten
from playground.experiment import MAX_SEED
from playground.latent._descent import Adam, polish
from playground.latent._objective import PIECE, Objective
from playground.latent.points import Point
from playground.latent.spaces import check_space, has_styles, to_styles
from playground.latent.targets import to_target
from playground.model import Model, draw_latents
from playground.samples import to_pixels

POOL = 2000  # random codes whose samples are compared before any is improved
STARTS, MAX_STARTS = 24, 64
STEPS, MAX_STEPS = 200, 5000
MAX_SECONDS = 600.0
RATE = 0.1  # of Adam at first, in standard deviations of the code; it falls to 0 along a cosine
PRUNED = (1 / 3, 2 / 3)  # of the descent: there the worse half of the starts is given up
POLISHES, POLISH_STEPS = 8, 60
UNSEEN = 0.75  # of the time for polishing goes to pixels alone, if it is bounded
EXACT = 0.01  # root mean square error, pixels from -1 to 1, at which an image counts as recovered: a grey level of 255
SHARES = {"pool": (0.0, 0.1), "search": (0.1, 0.6), "polish": (0.6, 1.0)}  # of the time, if it is bounded


@dataclass(frozen=True, eq=False)
class Progress:
    """Say how far an inversion is: its stage (pool, search, polish), the fraction done, steps and seconds.

    `best` is the sample nearest so far, uint8 (H, W, C), `starts` those still followed, the best first, uint8
    (K, H, W, C), and `code` the code of the best. `error` is its root mean square pixel error (pixels from -1 to 1), and
    `curve` holds that of the best after each step.
    """

    stage: str
    fraction: float
    step: int
    seconds: float
    error: float
    curve: tuple[float, ...]
    best: np.ndarray
    starts: np.ndarray
    code: torch.Tensor


@dataclass(frozen=True, eq=False)
class Inversion:
    """Hold what an inversion found: a point of latent space, and its sample, float (C, H, W) in [-1, 1].

    `error` is the sample's root mean square pixel error and `drawn_error` the least one among the random samples before
    any was improved (`drawn` of them). `exact` says that the image was recovered to within a grey level or so.
    """

    point: Point
    sample: torch.Tensor
    error: float
    drawn_error: float
    drawn: int
    step: int
    seconds: float
    curve: tuple[float, ...]

    @property
    def exact(self) -> bool:
        return self.error < EXACT


def invert(
    model: Model,
    target: np.ndarray | torch.Tensor,
    *,
    label: int | None = None,
    starts: int = STARTS,
    steps: int = STEPS,
    seconds: float | None = None,
    seed: int = 0,
    space: str | None = None,
    features: bool = True,
    stop: Callable[[], bool] | None = None,
    pool: int = POOL,
    every: float = 0.25,
) -> Iterator[Progress | Inversion]:
    """Search the latent space of `model` for `target`; yield `Progress` at least every `every` seconds, last the `Inversion`.

    `target` is uint8 (H, W, C) or float (C, H, W) in [-1, 1], of the model's shape. A conditional model draws `label`, by
    default whichever class comes nearest. `space` is z, or w (one style a size), by default w where the generator has
    styles. With `features` the classifier of the model's data, if there is one, says what else than pixels should agree.

    `pool` random codes are compared, the nearest `starts` go down the loss together for `steps` steps, the worse ones
    given up on the way, and the last ones are polished by pixels alone; where that does not recover the image, the best is
    polished by the whole loss instead. `seconds` bounds the time: less is tried then, and the result hangs on the machine;
    without it the same seed gives the same result. `stop` ends it early with the best so far. Raises ValueError naming
    what is wrong with the target, the label or a number.
    """
    clock = _Clock(seconds, stop or (lambda: False), every)
    for name, value, low, high in (
        ("starts", starts, 1, MAX_STARTS),
        ("steps", steps, 0, MAX_STEPS),
        ("seed", seed, 0, MAX_SEED),
    ):
        check_whole(name, value, low, high)
    check_whole("pool", pool, starts, 100_000)
    space = space or ("w" if has_styles(model) else "z")
    check_space(model, space)
    objective = Objective(model, to_target(model, target), space, features)
    labels = model.labels(pool, label)
    search = _Search(objective, clock, seed, pool, None if labels is None else torch.eye(model.experiment.num_classes)[labels])
    return search.run(starts, steps)


@dataclass
class _Clock:
    """Know when to report and when to end."""

    limit: float | None
    stop: Callable[[], bool]
    every: float
    start: float = field(default_factory=time.perf_counter)
    reported: float = -math.inf

    def __post_init__(self) -> None:
        bad = self.limit is not None and (isinstance(self.limit, bool) or not isinstance(self.limit, (int, float)))
        if bad or (self.limit is not None and not 0 < self.limit <= MAX_SECONDS):
            raise ValueError(f"seconds must be a number above 0 and up to {MAX_SECONDS:.0f}, not {shorten(self.limit)}")

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.start

    def share(self, stage: str) -> float:
        """Return the share of a stage's time that is used up, 1 or more after its end; 0 when time is not bounded."""
        if self.stop():
            return 1.0
        if self.limit is None:
            return 0.0
        low, high = SHARES[stage]
        return max(0.0, (self.seconds / self.limit - low) / (high - low))

    def due(self) -> bool:
        if self.seconds - self.reported < self.every:
            return False
        self.reported = self.seconds
        return True


class _Search:
    """Do one inversion, stage by stage."""

    def __init__(self, objective: Objective, clock: _Clock, seed: int, pool: int, labels: torch.Tensor | None) -> None:
        self.objective, self.clock, self.pool = objective, clock, pool
        self.latents = draw_latents(pool, objective.model.experiment.generator.latent_dim, seed)
        self.labels = None if labels is None else labels.to(objective.target.device)
        self.step, self.curve = 0, []

    def run(self, starts: int, steps: int) -> Iterator[Progress | Inversion]:
        self.clock.start = time.perf_counter()
        descent = yield from self._draw(starts)
        yield from self._descend(descent, steps)
        code, label = yield from self._finish(descent)
        sample, error = self._look(code, label)
        point = Point(code.detach(), None if label is None else label.cpu())
        yield Inversion(point, sample, error, self.drawn_error, self.drawn, self.step, self.clock.seconds, (*self.curve, error))

    def _draw(self, starts: int) -> Iterator[Progress]:
        """Compare random samples with the target, and begin a descent from the nearest."""
        codes, losses, pixels, nearest = [], [], [], None
        for start in range(0, self.pool, PIECE):
            part = slice(start, start + PIECE)
            latents = self.latents[part].to(self.objective.target.device)
            codes.append(to_styles(self.objective.model, latents) if self.objective.space == "w" else latents)
            with torch.no_grad():
                samples, error, loss = self.objective.errors(codes[-1], None if self.labels is None else self.labels[part])
            losses.append(loss.nan_to_num(torch.inf))
            pixels.append(error.nan_to_num(torch.inf))
            best = int(losses[-1].argmin())
            if nearest is None or losses[-1][best] < nearest[0]:
                nearest = losses[-1][best], samples[best : best + 1], float(error[best]) ** 0.5, codes[-1][best]
            if self.clock.due():
                yield self._progress("pool", (start + PIECE) / self.pool, nearest[2], nearest[1], nearest[3])
            if self.clock.share("pool") >= 1:
                break
        all_codes, all_losses = torch.cat(codes), torch.cat(losses)
        self.drawn, self.drawn_error = len(all_codes), float(torch.cat(pixels).min()) ** 0.5
        chosen = all_losses.argsort(stable=True)[:starts]
        return Adam(all_codes[chosen], None if self.labels is None else self.labels[chosen])

    def _descend(self, descent: Adam, steps: int) -> Iterator[Progress]:
        """Let all starts go down the loss, and give up the worse half now and then; the best is the first in the end."""
        rate = RATE * (float(self.objective.spread.mean()) if self.objective.space == "w" else 1.0)
        pruned = list(PRUNED)
        for step in range(steps):
            done = max(step / steps, self.clock.share("search"))
            if done >= 1:
                break
            here = descent.codes
            samples, pixels, loss = descent.step(self.objective, rate * (1 + math.cos(math.pi * done)) / 2)
            order = loss.nan_to_num(torch.inf).argsort(stable=True)
            self.step += 1
            error = float(pixels[order[0]]) ** 0.5
            self.curve.append(error)
            if self.clock.due():
                yield self._progress("search", done, error, samples[order], here[order[0]])
            if pruned and done >= pruned[0]:
                pruned.pop(0)
                descent.keep(order[: max(1, math.ceil(len(order) / 2))])
        with torch.no_grad():
            loss = self.objective.errors(descent.codes, descent.labels)[2]
        descent.keep(loss.nan_to_num(torch.inf).argsort(stable=True)[:POLISHES])

    def _finish(self, descent: Adam) -> Iterator[Progress]:
        """Polish the last ones by pixels until one is recovered, otherwise the best by the whole loss."""
        nearest = descent.codes[0], None if descent.labels is None else descent.labels[0], math.inf
        attempts = [(number, False) for number in range(len(descent.codes))] + [(0, True)]
        for turn, (number, seen) in enumerate(attempts):
            end = 1.0 if seen else UNSEEN
            if self.clock.share("polish") >= end:
                continue
            code, label = descent.codes[number], None if descent.labels is None else descent.labels[number]
            path = polish(self.objective, code, label, seen=seen, steps=POLISH_STEPS)
            for count, (better, _) in enumerate(path):
                code = better
                self.step += 1
                if self.clock.due():
                    sample, error = self._look(code, label)
                    self.curve.append(error)
                    done = (turn + count / POLISH_STEPS) / len(attempts)
                    yield self._progress("polish", done, error, sample[None], code)
                if self.clock.share("polish") >= end:
                    break
            error = self._look(code, label)[1]
            if seen or error < EXACT:
                return code, label
            nearest = min(nearest, (code, label, error), key=lambda found: found[2])
        return nearest[:2]

    @torch.no_grad()
    def _look(self, code: torch.Tensor, label: torch.Tensor | None) -> tuple[torch.Tensor, float]:
        samples, pixels, _ = self.objective.errors(code[None], None if label is None else label[None])
        return samples[0], float(pixels[0]) ** 0.5

    def _progress(self, stage: str, done: float, error: float, samples: torch.Tensor, code: torch.Tensor) -> Progress:
        pictures = to_pixels(samples)
        low, high = SHARES[stage]
        fraction = low + min(1.0, done) * (high - low)
        curve = tuple(self.curve)
        return Progress(stage, fraction, self.step, self.clock.seconds, error, curve, pictures[0], pictures, code.detach())
