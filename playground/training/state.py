"""All that changes during a run, and its way into and out of plain arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from playground.experiment import Experiment
from playground.model import build, load_arrays, to_arrays
from playground.training.average import Average

NOISE_STREAM = 3
COUNTERS = ("step", "samples_seen", "seconds")
MAX_COUNT = 2**40
MOMENTS = {"step", "exp_avg", "exp_avg_sq"}  # what Adam keeps of each parameter


class TrainingState:
    """Networks, optimisers, average, noise generator and counters of a run."""

    def __init__(self, experiment: Experiment, device: torch.device) -> None:
        recipe = experiment.recipe
        networks = (network.to(device, memory_format=torch.channels_last) for network in build(experiment))
        self.generator, self.discriminator = networks
        self.average = Average(self.generator, recipe.ema_half_life)
        betas = (recipe.beta1, recipe.beta2)
        self.optimiser_generator = adam(self.generator, recipe.learning_rate_generator, betas)
        self.optimiser_discriminator = adam(self.discriminator, recipe.learning_rate_discriminator, betas)
        self.noise = torch.Generator().manual_seed(experiment.seed * 4 + NOISE_STREAM)
        self.step, self.samples_seen, self.seconds = 0, 0, 0.0

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
        arrays |= {name: np.array(getattr(self, name), dtype=np.float64) for name in COUNTERS}
        return arrays

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `export` gave. Raises ValueError when the arrays belong to other networks."""
        try:
            load_arrays(self.average.network, arrays, "average.")
            load_arrays(self.generator, arrays, "generator.")
            load_arrays(self.discriminator, arrays, "discriminator.")
            for name, optimiser in self._optimisers().items():
                _restore_optimiser(optimiser, arrays, f"{name}.")
            self.noise.set_state(torch.from_numpy(np.array(arrays["noise"], dtype=np.uint8)))
            counters = [float(arrays[name]) for name in COUNTERS]
            if not all(0 <= count <= MAX_COUNT for count in counters):  # also refuses NaN
                raise RuntimeError(f"{', '.join(COUNTERS)} are {counters}")
            self.step, self.samples_seen, self.seconds = int(counters[0]), int(counters[1]), counters[2]
        except (KeyError, IndexError, RuntimeError, TypeError) as error:
            raise ValueError(f"the saved training state does not fit this experiment: {str(error).splitlines()[0]}") from None

    def _optimisers(self) -> dict[str, torch.optim.Optimizer]:
        return {"optimiser_generator": self.optimiser_generator, "optimiser_discriminator": self.optimiser_discriminator}


def adam(network: nn.Module, learning_rate: float, betas: tuple[float, float]) -> torch.optim.Adam:
    """Make the optimiser of one network: Adam, all parameters in one fused update."""
    return torch.optim.Adam(network.parameters(), learning_rate, betas, fused=True)


def _restore_optimiser(optimiser: torch.optim.Optimizer, arrays: Mapping[str, np.ndarray], prefix: str) -> None:
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
        if kinds.keys() != MOMENTS:
            raise ValueError(f"the saved training state does not fit: {prefix}{index} is incomplete")
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
