"""Measured figures: `python -m playground benchmark [NAME]`. Each compares with an anchor in the same run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

from playground.benchmark import (
    diagnosis,
    inversion,
    latent,
    layers,
    melodies,
    page,
    points,
    processes,
    quality,
    series,
    speed,
    text,
    video,
    waveforms,
)
from playground.benchmark.figure import Figure
from playground.config import shorten


def _zoo() -> Iterator[Figure]:
    from playground.benchmark import zoo  # here, because it is also run by itself and must not be loaded twice

    return zoo.figures()


BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    "throughput": speed.throughput,
    "distributed": processes.distributed,
    "quality": quality.time_to_quality,
    "live": quality.live_cost,
    "page": page.latencies,
    "visitors": page.visitors,
    "latent": latent.figures,
    "layers": layers.figures,
    "points": points.figures,
    "inversion": inversion.inversions,
    "diagnosis": diagnosis.confusion,
    "text": text.figures,
    "melodies": melodies.figures,
    "series": series.figures,
    "video": video.figures,
    "waveforms": waveforms.figures,
    "zoo": _zoo,
}
# some minutes to a quarter of an hour and more: only when asked for by name
LONG = ("inversion", "diagnosis", "text", "melodies", "video", "waveforms", "series", "points", "zoo")


def run(name: str | None, as_json: bool) -> int:
    """Run one benchmark, or all but the long ones, printing as it goes. Raises ValueError for an unknown name."""
    if name is not None and name not in BENCHMARKS:
        raise ValueError(f"unknown benchmark {shorten(name)}; choose from: {', '.join(BENCHMARKS)}")
    for chosen in [name] if name else [short for short in BENCHMARKS if short not in LONG]:
        for figure in BENCHMARKS[chosen]():
            line = json.dumps({"benchmark": chosen, **vars(figure)}) if as_json else f"{chosen:<11} {figure}"
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0
