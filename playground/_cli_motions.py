"""The command that plays every content in every motion."""

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
    whole_file,
)

SUFFIXES = (".gif", ".webp", ".mp4", ".png")
MOST = 12  # rows and columns


def motions(
    checkpoint: Checkpoint,
    output: Annotated[
        pathlib.Path, typer.Option(metavar="FILE", help="An animation (.gif, .webp, .mp4), or one still picture (.png).")
    ],
    contents: Annotated[str, typer.Option(metavar="1,2,3", help="Seeds of what is seen: a row each.")] = "1,2,3,4",
    motions: Annotated[
        str | None, typer.Option(metavar="5,6,7", help="Seeds of how it moves: a column each; by default those of --contents.")
    ] = None,
    fps: Annotated[float | None, number("Frames a second, 1 to 50; by default those of the data.")] = None,
    truncation: Annotated[float, number("Towards the middle of the space: 1 not at all, 0 all the way.")] = 1.0,
) -> None:
    """Play every content in every motion, for a model that tells them apart (mocogan)."""
    import torch

    from playground.exporting import film_grid, grid, save_animation, save_picture
    from playground.latent import content_motion
    from playground.latent.spaces import check_truncation

    suffix = check_output(output, SUFFIXES)
    rows = _seeds(contents, "--contents")
    columns = rows if motions is None else _seeds(motions, "--motions")
    check_truncation(truncation)
    model = open_checkpoint(checkpoint)
    latents = [torch.cat([model.latents(1, seed) for seed in seeds]) for seeds in (rows, columns)]
    made, spec = content_motion(model, *latents, truncation=truncation), model.experiment.spec
    films, pictures = (cells.reshape(-1, *cells.shape[2:]) for cells in (made.frames, made.pictures))
    with whole_file(output) as file:
        if suffix == ".png":
            call = {"contents": rows, "motions": columns, "truncation": truncation}
            save_picture(file, grid(pictures, columns=len(columns), scale=4), settings=origin(model, checkpoint, **call))
        else:
            save_animation(file, film_grid(films, columns=len(columns)), kind=suffix[1:], fps=fps or spec.rate or 10.0)
    note(f"saved {output}")


def _seeds(text: str, option: str) -> list[int]:
    from playground.config import check_whole
    from playground.experiment import MAX_SEED

    seeds = read_whole_numbers(text, option)
    if not 1 <= len(seeds) <= MOST:
        raise ValueError(f"{option} takes 1 to {MOST} seeds, not {len(seeds)}")
    for seed in seeds:
        check_whole("a seed", seed, 0, MAX_SEED)
    return seeds
