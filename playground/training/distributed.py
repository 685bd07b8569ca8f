"""Data-parallel training: `torchrun --nproc-per-node N -m playground train …`.

Every process has the same networks, draws the noise and the order of the data for the whole batch, and takes its own
part; gradients are averaged before each update. Where the loss is a mean over samples, that is what one process with the
whole batch computes. The first process decides when the run ends, and is the only one to write.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import distributed, nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

from playground.experiment import Experiment
from playground.layers import ConditionalBatchNorm2d, MinibatchStd, StyleMixing
from playground.model import build_meta
from playground.training.devices import pick_device

TIMEOUT = 300.0  # seconds to wait for one that hangs, longer than a download or a compilation; one that dies shows at once


@dataclass(frozen=True)
class Team:
    """The processes of a run: which of them this is, from 0, and how many there are. By default, one alone."""

    rank: int = 0
    size: int = 1
    control: distributed.ProcessGroup | None = None  # for decisions, over the CPU: a GPU must not be waited for

    def check(self, experiment: Experiment) -> None:
        """Raise ValueError unless the batch can be split evenly."""
        batch_size = experiment.recipe.batch_size
        if batch_size % self.size or batch_size < 2 * self.size:
            wanted = f"{self.size} equal parts, one for each process, of two images or more"
            raise ValueError(f"recipe: batch_size {batch_size} cannot be split into {wanted}")

    def part(self, count: int) -> slice:
        """Return which of `count` samples are this process's own."""
        own = count // self.size
        return slice(self.rank * own, (self.rank + 1) * own)

    def average(self, tensors: Sequence[torch.Tensor]) -> None:
        """Put the mean over all processes into `tensors`, in one exchange. Raises ConnectionError when another is gone."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        with _clear_errors():
            distributed.all_reduce(flat)
        pieces = flat.div_(self.size).split([tensor.numel() for tensor in tensors])
        torch._foreach_copy_(list(tensors), [piece.view_as(own) for piece, own in zip(pieces, tensors, strict=True)])

    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values (N,) of all processes, (size · N,)."""
        if self.size == 1:
            return values
        found = [torch.empty_like(values) for _ in range(self.size)]
        with _clear_errors():
            distributed.all_gather(found, values.contiguous())
        return torch.cat(found)

    def agree(self, answer: bool) -> bool:
        """Return the first process's answer, whatever the others think."""
        if self.size == 1:
            return answer
        told = torch.tensor([answer], dtype=torch.uint8)
        with _clear_errors():
            distributed.broadcast(told, 0, group=self.control)
        return bool(told[0])


ALONE = Team()


@contextlib.contextmanager
def team(device: str | None = None, timeout: float = TIMEOUT) -> Iterator[tuple[Team, torch.device]]:
    """Join the processes that torchrun started, if it did, and give the team and the device of this process.

    Exchanges go over nccl between NVIDIA GPUs, one a process, and over gloo between CPUs. Raises ValueError for a device
    that is not there, and ConnectionError when another process does not come.
    """
    size = int(os.environ.get("WORLD_SIZE", 1))
    if size == 1:
        yield ALONE, pick_device(device)
        return
    own = pick_device(device)
    if own.type == "cuda":
        own = pick_device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}")
        torch.cuda.set_device(own)
    with _clear_errors():
        wait = datetime.timedelta(seconds=timeout)
        distributed.init_process_group("nccl" if own.type == "cuda" else "gloo", timeout=wait)
        control = distributed.new_group(backend="gloo", timeout=wait)
    yield Team(distributed.get_rank(), size, control), own
    distributed.destroy_process_group()  # not after an error: the others cannot be waited for


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn what a broken exchange raises into a ConnectionError with one sentence."""
    try:
        yield
    except RuntimeError as error:
        raise ConnectionError(
            f"another process of this run ended or hangs, so this one stops too ({str(error).splitlines()[0][:120]})"
        ) from None


def bound_to_parts(experiment: Experiment) -> list[str]:
    """Name what looks at a whole batch and, in several processes, only sees each process's part of it."""
    recipe, modules = experiment.recipe, [module for network in build_meta(experiment) for module in network.modules()]
    found = {
        "batch normalisation": not experiment.engine.sync_batch_norm
        and any(isinstance(module, (_BatchNorm, ConditionalBatchNorm2d)) for module in modules),
        "minibatch deviation": any(isinstance(module, MinibatchStd) for module in modules),
        "style mixing": any(isinstance(module, StyleMixing) and module.probability for module in modules),
        "top-k": recipe.top_k < 1,
        "the relativistic average": recipe.loss == "relativistic-average",
        "DRAGAN's radius": recipe.penalty == "dragan",
    }
    return [name for name, there in found.items() if there]


def synchronise(network: nn.Module) -> None:
    """Let all batch normalisation in `network` take mean and variance over the batches of all processes.

    PyTorch's own SyncBatchNorm has no CPU path; this one goes over whatever the processes are joined by.
    """
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            module.forward = partial(_synced_forward, module)
        elif isinstance(module, ConditionalBatchNorm2d):
            module.normalise = synced_batch_norm


def _synced_forward(module: _BatchNorm, features: torch.Tensor) -> torch.Tensor:
    if module.training:
        module.num_batches_tracked.add_(1)
    return synced_batch_norm(
        features,
        module.running_mean,
        module.running_var,
        module.weight,
        module.bias,
        training=module.training,
        momentum=module.momentum,
        eps=module.eps,
    )


def synced_batch_norm(
    features: torch.Tensor,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    *,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Do what `torch.nn.functional.batch_norm` does for (N, C, …), over the batches of all processes taken together."""
    if not training:
        return batch_norm(features, running_mean, running_var, weight, bias, False, momentum, eps)
    values = features.float()
    others = [dimension for dimension in range(values.ndim) if dimension != 1]
    form = [-1 if dimension == 1 else 1 for dimension in range(values.ndim)]
    count = values.numel() // values.shape[1] * distributed.get_world_size()
    mean = _Summed.apply(values.sum(others)) / count  # (C,)
    centred = values - mean.view(form)
    variance = _Summed.apply(centred.square().sum(others)) / count  # (C,)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(variance * count / (count - 1), momentum)
    result = centred * (variance + eps).rsqrt().view(form)
    if weight is not None:
        result = result * weight.view(form) + bias.view(form)
    return result.to(features.dtype)


class _Summed(torch.autograd.Function):
    """Sum a tensor over all processes; the gradient of each one's part is the sum of the gradients of all the sums."""

    @staticmethod
    def forward(context, own: torch.Tensor) -> torch.Tensor:
        total = own.clone()
        with _clear_errors():
            distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(context, gradient: torch.Tensor) -> torch.Tensor:
        return _Summed.apply(gradient)
