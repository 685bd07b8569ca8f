"""Another course for a run from one of its moments on, with some settings changed and all else the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from playground.config import shorten
from playground.experiment import Experiment
from playground.model import build_meta
from playground.timeline.comparing import compare
from playground.timeline.run import Parent, Run, until
from playground.training.state import COUNTERS, MOMENTS, OPTIONAL, TrainingState

NETWORKS = ("generator", "discriminator")


@dataclass(frozen=True, eq=False)
class Fork:
    """Hold what `train(fork.experiment, resume=fork.state)` needs, where it came from, what it kept, and a title."""

    experiment: Experiment
    state: dict[str, np.ndarray]
    history: list[dict[str, Any]]
    parent: Parent
    note: str
    title: str

    def start(self, title: str = "") -> Run:
        """Return a run that begins at the fork, with the history before it, so that curves share their trunk."""
        run = Run(self.experiment, history=list(self.history), title=title or self.title, parent=self.parent)
        run.timeline.add(self.state)
        return run


def fork(run: Run, step: int | None = None, changes: Mapping[str, Any] | None = None, *, trusted: bool = False) -> Fork:
    """Leave `run` at the moment nearest to `step` (by default the newest) with `changes`, `{"recipe.loss": "hinge"}`.

    Seed, order of the data, noise and counters go on from there: without changes, and trained on, the fork repeats the
    run bit for bit. A change of the recipe keeps both networks; another optimiser starts its running means afresh. A
    change of a network keeps every array whose name and shape still fit, and the rest start from the seed. Raises
    ValueError for changes of seed, architecture or data set, of a sample's shape, for bad values, and where the run
    has no moments. `trusted` allows private settings, as in `Experiment.with_settings`.
    """
    changes = dict(changes or {})
    for key in changes:
        if "." not in key:
            raise ValueError(f"a fork keeps architecture, data set and seed: {shorten(key)} cannot change")
    moment = run.timeline.nearest(step)
    experiment = run.experiment.with_settings(changes, trusted=trusted)
    _check_data(run.experiment, experiment)
    state, note = _carry(run.experiment, experiment, moment.state)
    history, parent = until(run.history, moment.step), Parent(run.name, moment.step)
    return Fork(experiment, state, history, parent, note, _title(run.experiment, experiment, moment.step))


def _title(before: Experiment, after: Experiment, step: int) -> str:
    """Say what is changed and where; private settings are not told, for titles are saved."""
    changed = compare([Run(before), Run(after)]).fields
    what = ", ".join(f"{name}={values[1]}" for name, values in changed.items()) or "the same"
    return f"{what} from step {step:,}"


def _check_data(before: Experiment, after: Experiment) -> None:
    if before.spec == after.spec:
        return
    shapes = ["×".join(map(str, experiment.spec.shape)) for experiment in (before, after)]
    raise ValueError(f"a fork keeps the shape of a sample, {shapes[0]}: it cannot become {shapes[1]}; start a new run for that")


def _carry(before: Experiment, after: Experiment, state: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], str]:
    """Return the state that the changed experiment starts from, and a sentence on what it kept."""
    old, new = (dict(zip(NETWORKS, build_meta(experiment), strict=True)) for experiment in (before, after))
    if all(_shapes(old[name]) == _shapes(new[name]) for name in NETWORKS):
        return dict(state), _unchanged_networks(before, after)
    fresh = TrainingState(after, torch.device("cpu")).export()
    # what else a state may hold (a best generator so far) is of the old networks
    carried = {
        name: value
        for name, value in state.items()
        if name in (*COUNTERS, *OPTIONAL, "noise") or (_of_network(name) and _fits(value, fresh.get(name)))
    }
    moments = {}
    for name in NETWORKS:
        moments |= _moments(name, old[name], new[name], state)
    kept = [_kept(name, new[name], carried) for name in NETWORKS]
    return fresh | carried | moments, f"{kept[0]}, {kept[1]}; what is new starts from the seed."


def _unchanged_networks(before: Experiment, after: Experiment) -> str:
    if before == after:
        return "Nothing is changed: trained on, the fork repeats the run."
    if MOMENTS[before.recipe.optimiser] != MOMENTS[after.recipe.optimiser]:
        return "Both networks are kept whole; the new optimiser starts its running means afresh."
    return "Both networks and their optimisers are kept whole."


def _shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def _of_network(name: str) -> bool:
    return name.startswith(("average.", "generator.", "discriminator."))


def _fits(value: np.ndarray, wanted: np.ndarray | None) -> bool:
    return wanted is not None and value.shape == wanted.shape


def _moments(name: str, old: nn.Module, new: nn.Module, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the optimiser's running means of the parameters that are kept; it knows them by number, not by name."""
    names = [key for key, _ in old.named_parameters()]
    numbers = {key: number for number, (key, _) in enumerate(new.named_parameters())}
    shapes, prefix = (_shapes(old), _shapes(new)), f"optimiser_{name}."
    kept = {}
    for key, value in state.items():
        if key.startswith(prefix):
            number, kind = key.removeprefix(prefix).split(".", 1)
            parameter = names[int(number)]
            if parameter in numbers and shapes[0].get(parameter) == shapes[1].get(parameter):
                kept[f"{prefix}{numbers[parameter]}.{kind}"] = value
    return kept


def _kept(name: str, network: nn.Module, carried: Mapping[str, np.ndarray]) -> str:
    names = list(network.state_dict())
    count = sum(f"{name}.{key}" in carried for key in names)
    what = "all its arrays" if count == len(names) else f"{count} of {len(names)} arrays"
    return f"{'The generator' if name == 'generator' else 'the discriminator'} kept {what}"
