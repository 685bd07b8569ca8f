"""Measured figures: `python -m playground benchmark [NAME]`. Each compares with an anchor in the same run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

from playground.benchmark import page, quality, speed
from playground.benchmark.figure import Figure
from playground.config import shorten

BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    "throughput": speed.throughput,
    "step": speed.step_times,
    "quality": quality.time_to_quality,
    "page": page.latencies,
    "visitors": page.visitors,
}


def run(name: str | None, as_json: bool) -> int:
    """Run one benchmark, or all, and print each figure as it is known. Raises ValueError for an unknown name."""
    if name is not None and name not in BENCHMARKS:
        raise ValueError(f"unknown benchmark {shorten(name)}; choose from: {', '.join(BENCHMARKS)}")
    for chosen in [name] if name else BENCHMARKS:
        for figure in BENCHMARKS[chosen]():
            line = json.dumps({"benchmark": chosen, **vars(figure)}) if as_json else f"{chosen:<11} {figure}"
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0
