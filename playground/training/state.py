"""All that changes during a run, and its way into and out of plain arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from playground.experiment import Experiment
from playground.layers import Growing, give_source
from playground.model import build, load_arrays, to_arrays
from playground.noise import Shared
from playground.recipe import Recipe
from playground.training.average import Average
from playground.training.choices import choose
from playground.training.distributed import ALONE, Team, synchronise

NOISE_STREAM = 3
COUNTERS = ("step", "samples_seen", "seconds")
MAX_COUNT = 2**40
OPTIONAL = ("discriminator_updates", "augment")  # not in the files of earlier versions
MOMENTS = {  # what each optimiser keeps of a parameter; SGD without momentum keeps nothing
    "adam": {"step", "exp_avg", "exp_avg_sq"},
    "adamw": {"step", "exp_avg", "exp_avg_sq"},
    "rmsprop": {"step", "square_avg"},
    "sgd": {"momentum_buffer"},
}


class TrainingState:
    """Networks, optimisers, average, noise generator and counters of a run."""

    def __init__(self, experiment: Experiment, device: torch.device, team: Team = ALONE) -> None:
        recipe = experiment.recipe
        form = choose(experiment, device).memory_format
        networks = (network.to(device, memory_format=form) for network in build(experiment))
        self.generator, self.discriminator = networks
        self.average = Average(self.generator, recipe.ema_half_life)
        self.moments = MOMENTS[recipe.optimiser]
        self.optimiser_generator = make_optimiser(recipe, self.generator, recipe.learning_rate_generator)
        self.optimiser_discriminator = make_optimiser(recipe, self.discriminator, recipe.learning_rate_discriminator)
        self.discriminator_parameters = list(self.discriminator.parameters())
        self.noise = Shared(team.rank, team.size)
        self.noise.manual_seed(experiment.seed * 4 + NOISE_STREAM)
        for network in (self.generator, self.discriminator):
            give_source(network, self.noise)
            if experiment.engine.sync_batch_norm and team.size > 1:
                synchronise(network)
        self.growing = [
            network
            for network in (self.generator, self.discriminator)
            if any(isinstance(module, Growing) for module in network.modules())
        ]
        self.step, self.samples_seen, self.seconds, self.discriminator_updates = 0, 0, 0.0, 0
        self.augment = torch.zeros((), device=device)  # the adaptive probability

    def export(self) -> dict[str, np.ndarray]:
        """Return a copy of everything, as flat named arrays: what resuming bit for bit needs."""
        self.average.copy_buffers()
        arrays = {}
        networks = {"average": self.average.network, "generator": self.generator, "discriminator": self.discriminator}
        for name, network in networks.items():
            arrays |= {f"{name}.{key}": value for key, value in to_arrays(network.state_dict()).items()}
        for name, optimiser in self._optimisers().items():
            for index, moments in optimiser.state_dict()["state"].items():
                arrays |= {f"{name}.{index}.{key}": value for key, value in to_arrays(moments).items()}
        arrays["noise"] = self.noise.get_state().numpy().copy()
        counters = {name: float(getattr(self, name)) for name in (*COUNTERS, *OPTIONAL)}
        arrays |= {name: np.array(value, dtype=np.float64) for name, value in counters.items()}
        return arrays

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `export` gave. Raises ValueError when the arrays belong to other networks."""
        try:
            load_arrays(self.average.network, arrays, "average.")
            load_arrays(self.generator, arrays, "generator.")
            load_arrays(self.discriminator, arrays, "discriminator.")
            for name, optimiser in self._optimisers().items():
                _restore_optimiser(optimiser, arrays, f"{name}.", self.moments)
            self.noise.set_state(torch.from_numpy(np.array(arrays["noise"], dtype=np.uint8)))
            counters = [float(arrays[name]) for name in COUNTERS] + [float(arrays.get(name, 0)) for name in OPTIONAL]
            if not all(0 <= count <= MAX_COUNT for count in counters):  # also refuses NaN
                raise RuntimeError(f"{', '.join((*COUNTERS, *OPTIONAL))} are {counters}")
            self.step, self.samples_seen, self.seconds = int(counters[0]), int(counters[1]), counters[2]
            self.discriminator_updates = int(counters[3])
            self.augment.fill_(counters[4])
        except (KeyError, IndexError, RuntimeError, TypeError) as error:
            raise ValueError(f"the saved training state does not fit this experiment: {str(error).splitlines()[0]}") from None

    def _optimisers(self) -> dict[str, torch.optim.Optimizer]:
        return {"optimiser_generator": self.optimiser_generator, "optimiser_discriminator": self.optimiser_discriminator}


def make_optimiser(recipe: Recipe, network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """Make the optimiser of one network, all parameters in one fused update where PyTorch has one."""
    parameters, decay = network.parameters(), recipe.weight_decay
    if recipe.optimiser == "rmsprop":
        return torch.optim.RMSprop(parameters, learning_rate, recipe.beta2, weight_decay=decay, foreach=True)
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(parameters, learning_rate, recipe.beta1, weight_decay=decay, fused=True)
    kind = torch.optim.AdamW if recipe.optimiser == "adamw" else torch.optim.Adam
    return kind(parameters, learning_rate, (recipe.beta1, recipe.beta2), weight_decay=decay, fused=True)


def _restore_optimiser(
    optimiser: torch.optim.Optimizer, arrays: Mapping[str, np.ndarray], prefix: str, wanted: set[str]
) -> None:
    moments: dict[int, dict[str, torch.Tensor]] = {}
    parameters = optimiser.param_groups[0]["params"]
    for name, value in arrays.items():
        if name.startswith(prefix):
            index, key = name.removeprefix(prefix).split(".", 1)
            parameter = parameters[int(index)]
            # the fused update walks memory: a moment must lie as its parameter does
            target = torch.zeros(()) if key == "step" else torch.empty_like(parameter)
            if tuple(value.shape) != tuple(target.shape):
                raise ValueError(f"the saved training state does not fit: {name} has shape {tuple(value.shape)}")
            moments.setdefault(int(index), {})[key] = target.copy_(torch.from_numpy(np.array(value)))
    for index, kinds in moments.items():
        if kinds.keys() not in MOMENTS.values():
            raise ValueError(f"the saved training state does not fit: {prefix}{index} is incomplete")
    if any(kinds.keys() != wanted for kinds in moments.values()):
        return  # saved with another optimiser: this one starts afresh
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
