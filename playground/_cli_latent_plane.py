"""The command that draws a plane through latent space."""

from __future__ import annotations

import pathlib
from typing import Annotated

import typer

from playground._cli import (
    Checkpoint,
    check_output,
    note,
    number,
    open_checkpoint,
    origin,
    read_whole_numbers,
    whole,
    whole_file,
)


def plane(
    checkpoint: Checkpoint,
    seeds: Annotated[str, typer.Option(metavar="1,2,3,4", help="The corners: top left, top right, bottom left, bottom right.")],
    output: Annotated[pathlib.Path, typer.Option(metavar="FILE", help="A sheet (.png).")],
    rows: Annotated[int, whole("Pictures from top to bottom, 2 to 32.")] = 9,
    columns: Annotated[int, whole("Pictures from left to right, 2 to 32.")] = 9,
    classes: Annotated[
        str | None, typer.Option(metavar="3,8,0,1", help="The class at each corner, or one for all, of a conditional model.")
    ] = None,
    space: Annotated[str, typer.Option(metavar="NAME", help="z, or w of a model with styles.")] = "z",
    truncation: Annotated[float, number("Towards the middle of the space: 1 not at all, 0 all the way.")] = 1.0,
) -> None:
    """Draw the plane between three or four seeds."""
    from playground.exporting import grid, save_picture
    from playground.latent import seed_points
    from playground.latent.plane import plane as plane_of

    check_output(output, (".png",))
    corners = read_whole_numbers(seeds, "--seeds")
    labels = None if classes is None else read_whole_numbers(classes, "--classes")
    model = open_checkpoint(checkpoint)
    points = seed_points(model, corners, labels)
    made = plane_of(model, points, rows=rows, columns=columns, space=space, truncation=truncation)
    call = {"seeds": corners, "classes": labels, "rows": rows, "columns": columns, "space": space, "truncation": truncation}
    with whole_file(output) as file:
        save_picture(file, grid(made.images, columns=columns), settings=origin(model, checkpoint, **call))
    note(f"saved {output}")
