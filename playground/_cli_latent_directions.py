"""The command that finds directions of latent space and shows what they do."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Annotated

import typer

from playground._cli import Checkpoint, check_output, note, open_checkpoint, whole, whole_file
from playground.config import check_whole, shorten

if TYPE_CHECKING:
    from playground.latent import Direction
    from playground.model import Model

METHODS = ("sefa", "pca", "classes")
STRENGTHS = tuple(range(-3, 4))


def directions(
    checkpoint: Checkpoint,
    output: Annotated[
        pathlib.Path,
        typer.Option(
            metavar="FILE",
            help="The directions (.json), or a row of pictures for each, from -3 to 3 standard deviations (.png).",
        ),
    ],
    method: Annotated[
        str,
        typer.Option(
            metavar="sefa|pca|classes",
            help="Factors of the first layer, principal components of a stage, or the way from one class to another.",
        ),
    ] = "sefa",
    stage: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The stage of pca; for sefa, one place where the code enters, by default the first."),
    ] = None,
    count: Annotated[int, whole("How many directions, up to 48.")] = 6,
    seed: Annotated[int, whole("Fixes the point that a .png starts from.")] = 1,
    label: Annotated[int | None, whole("The class of a conditional model, by default 0.")] = None,
    start: Annotated[int | None, whole("The class that a direction between classes leaves.")] = None,
    stop: Annotated[int | None, whole("The class that it leads to.")] = None,
) -> None:
    """Find directions of latent space, and save them or pictures of what they do."""
    from playground.experiment import MAX_SEED
    from playground.latent import save_directions

    suffix = check_output(output, (".json", ".png"))
    check_whole("seed", seed, 0, MAX_SEED)
    if method not in METHODS:
        raise ValueError(f"unknown method {shorten(method)}; choose from: {', '.join(METHODS)}")
    model = open_checkpoint(checkpoint)
    found = _found(model, method, stage, count, label, (start, stop))
    with whole_file(output) as file:
        if suffix == ".json":
            save_directions(file, found)
        else:
            _save_strips(file, model, found, seed, label, pathlib.Path(checkpoint).name)
    for direction in found:
        note(direction.name if direction.share is None else f"{direction.name}: {100 * direction.share:.1f}%")
    note(f"saved {output}")


def _found(
    model: Model, method: str, stage: str | None, count: int, label: int | None, classes: tuple[int | None, int | None]
) -> list[Direction]:
    from playground.latent import class_direction, factors, principal_components

    labels = model.labels(1, label) if label is not None else None
    if method == "sefa":
        return factors(model, count, at=None if stage is None else (stage,))
    if method == "pca":
        if stage is None:
            raise ValueError("pca needs --stage; python -m playground shapes shows the stages of an architecture")
        return principal_components(model, stage, count, label=None if labels is None else labels[0])
    if None in classes:
        raise ValueError("a direction between classes needs --start and --stop")
    return [class_direction(model, *classes)]


def _save_strips(file: object, model: Model, found: list[Direction], seed: int, label: int | None, name: str) -> None:
    from playground.exporting import grid, save_picture
    from playground.latent.direction_files import write_direction
    from playground.latent.directions import strips

    labels = model.labels(1, 0 if label is None else label) if model.experiment.num_classes else None
    pictures = strips(model, model.latents(1, seed), found, STRENGTHS, labels)
    settings = {"experiment": model.experiment.settings(), "checkpoint": name, "step": model.step, "seed": seed, "label": label}
    settings |= {"strengths": list(STRENGTHS), "directions": [write_direction(direction) for direction in found]}
    save_picture(file, grid(pictures, columns=len(STRENGTHS)), settings=settings)
