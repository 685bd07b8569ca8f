"""Data-parallel throughput: the same batch on one process and on two, each started by torchrun."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence

import torch

from playground.benchmark.figure import Figure
from playground.benchmark.speed import TEXTBOOK
from playground.datasets import default_dataset

SECONDS, PROCESSES = 12, (1, 2)


def distributed(seconds: float = SECONDS, settings: Sequence[str] = ()) -> Iterator[Figure]:
    """Measure images a second of DCGAN on one process and on two, and how much of the ideal factor is reached."""
    dataset, alone = default_dataset(), None
    for count in PROCESSES:
        what = f"DCGAN width 64, batch 64, {dataset}: {count} process{'es' * (count > 1)}"
        if torch.cuda.is_available() and count > torch.cuda.device_count():
            yield Figure(what, None, "", "needs a GPU for each process")
            return
        changes = [*(f"{key}={value}" for key, value in TEXTBOOK.items()), *settings]
        rate = _rate(count, ["--dataset", dataset, "--seconds", str(seconds), *(w for c in changes for w in ("--set", c))])
        alone = alone or rate
        note = f"{rate / count:,.0f} for each process" + (f"; {rate / alone:.2f} times one" if count > 1 else "")
        yield Figure(what, rate, "images/s", note)


def _rate(count: int, words: Sequence[str]) -> float:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    command += ["-m", "playground", "train", "dcgan", "--json", *words]
    # as many threads as the machine has for each, no more; torchrun would say so in a paragraph
    environment = os.environ | {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // count))}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    if result.returncode:
        raise OSError(f"torchrun failed: {result.stderr.strip().splitlines()[-1]}")
    rates = [json.loads(line)["rate"] for line in result.stdout.splitlines() if line.startswith("{")]
    return statistics.median(rate for rate in rates if rate)
