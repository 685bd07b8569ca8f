"""Runs to and from one safetensors file: every moment of a run, its history and where it was forked from.

A run's file is a checkpoint's with many states in it, each array's name behind the number of its moment, `3.average.…`.
It is checked as a checkpoint is: nothing that it says is believed before it was held against the experiment's networks.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
from typing import Any

import numpy as np

from playground.checkpoint import (
    MAX_FILE_BYTES,
    MAX_HEADER_BYTES,
    RUN,
    Form,
    check_finite,
    check_tensors,
    describe,
    expected,
    form,
    opened,
    read_description,
    write,
)
from playground.timeline.moments import MAX_MOMENTS, Timeline
from playground.timeline.run import Parent, Run
from playground.training.state import COUNTERS, MAX_COUNT

MAX_MOMENTS_BYTES = MAX_FILE_BYTES - MAX_HEADER_BYTES
MAX_TITLE = 200  # characters
MAX_NOISE_BYTES = 2**16
NAME = re.compile(r"(0|[1-9]\d?)\.(.+)", re.DOTALL)


def save_run(run: Run, path: str | os.PathLike) -> None:
    """Write a run to `path`: experiment, all moments, history, title and parent. Private settings are left out.

    The file appears whole or not at all. Raises ValueError for a run without moments or too large to be opened again,
    OSError when it cannot be written.
    """
    moments = run.timeline.moments
    if not moments:
        raise ValueError("the run has no moments yet: there is nothing to save")
    if run.timeline.nbytes > MAX_MOMENTS_BYTES:
        sizes = f"{run.timeline.nbytes / 2**20:.0f} MiB, over the {MAX_MOMENTS_BYTES / 2**20:.0f} MiB allowed"
        raise ValueError(f"the run's moments take {sizes}; save a checkpoint instead")
    arrays = {f"{number}.{name}": value for number, moment in enumerate(moments) for name, value in moment.state.items()}
    metadata = describe(run.experiment, run.history, run.step, RUN) | {"title": run.title[:MAX_TITLE]}
    if run.parent:
        metadata["parent"] = json.dumps({"title": run.parent.title[:MAX_TITLE], "step": run.parent.step})
    write(path, arrays, metadata)


def load_run(path: str | os.PathLike) -> Run:
    """Read a run from `path`. Raises ValueError with one sentence for a file that is not sound, or is a checkpoint."""
    path = pathlib.Path(path)
    with opened(path) as file:
        metadata = file.metadata() or {}
        experiment, history, _ = read_description(metadata, RUN)
        run = Run(experiment, history=history, title=_title(metadata.get("title", "")), parent=_parent(metadata.get("parent")))
        forms = _by_moment({name: form(file, name) for name in file.keys()})  # noqa: SIM118 (not a mapping)
        shapes = expected(experiment, resumable=True)
        for number, found in enumerate(forms):
            _check_moment(found, shapes)
            state = {name: file.get_tensor(f"{number}.{name}") for name in found}
            check_finite(path.name, state)
            _add(run.timeline, state)
    return run


def _title(title: str) -> str:
    if len(title) > MAX_TITLE:
        raise ValueError(f"the run's title has {len(title):,} characters, over the {MAX_TITLE} allowed")
    return title


def _parent(text: str | None) -> Parent | None:
    if text is None:
        return None
    try:
        content: Any = json.loads(text)
        title, step = content["title"], content["step"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("what the run was forked from is damaged") from None
    if not isinstance(title, str) or type(step) is not int or not 0 <= step <= MAX_COUNT:
        raise ValueError("what the run was forked from is damaged")
    return Parent(_title(title), step)


def _by_moment(forms: dict[str, Form]) -> list[dict[str, Form]]:
    """Sort the tensors of a file by the moment that they belong to."""
    moments: dict[int, dict[str, Form]] = {}
    for name, found in forms.items():
        match = NAME.fullmatch(name)
        if not match:
            raise ValueError(f"the run holds {name[:60]!r}, which belongs to no moment")
        moments.setdefault(int(match[1]), {})[match[2]] = found
    if not moments or set(moments) != set(range(len(moments))) or len(moments) > MAX_MOMENTS:
        raise ValueError(f"a run holds 1 to {MAX_MOMENTS} moments numbered from 0; this file has {len(moments)}")
    return [moments[number] for number in range(len(moments))]


def _check_moment(found: dict[str, Form], shapes: tuple[dict[str, tuple], dict[str, tuple]]) -> None:
    check_tensors(found, shapes)
    shape, kind = found.get("noise", ((), ""))
    if len(shape) != 1 or shape[0] > MAX_NOISE_BYTES or kind != "U8":
        raise ValueError("a moment of the run lacks its noise, or it is damaged")


def _add(timeline: Timeline, state: dict[str, np.ndarray]) -> None:
    """Add a moment. Raises ValueError for counters out of range and for one that is not after the one before."""
    counters = [float(state[name]) for name in COUNTERS]
    if not all(0 <= count <= MAX_COUNT for count in counters):
        raise ValueError("a moment of the run has a counter out of range")
    if timeline.moments and timeline.nearest().step >= int(counters[0]):
        raise ValueError("the run's moments are not in order")
    timeline.add(state)
