"""Where heavy work runs: on this machine's CPU or GPU, or in a worker of Hugging Face's ZeroGPU."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import torch

from playground.experiment import Experiment
from playground.model import step_macs
from playground.samples import Samples
from playground.training import Snapshot, train
from playground.training.choices import choose, device_name
from playground.training.devices import SMALL_STEP, pick_device
from playground.training.quality import EVERY as MEASURE
from playground.training.substeps import SlowStep, slow_step
from playground.ui.pace import timed

ZERO_GPU = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
# What visitors ask for while they look around is small, and must not stall when two of them want the cores at once; a
# run takes more threads for itself where that pays. It also keeps a forked ZeroGPU worker from waiting for ever for
# OpenMP threads that stayed behind in the parent.
torch.set_num_threads(1)
START_SECONDS = 20  # a worker's start, the transfers and the last snapshot, on top of the budget
EVERY = 0.5  # seconds between snapshots: a closed tab is noticed at the next one


def _duration(settings: dict, samples: Samples, resume: Mapping[str, np.ndarray] | None, seconds: float | None, *_) -> int:
    return int((seconds or 5) + START_SECONDS)


def _train_on_gpu(
    settings: dict,
    samples: Samples,
    resume: Mapping[str, np.ndarray] | None,
    seconds: float | None,
    steps: int | None,
    history: list[dict],
    measure: float | None,
    at: Sequence[int] = (),
) -> Iterator[Snapshot]:
    """Train in a worker: everything that goes in and comes out is plain data, which can be pickled."""
    options = {"resume": resume, "seconds": seconds, "steps": steps, "history": history, "measure": measure, "at": at}
    yield from train(Experiment.from_settings(settings), samples=samples, every=EVERY, **options)


if ZERO_GPU:
    import spaces

    _train_on_gpu = spaces.GPU(duration=_duration)(_train_on_gpu)


def place() -> str:
    """Say where runs compute: `CPU`, `ZeroGPU`, or the name of the GPU."""
    return "ZeroGPU" if ZERO_GPU else device_name(pick_device())


def describe(experiment: Experiment) -> str:
    """Say where and how a run computes, `CPU · bfloat16 · channels-last · 1 thread`."""
    return place() if ZERO_GPU else str(choose(experiment, pick_device()))


def snapshots(
    experiment: Experiment,
    samples: Samples,
    *,
    resume: Mapping[str, np.ndarray] | None,
    seconds: float | None,
    steps: int | None,
    stop: Callable[[], bool],
    history: list[dict] | None = None,
    measure: float | None = MEASURE,
    at: Sequence[int] = (),
) -> Iterator[Snapshot]:
    """Train wherever this machine does it. `stop` ends the run after the step it is in, on ZeroGPU at the next snapshot."""
    if ZERO_GPU:
        run = _train_on_gpu(experiment.settings(), samples, resume, seconds, steps, history or [], measure, at)
    else:
        options = {"resume": resume, "seconds": seconds, "steps": steps, "history": history or [], "measure": measure, "at": at}
        run = train(experiment, samples=samples, stop=stop, every=EVERY, **options)
    with contextlib.closing(run):
        for snapshot in timed(experiment, place(), run):
            yield snapshot
            if ZERO_GPU and stop():
                return


def too_slow(experiment: Experiment) -> bool:
    """Say whether one step takes too long to wait for outside a run: on a CPU core more than about two seconds."""
    on_cpu = ZERO_GPU or pick_device().type == "cpu"
    return on_cpu and step_macs(experiment) >= SMALL_STEP  # 5 to 10 thousand million a second


def one_step(experiment: Experiment, samples: Samples, resume: Mapping[str, np.ndarray] | None, turn: str) -> SlowStep:
    """Take one step here and now. On ZeroGPU the CPU takes it: a worker's start would last longer than many steps."""
    return slow_step(experiment, samples, resume, turn, "cpu" if ZERO_GPU else None)
