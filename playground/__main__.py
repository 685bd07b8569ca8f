"""The command line: `python -m playground --help`. PyTorch is imported by the commands that need it, not here."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from typing import Annotated, Any

import typer

from playground import __version__
from playground._cli import (
    FAILED,
    MISUSED,
    AsJson,
    Checkpoint,
    OneLineErrors,
    Settings,
    check_output,
    note,
    open_checkpoint,
    origin,
    read_settings,
    sentence,
    shape_report,
    table,
    whole,
    whole_file,
)
from playground._cli_ladder import ladder
from playground._cli_latent_directions import directions
from playground._cli_latent_invert import invert
from playground._cli_latent_map import draw_map
from playground._cli_latent_plane import plane
from playground._cli_latent_rank import rank, smoothness
from playground._cli_latent_walk import interpolate
from playground._cli_solve import solve
from playground._cli_timeline import compare, fork, timeline
from playground._cli_train import train
from playground.config import check_whole, shorten

MAX_SAMPLES, MAX_PICTURES = 10_000, 1024  # in an array; on one sheet
DATASET_OF_CHANNELS = {1: "digits", 3: "shapes"}  # they stand for any data of so many channels: always there, at any resolution

app = typer.Typer(cls=OneLineErrors, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Train generative adversarial networks briefly and see what every layer does.

    Exit status: 0 done, 1 failed or diverged, 2 a wrong name or value, 130 interrupted.
    """
    if version:
        typer.echo(f"playground {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def show_list(
    what: Annotated[str, typer.Argument(metavar="architectures|datasets|losses|penalties|checkpoints")], as_json: AsJson = False
) -> None:
    """List what there is to choose from."""
    if what not in LISTS:
        raise ValueError(f"unknown list {shorten(what)}; choose from: {', '.join(LISTS)}")
    entries = LISTS[what]()
    if as_json:
        typer.echo(json.dumps(entries))
        return
    for entry in entries:
        missing = "" if entry.get("on_disk", True) else "  [not on disk]"
        typer.echo(f"{entry['name']}: {entry['title']}{missing}\n    {entry['summary']}")


def _architectures() -> list[dict[str, Any]]:
    from playground.architectures import ARCHITECTURES

    keys = ("name", "title", "summary", "year", "paper", "kinds", "conditional")
    return [{key: getattr(entry, key) for key in keys} for entry in ARCHITECTURES.values()]


def _datasets() -> list[dict[str, Any]]:
    from playground.datasets import DATASETS, data_root

    keys = ("name", "title", "summary", "credits", "licence", "download_bytes")
    return [
        {key: getattr(entry, key) for key in keys}
        | {"shape": entry.spec(entry.config()).shape, "on_disk": entry.available(data_root())}
        for entry in DATASETS.values()
    ]


def _losses() -> list[dict[str, Any]]:
    from playground.losses import LOSSES

    return [{key: getattr(entry, key) for key in ("name", "title", "summary")} for entry in LOSSES.values()]


def _penalties() -> list[dict[str, Any]]:
    from playground.penalties import PENALTIES

    return [{key: getattr(entry, key) for key in ("name", "title", "summary", "weight")} for entry in PENALTIES.values()]


def _checkpoints() -> list[dict[str, Any]]:
    from playground.architectures import ARCHITECTURES
    from playground.checkpoint import load, shipped
    from playground.datasets import DATASETS

    entries = []
    for path in shipped():
        model = load(path)
        architecture, dataset = model.experiment.architecture, model.experiment.dataset
        entry = {
            "name": path.stem,
            "title": f"{ARCHITECTURES[architecture].title} on {DATASETS[dataset].title}",
            "summary": f"{model.step:,} steps of training; {path.stat().st_size / 1e6:.1f} MB.",
        }
        entries.append(entry | {"architecture": architecture, "dataset": dataset, "step": model.step, "file": str(path)})
    return entries


LISTS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "architectures": _architectures,
    "datasets": _datasets,
    "losses": _losses,
    "penalties": _penalties,
    "checkpoints": _checkpoints,
}


