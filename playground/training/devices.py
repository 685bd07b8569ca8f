"""Where a run computes, and in which number format."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import torch

from playground.config import shorten

DEVICE_TYPES = ("cpu", "cuda", "mps")
# Below this many multiply-accumulates a step one thread it is. Two threads that meet after every operation are a third
# faster on idle cores, but when something else (a browser, another visitor's run) wants a core each meeting waits for
# the scheduler: 79 ms a step against 3,000 (SNGAN at 32 pixels, two cores, one of them busy).
SMALL_STEP = 10_000_000_000


def pick_device(name: str | None = None) -> torch.device:
    """Return the device called `name`, or a GPU when there is one, else the CPU.

    Raises ValueError, naming the choices, for a device that this machine lacks.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if not _usable(name):
        choices = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
        raise ValueError(f"device {shorten(name)} cannot be used here; choose from: {', '.join(choices)}")
    return torch.device(name)


def _usable(name: str) -> bool:
    try:
        return name.partition(":")[0] in DEVICE_TYPES and torch.ones(1, device=name).item() == 1
    except (RuntimeError, AssertionError):  # the latter from a PyTorch without CUDA
        return False


def fast_bfloat16(device: torch.device) -> bool:
    """Say whether `device` multiplies bfloat16 in hardware: emulated, it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def pick_precision(setting: str, device: torch.device) -> torch.dtype:
    """Return the format that the engine's `precision` asks for on `device`; `auto` takes bfloat16 where it is fast."""
    if setting == "auto":
        return torch.bfloat16 if fast_bfloat16(device) else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[setting]


def autocast(device: torch.device, dtype: torch.dtype) -> contextlib.AbstractContextManager:
    """Return the context in which forward passes run in `dtype`; weights and their updates stay in float32."""
    if dtype == torch.float32:
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype)


def pick_threads(macs_per_step: int) -> int:
    """Return how many CPU threads a training step of `macs_per_step` multiply-accumulates should use."""
    return 1 if macs_per_step < SMALL_STEP else cores()


def cores() -> int:
    """Return how many cores this process may take: all, or its share where torchrun started several on this machine.

    Two processes with two threads each on two cores wait for the scheduler at every operation: 20 images/s against 640.
    """
    return max(1, (os.cpu_count() or 1) // int(os.environ.get("LOCAL_WORLD_SIZE", 1)))


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """Compute with `count` CPU threads inside."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
