"""The state of a run in one sentence with its evidence, and one change to try.

`diagnose` reads nothing but a run's records and its experiment. Its thresholds were set on runs made to fail and on good
ones with seeds 0 to 2, and are checked on others by `python -m playground benchmark diagnosis`, which prints a confusion table.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playground.evaluation.remedies import remedy
from playground.experiment import Experiment

WARMING_UP, LEARNING, FINISHED, COLLAPSED, D_WINS, G_WINS, OSCILLATING, DIVERGED, MEMORISING = STATES = (
    "warming-up", "learning", "finished", "collapsed", "discriminator-wins", "generator-wins", "oscillating", "diverged",
    "memorising",
)  # fmt: skip
FEWEST, FIRST_STEPS = 2, 100  # measurements and steps before anything can be said
RECENT = 0.3  # share of the steps so far that counts as now
SURE = 0.98  # separation from which D hardly ever errs
FADED = 0.01  # of the generator's first gradient: below it, it learns nothing any more
LIKE_NOISE = 0.9  # of the way from the floor: above it samples are hardly better than untrained ones
FOOLED = 0.2  # separation below which D takes made samples for real ones
SINCE, BETTER = 0.67, 0.8  # samples are getting better when the distance is below 0.8 of what it was at 2/3 of the steps
FAR = 0.1  # share of the way from floor to untrained that is left: above it samples are plainly bad
THE_SAME = 0.1  # diversity below which they are one sample over and over, however near that comes
UNIFORM = 0.7  # diversity below which samples are too much alike
COPIED = 0.75  # nearest-sample ratio below which samples are copies of training samples
SWING, FEWEST_SWINGS = 1.3, 3  # factor between neighbouring measurements, and how many turns of it, that make an oscillation
PLATEAU, FEWEST_FLAT = 0.92, 5  # from the middle to the last third of at least so many measurements: hardly any better
RUNAWAY = 1e3  # a score this far out


@dataclass(frozen=True)
class Diagnosis:
    """What is going on in a run. `sentence` names the state with its evidence, `advice` one change, in plain words.

    `change` is that change as flat settings, `{"recipe.loss": "hinge"}`; empty where there is nothing to change.
    """

    state: str
    sentence: str
    advice: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Signs:
    """What the rules look at: means over the recent records, and all measurements of quality in order."""

    separation: float
    logit_real: float
    logit_fake: float
    gradient: float
    first_gradient: float
    step: int
    measured: tuple[Mapping[str, float], ...]

    @property
    def now(self) -> Mapping[str, float]:
        return self.measured[-1]

    @property
    def remaining(self) -> float:
        """The share of the way from the floor to the untrained start that the samples still are from the floor."""
        return (self.now["quality"] - self.now["quality_floor"]) / _way(self.now)

    @property
    def alike(self) -> bool:
        """Whether the samples are much more alike than real ones, and were so before."""
        return max(one["diversity"] for one in self.measured[-2:]) < UNIFORM

    @property
    def improving(self) -> bool:
        """Whether the samples are clearly nearer to real ones than they were a third of the steps ago."""
        before = [one for one in self.measured if one["step"] <= SINCE * self.now["step"]]
        return bool(before) and self.now["quality"] < BETTER * before[-1]["quality"]


Rule = Callable[[_Signs], str | None]


def diagnose(records: Sequence[Mapping[str, Any]], experiment: Experiment, *, diverged: bool = False) -> Diagnosis:
    """Name the state of a run from its `records`, oldest first, as snapshots make them; `diverged` if it had to be stopped.

    Never raises for what a file's history may hold: a record that lacks a number says nothing about it.
    """
    if diverged or _ran_away(records):
        return _found(DIVERGED, "a loss became infinite or the scores ran away, and the run was stopped", experiment)
    known = [record for record in records if record.get("separation") is not None]
    measured = tuple(record for record in records if _complete(record))
    if not known or len(measured) < FEWEST or known[-1]["step"] < FIRST_STEPS:
        count = f"step {known[-1]['step']:,}" if known else "no step yet"
        return _found(WARMING_UP, f"{count}, too early to say more", experiment)
    signs = _read(known, measured)
    for state, rule in RULES:
        if (evidence := rule(signs)) is not None:
            return _found(state, evidence, experiment)
    return _found(LEARNING, _progress(signs), experiment)


NAMES = {
    WARMING_UP: "Warming up",
    LEARNING: "Learning",
    FINISHED: "No longer improving",
    COLLAPSED: "Collapsed",
    D_WINS: "The discriminator wins",
    G_WINS: "The generator wins",
    OSCILLATING: "Oscillating",
    DIVERGED: "Diverged",
    MEMORISING: "Memorising",
}


def _found(state: str, evidence: str, experiment: Experiment) -> Diagnosis:
    advice, change = remedy(state, experiment)
    return Diagnosis(state, f"{NAMES[state]}: {evidence}.", advice, change)


def _complete(record: Mapping[str, Any]) -> bool:
    wanted = ("quality", "quality_floor", "quality_untrained", "diversity", "nearest")
    return all(record.get(name) is not None and math.isfinite(record[name]) for name in wanted) and _way(record) > 0


def _way(record: Mapping[str, float]) -> float:
    return record["quality_untrained"] - record["quality_floor"]


def _ran_away(records: Sequence[Mapping[str, Any]]) -> bool:
    last = records[-1] if records else {}
    return any(abs(last.get(name) or 0.0) > RUNAWAY for name in ("logit_real", "logit_fake"))


def _read(known: list[Mapping[str, Any]], measured: tuple[Mapping[str, float], ...]) -> _Signs:
    last = known[-1]["step"]
    recent = [record for record in known if record["step"] >= (1 - RECENT) * last]

    def mean(name: str, among: Sequence[Mapping[str, Any]]) -> float:
        values = [record[name] for record in among if record.get(name) is not None]
        return statistics.mean(values) if values else 0.0

    names = ("separation", "logit_real", "logit_fake", "gradient_generator")
    first = known[: max(1, len(known) // 10)]
    return _Signs(*(mean(name, recent) for name in names), mean("gradient_generator", first), last, measured)


def _discriminator_wins(signs: _Signs) -> str | None:
    if signs.separation < SURE or signs.remaining < FAR or signs.improving:
        return None
    if signs.alike and signs.remaining < LIKE_NOISE:
        return None  # the generator did learn, but to make one thing: that is a collapse
    faded = signs.gradient < FADED * signs.first_gradient
    pull = f", and the generator's gradient has faded to {signs.gradient:.1g}" if faded else ""
    return f"it tells real from made in {signs.separation:.0%} of pairs{pull}, while the samples get no better"


def _generator_wins(signs: _Signs) -> str | None:
    if signs.separation > FOOLED or signs.remaining < FAR:
        return None
    scores = f"{signs.logit_fake:+.1f} against {signs.logit_real:+.1f}"
    return f"the discriminator scores made samples above real ones ({scores}), though they are far from real"


def _memorising(signs: _Signs) -> str | None:
    if signs.now["nearest"] > COPIED:
        return None
    near = f"{signs.now['nearest']:.0%} as far from the nearest training sample as real ones do"
    return f"made samples lie only {near}"


def _collapsed(signs: _Signs) -> str | None:
    diversity = max(one["diversity"] for one in signs.measured[-2:])
    if not signs.alike or signs.remaining < FAR or (signs.improving and diversity > THE_SAME):
        return None
    share = signs.now.get("classes_made")
    classes = f", and {share:.0%} of the classes appear" if share is not None and share < 1 else ""
    return f"made samples differ from each other only {diversity:.0%} as much as real ones do{classes}"


def _oscillating(signs: _Signs) -> str | None:
    distances = [one["quality"] for one in signs.measured[-12:]]
    turns = _turns(distances)
    if turns < FEWEST_SWINGS:
        return None
    between = f"between {figure(min(distances))} and {figure(max(distances))}"
    return f"the distance to real samples turned round {turns} times, {between}"


def _turns(values: list[float]) -> int:
    """Count how often a series turns round, passing over changes of less than a factor of `SWING`."""
    turns, direction, extreme = 0, 0, values[0]
    for value in values:
        if direction >= 0 and value * SWING < extreme:
            turns, direction, extreme = turns + (direction > 0), -1, value
        elif direction <= 0 and value > SWING * extreme:
            turns, direction, extreme = turns + (direction < 0), 1, value
        elif direction:
            extreme = max(extreme, value) if direction > 0 else min(extreme, value)
    return turns


def _finished(signs: _Signs) -> str | None:
    third = len(signs.measured) // 3
    if len(signs.measured) < FEWEST_FLAT:
        return None
    parts = signs.measured[third:-third], signs.measured[-third:]
    middle, last = (statistics.mean(one["quality"] for one in part) for part in parts)
    if last < PLATEAU * middle:
        return None
    return f"the distance to real samples has stayed near {figure(last)} since step {signs.measured[third]['step']:,}"


RULES: tuple[tuple[str, Rule], ...] = (
    (OSCILLATING, _oscillating),  # first: on its way it may pass for any of the others
    (D_WINS, _discriminator_wins),
    (G_WINS, _generator_wins),
    (MEMORISING, _memorising),
    (COLLAPSED, _collapsed),
    (FINISHED, _finished),
)


def _progress(signs: _Signs) -> str:
    first, last = signs.measured[-min(4, len(signs.measured))], signs.now
    change = f"from {figure(first['quality'])} to {figure(last['quality'])} since step {first['step']:,}"
    return f"the distance to real samples went {change} (real against real: {figure(last['quality_floor'])})"


def figure(value: float) -> str:
    """Write a distance as people read it, `1,234` or `0.0123`."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