@app.command()
def shapes(
    architecture: Annotated[str, typer.Argument(metavar="ARCHITECTURE")],
    resolution: Annotated[int, whole("Height and width of the images: 16, 32 or 64.")] = 32,
    channels: Annotated[int, whole("1 for grey, 3 for colour.")] = 1,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Show the size of every feature map; nothing is run."""
    from playground.experiment import Experiment
    from playground.inspection import shape_table

    if channels not in DATASET_OF_CHANNELS:
        raise ValueError(f"channels {channels} is not one of: {', '.join(map(str, DATASET_OF_CHANNELS))}")
    wanted = {"architecture": architecture, "dataset": DATASET_OF_CHANNELS[channels], "data.resolution": resolution}
    result = shape_table(Experiment.from_settings(wanted | read_settings(settings), trusted=True))
    typer.echo(json.dumps(result.to_json()) if as_json else shape_report(result))
    if result.problem:
        note(f"error: {result.problem.network}, stage {result.problem.stage}: {result.problem.sentence}")
        raise typer.Exit(MISUSED)


@app.command()
def sample(
    checkpoint: Checkpoint,
    output: Annotated[
        pathlib.Path, typer.Option(metavar="FILE", help="A sheet (.png), or an array `samples`, uint8 N×H×W×C (.npz).")
    ],
    count: Annotated[int, whole(f"How many: up to {MAX_PICTURES:,} in a .png, {MAX_SAMPLES:,} in a .npz.")] = 64,
    seed: Annotated[int, whole("Fixes the latents.")] = 0,
    label: Annotated[int | None, whole("One class only, of a conditional model; by default all in turn.")] = None,
) -> None:
    """Draw samples from a checkpoint."""
    import numpy as np

    from playground.experiment import MAX_SEED
    from playground.exporting import grid, save_picture

    suffix = check_output(output, (".png", ".npz"))
    check_whole("count", count, 1, MAX_PICTURES if suffix == ".png" else MAX_SAMPLES)
    check_whole("seed", seed, 0, MAX_SEED)
    model = open_checkpoint(checkpoint)
    images = model.sample(count, seed, label)
    columns = model.experiment.num_classes if label is None else 0  # a class a column
    with whole_file(output) as file:
        if suffix == ".npz":
            np.savez_compressed(file, samples=images)
        else:
            save_picture(
                file,
                grid(images, columns=columns or None),
                settings=origin(model, checkpoint, count=count, seed=seed, label=label),
            )
    note(f"saved {output}")


@app.command()
def evaluate(
    checkpoint: Checkpoint,
    count: Annotated[int, whole("How many made samples, against as many real ones: 10 to 10,000.")] = 2000,
    seed: Annotated[int, whole("Fixes latents and the choice of real samples.")] = 0,
    inception: Annotated[
        pathlib.Path | None,
        typer.Option(metavar="WEIGHTS_FILE", help="Also the usual FID, by torch-fidelity's InceptionV3 with these weights."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how good a checkpoint's samples are, beside real ones and an untrained generator."""
    import dataclasses

    from playground.datasets import DATASETS, data_root
    from playground.evaluation import evaluate

    experiment = (model := open_checkpoint(checkpoint)).experiment
    dataset = DATASETS[experiment.dataset]
    try:
        samples = dataset.load(experiment.data, data_root())
        test = dataset.load_test(experiment.data, data_root()) if dataset.load_test else None
    except FileNotFoundError as error:
        note(f"error: {sentence(error)} python -m playground train --dataset {dataset.name} does that.")
        raise typer.Exit(FAILED) from None
    result = evaluate(model, samples, test, count, seed, inception)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(result)))
        return
    cells = [(score.name, *map(_short, (score.value, score.floor, score.untrained))) for score in result.scores]
    typer.echo("\n".join(table([("figure", "value", "floor", "untrained"), *cells], right=(1, 2, 3))))
    note(result.note)


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


@app.command()
def benchmark(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One benchmark; by default all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure speed, quality and latency."""
    from playground.benchmark import run

    raise typer.Exit(run(name, as_json))


for command in (train, interpolate, plane, timeline, fork, compare, rank, smoothness, solve, directions, invert, ladder):
    app.command()(command)
app.command("map")(draw_map)


if __name__ == "__main__":
    app()
