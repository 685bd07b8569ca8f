"""What an engine's settings come to on the machine at hand: asked of it at run time, and said in one line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from playground.experiment import Experiment
from playground.model import build_meta, step_macs
from playground.training.devices import cores, pick_precision, pick_threads, threads


@dataclass(frozen=True)
class Choices:
    """How a run computes: nothing is left to be decided. `tf32` is None where there is no NVIDIA GPU."""

    device: torch.device
    dtype: torch.dtype
    memory_format: torch.memory_format
    threads: int
    compile: bool
    tf32: bool | None

    def __str__(self) -> str:
        """Say it in one line, `CPU · bfloat16 · channels-last · 1 thread`."""
        parts = [device_name(self.device), str(self.dtype).removeprefix("torch.")]
        parts.append("channels-last" if self.memory_format == torch.channels_last else "contiguous")
        if self.device.type == "cpu":
            parts.append("1 thread" if self.threads == 1 else f"{self.threads} threads")
        return " · ".join([*parts, *["TF32"] * bool(self.tf32), *["compiled"] * self.compile])

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        """Compute as chosen inside: what PyTorch keeps for the whole process is set, and set back."""
        before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
        try:
            if self.tf32 is not None:
                torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = self.tf32
            with threads(self.threads):
                yield
        finally:
            if self.tf32 is not None:
                torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def choose(experiment: Experiment, device: torch.device) -> Choices:
    """Return what the experiment's engine comes to on `device`."""
    engine = experiment.engine
    return Choices(
        device=device,
        dtype=pick_precision(engine.precision, device),
        memory_format=_memory_format(experiment),
        threads=min(engine.threads, cores()) or pick_threads(step_macs(experiment)),
        compile=engine.compile,
        tf32=engine.tf32 != "off" if device.type == "cuda" else None,
    )


def _memory_format(experiment: Experiment) -> torch.memory_format:
    """Return the memory format of images, maps and convolutions.

    Measured on two cores with AVX-512, one thread, in turns in one process: with channels-last a step takes 0.74 (SNGAN),
    0.83 (StyleGAN2), 0.88 (SN-DCGAN), 0.96 (DCGAN) and 0.97 (WGAN-GP) of the time in bfloat16, and 0.78 to 0.93 in float32.
    """
    setting = experiment.engine.memory_format
    if setting == "auto":
        convolutions = any(weight.ndim == 4 for network in build_meta(experiment) for weight in network.parameters())
        setting = "channels-last" if convolutions else "contiguous"
    return torch.channels_last if setting == "channels-last" else torch.contiguous_format


def device_name(device: torch.device) -> str:
    """Return `CPU`, or the name of the GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
