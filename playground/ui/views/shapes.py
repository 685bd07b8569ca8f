"""A chain of layers with all that the shape solver shows of it, as plain JSON."""

from __future__ import annotations

from typing import Any

from playground.datasets import DATASETS
from playground.experiment import Experiment
from playground.inspection import Chain, default_chain, formulas, from_experiment, mirror, problem, repairs, sizes, to_code
from playground.inspection import to_settings as settings_of

START_CHANNELS, START_SIDE = 64, 4
CODE_NAME = "Generator"


def first_chain(experiment: Experiment) -> Chain:
    """Return the chain to begin with: the experiment's own generator, or the usual one for its data."""
    try:
        return from_experiment(experiment)
    except ValueError:
        return default_chain((START_CHANNELS, START_SIDE, START_SIDE), data_size(experiment))


def data_size(experiment: Experiment) -> tuple[int, int]:
    """Return height and width of the experiment's data."""
    return experiment.spec.shape[1:]


def solved(chain: Chain, experiment: Experiment) -> dict[str, Any]:
    """Describe a chain: sizes, formulas, where it fails, its repairs, its mirror, its code, whether it can be used."""
    fault, reached = problem(chain), sizes(chain)
    whole = len(reached) > len(chain.layers)
    return {
        "chain": chain.to_json(),
        "sizes": reached,
        "formulas": formulas(chain),
        "uneven": [layer.uneven for layer in chain.layers],
        "problem": {"stage": fault.stage, "sentence": fault.sentence} if fault else None,
        "repairs": [repair.to_json() for repair in repairs(chain)],
        "mirror": _mirrored(chain) if whole else None,
        "code": to_code(chain, CODE_NAME) if whole else "",
        "cannot": _obstacle(chain, experiment),
        "data": {"size": data_size(experiment), "title": DATASETS[experiment.dataset].title},
    }


def _mirrored(chain: Chain) -> dict[str, Any]:
    found = mirror(chain)
    return found.to_json() | {"sizes": sizes(found.chain), "formulas": formulas(found.chain)}


def _obstacle(chain: Chain, experiment: Experiment) -> str:
    """Say why the experiment cannot have this chain; empty where it can."""
    try:
        settings_of(chain, experiment)
    except ValueError as error:
        return str(error)
    return ""
