"""The command that trains, alone or as one of several processes."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground._cli import (
    FAILED,
    INTERRUPTED,
    OK,
    AsJson,
    Settings,
    check_output,
    interruptions,
    note,
    number,
    open_checkpoint,
    read_settings,
    whole,
)
from playground._cli_training import Progress, budget, follow, last_of, prepare, write_json
from playground.config import shorten

if TYPE_CHECKING:
    import torch

    from playground.experiment import Experiment
    from playground.model import Model
    from playground.training import Snapshot
    from playground.training.distributed import Team


def train(
    architecture: Annotated[str | None, typer.Argument(metavar="ARCHITECTURE", help="By default sn-dcgan.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="By default mnist if it is on disk, else digits.")] = None,
    seconds: Annotated[float | None, number("Budget of training time; by default 20.")] = None,
    steps: Annotated[int | None, whole("Budget in steps instead.")] = None,
    seed: Annotated[int | None, whole("Fixes weights, data order and noise; by default 0.")] = None,
    settings: Settings = None,
    resume: Annotated[str | None, typer.Option(metavar="FILE", help="Go on with a checkpoint's training.")] = None,
    output: Annotated[
        pathlib.Path | None,
        typer.Option(metavar="FILE", help="Save the checkpoint here (.safetensors), every few seconds and at the end."),
    ] = None,
    run: Annotated[
        pathlib.Path | None,
        typer.Option(metavar="FILE", help="Save the run with all its moments here (.safetensors), to rewind, fork, compare."),
    ] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="cpu, cuda, cuda:1… By default a GPU if any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train, with progress on standard error. Ctrl-C saves what there is and exits 130."""
    from playground.timeline import Run
    from playground.training.devices import pick_device
    from playground.training.distributed import team

    seconds, steps = budget(seconds, steps)
    pick_device(device)
    for path in (output, run):
        if path is not None:
            check_output(path, (".safetensors",))
    if output is not None and output == run:
        raise ValueError("--output and --run are two files: a checkpoint, and the run with all its moments")
    given = {"architecture": architecture, "dataset": dataset, "seed": seed}
    given = {name: value for name, value in given.items() if value is not None}
    experiment, earlier = _what_to_train(given, read_settings(settings), resume)
    report, history = write_json if as_json else Progress(seconds, steps).show, list(earlier.history) if earlier else []
    with interruptions() as interrupted:
        try:
            with team(device) as (processes, place):
                snapshots = _run(experiment, earlier, processes, place, seconds=seconds, steps=steps, stop=interrupted)
                if processes.rank == 0:
                    last = follow(snapshots, Run(experiment, history=history), report, output=output, run_output=run)
                else:
                    last = last_of(snapshots)
        except ConnectionError as error:
            note(f"error: {error}")
            raise typer.Exit(FAILED) from None
        raise typer.Exit(INTERRUPTED if interrupted() else FAILED if last.status == "diverged" else OK)


def _run(
    experiment: Experiment, earlier: Model | None, processes: Team, place: torch.device, **options: Any
) -> Iterator[Snapshot]:
    """Train, alone or as one of several processes; the first of them gets the data and says how it computes, and how fast."""
    from playground.training import train
    from playground.training.choices import choose
    from playground.training.distributed import bound_to_parts

    processes.check(experiment)
    if processes.rank == 0:
        prepare(experiment)
    processes.agree(True)  # the data are there
    first = last = None
    begun = {"resume": earlier.resume, "history": earlier.history} if earlier else {}
    for last in train(experiment, **begun, device=str(place), team=processes, **options):
        if first is None and processes.rank == 0:
            note(str(choose(experiment, place)) + (f" · {processes.size} processes" if processes.size > 1 else ""))
            parts = bound_to_parts(experiment) if processes.size > 1 else []
            if parts:
                note(f"each process sees only its own part of the batch in: {', '.join(parts)}")
        first = first or last
        yield last
    if processes.rank == 0 and last.seconds > first.seconds:
        rate = (last.samples_seen - first.samples_seen) / (last.seconds - first.seconds)
        note(f"{rate:,.0f} samples/s" + (f", {rate / processes.size:,.0f} for each process" if processes.size > 1 else ""))


def _what_to_train(given: dict[str, Any], settings: dict[str, str], resume: str | None) -> tuple[Experiment, Model | None]:
    """Return the experiment to train, and the model whose training goes on, if any."""
    from playground.datasets import default_dataset
    from playground.experiment import Experiment

    if resume is None:
        return Experiment.from_settings({"dataset": default_dataset(), **given, **settings}, trusted=True), None
    model = open_checkpoint(resume)
    if model.resume is None:
        raise ValueError(f"{shorten(resume)} holds weights only: its training cannot go on")
    for name, value in given.items():
        own = getattr(model.experiment, name)
        if value != own:
            raise ValueError(f"--resume goes on with {name} {shorten(own)}, not {shorten(value)}")
    for key in settings:
        if not key.startswith(("recipe.", "engine.")) and key != "data.path":  # a path is never saved in a checkpoint
            able = "only recipe.* and engine.* can"
            raise ValueError(f"--resume keeps networks and data as they are: {shorten(key)} cannot change, {able}")
    return model.experiment.with_settings(settings, trusted=True), model
