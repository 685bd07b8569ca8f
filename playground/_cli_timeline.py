"""The commands about a run's past: look back at it, leave it for another course, set runs side by side."""

from __future__ import annotations

import json
import pathlib
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
    read_settings,
    read_whole_numbers,
    table,
    whole,
    whole_file,
)
from playground._cli_training import Progress, budget, follow, prepare, write_json
from playground.config import shorten

if TYPE_CHECKING:
    import numpy as np

    from playground.timeline import Run

FRAMES_PER_SECOND = 8.0  # of a run's moments: 48 of them are watched in 6 s
RunFile = Annotated[str, typer.Argument(metavar="RUN", help="A run, as train --run saves it.")]


def timeline(
    run: RunFile,
    output: Annotated[
        pathlib.Path | None,
        typer.Option(
            metavar="FILE",
            help="Training time down and a walk across (.png), or an animation of learning (.gif, .webp, .mp4).",
        ),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="1,2,3", help="The way points; in an animation, one picture each.")
    ] = None,
    rows: Annotated[int, whole("How many moments, of a .png.")] = 8,
    frames: Annotated[int, whole("How many pictures across, of a .png.")] = 8,
    method: Annotated[str, typer.Option(metavar="NAME", help="slerp, along the sphere, or lerp, straight.")] = "slerp",
    as_json: AsJson = False,
) -> None:
    """Look back over a run: list its moments, or make a picture or an animation of them."""
    suffix = check_output(output, (".png", ".gif", ".webp", ".mp4")) if output else ""
    points = read_whole_numbers(seeds, "--seeds") if seeds else None
    opened = open_run(run)
    if not output:
        _list_moments(opened, as_json)
        return
    with whole_file(output) as file:
        if suffix == ".png":
            call = {"seeds": points or [1, 2], "rows": rows, "frames": frames, "method": method}
            _save_grid(file, opened, call, run)
        else:
            _save_film(file, opened, points or list(range(16)), suffix[1:])
    note(f"saved {output}")


def _list_moments(run: Run, as_json: bool) -> None:
    rows = [(moment.step, moment.samples_seen, moment.seconds) for moment in run.timeline.moments]
    if as_json:
        keys = ("step", "samples_seen", "seconds")
        typer.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]))
        return
    cells = [(f"{step:,}", f"{samples:,}", f"{seconds:.1f}") for step, samples, seconds in rows]
    typer.echo("\n".join(table([("step", "images seen", "seconds"), *cells], right=(0, 1, 2))))
    note(f"{len(rows)} moments, {run.timeline.nbytes / 1e6:.1f} MB: {run.name}{_origin(run)}")


def _origin(run: Run) -> str:
    return f", forked from {run.parent.title} at step {run.parent.step:,}" if run.parent else ""


def _save_grid(file: Any, run: Run, call: dict[str, Any], name: str) -> None:
    from playground import exporting
    from playground.timeline import grid

    images, steps = grid(run, **call)
    settings = {"experiment": run.experiment.settings(), "run": pathlib.Path(name).name, "steps": steps.tolist(), **call}
    exporting.save_picture(file, exporting.grid(_flat(images), columns=images.shape[1]), settings=settings)
    note(f"rows from the top: step {', '.join(f'{step:,}' for step in steps)}")


def _save_film(file: Any, run: Run, seeds: list[int], kind: str) -> None:
    import numpy as np

    from playground import exporting
    from playground.timeline import film

    images, _ = film(run, seeds)
    sheets = np.stack([exporting.grid(moment) for moment in images])  # (moments, H', W', 3)
    exporting.save_animation(file, sheets, kind=kind, fps=FRAMES_PER_SECOND)


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(-1, *images.shape[2:])


def fork(
    run: RunFile,
    output: Annotated[pathlib.Path, typer.Option(metavar="FILE", help="Save the new run here (.safetensors).")],
    step: Annotated[int | None, whole("Leave the run at the moment nearest to this; by default at its end.")] = None,
    settings: Settings = None,
    seconds: Annotated[float | None, number("Budget of training time; by default 20.")] = None,
    steps: Annotated[int | None, whole("Budget in steps instead.")] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="By default, what is changed and where.")] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="cpu, cuda, cuda:1… By default a GPU if any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train on from a moment of a run with some settings changed and all else the same."""
    from playground import timeline
    from playground.training import train

    seconds, steps = budget(seconds, steps)
    check_output(output, (".safetensors",))
    branch = timeline.fork(open_run(run), step, read_settings(settings), trusted=True)
    prepare(branch.experiment)
    child = branch.start(title or "")
    note(f"forked at step {branch.parent.step:,}. {branch.note}")
    with interruptions() as interrupted:
        snapshots = train(
            branch.experiment,
            seconds=seconds,
            steps=steps,
            resume=branch.state,
            history=branch.history,
            device=device,
            stop=interrupted,
        )
        last = follow(snapshots, child, write_json if as_json else Progress(seconds, steps).show, run_output=output)
        raise typer.Exit(INTERRUPTED if interrupted() else FAILED if last.status == "diverged" else OK)


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help="Two to four runs or checkpoints.")],
    as_json: AsJson = False,
) -> None:
    """Set runs side by side: the settings that differ, and their last figures."""
    from playground import timeline

    result = timeline.compare([open_run(name) for name in runs])
    if as_json:
        typer.echo(json.dumps({"files": runs, "titles": result.titles, "fields": result.fields, "last": result.last}))
        return
    heads = ("", *(pathlib.Path(name).stem for name in runs))
    fields = [(name, *map(_cell, values)) for name, values in result.fields.items()]
    last = [(name, *map(_cell, values)) for name, values in result.last.items()]
    columns = range(1, len(heads))
    typer.echo("\n".join(table([heads, *(fields or [("the same settings", *[""] * len(runs))]), *last], right=columns)))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "—" if value is None or value == "" else f"{value:,}" if type(value) is int else str(value)


def open_run(name: str) -> Run:
    """Load the run in the file `name`; a checkpoint is a run of one moment. Raises ValueError where there is no file."""
    from playground.checkpoint import RUN, kind_of, load
    from playground.timeline import Run, load_run

    path = pathlib.Path(name)
    if not path.is_file():
        raise ValueError(f"there is no file {shorten(name)}; train --run FILE saves a run")
    return load_run(path) if kind_of(path) == RUN else Run.from_model(load(path), path.stem)
