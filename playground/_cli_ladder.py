"""The command that draws the ladder: every stage's feature maps for one latent, or along a walk."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    import torch

    from playground.model import Model

SUFFIXES = (".png", ".gif", ".webp", ".mp4")


def ladder(
    checkpoint: Checkpoint,
    output: Annotated[
        pathlib.Path, typer.Option(metavar="FILE", help="An animation (.gif, .webp, .mp4), or the first seed's picture (.png).")
    ],
    seeds: Annotated[str, typer.Option(metavar="1,2", help="The way points; for a picture one is enough.")] = "1,2",
    frames: Annotated[int, whole("How many pictures along the way, 2 to 512.")] = 48,
    method: Annotated[str, typer.Option(metavar="NAME", help="slerp, along the sphere, or lerp, straight.")] = "slerp",
    classes: Annotated[
        str | None, typer.Option(metavar="3,8", help="The class at each way point, or one for all, of a conditional model.")
    ] = None,
    fps: Annotated[float, number("Pictures a second, 1 to 50.")] = 12.0,
) -> None:
    """Draw both networks with the feature maps of every stage, for one latent or along a walk."""
    import torch

    from playground.exporting import save_picture
    from playground.inspection import ladder_picture
    from playground.latent.interpolation import check_path, classes_on_path, labels_on_path, path

    suffix = check_output(output, SUFFIXES)
    points = read_whole_numbers(seeds, "--seeds")
    labels = None if classes is None else read_whole_numbers(classes, "--classes")
    if suffix != ".png":
        check_path(len(points), frames, method)
    model = open_checkpoint(checkpoint)
    latents = torch.cat([model.latents(1, seed) for seed in points])
    if suffix == ".png":
        chosen = classes_on_path(model, labels, len(points))
        label = None if chosen is None else torch.tensor(chosen[0])
        with whole_file(output) as file:
            settings = origin(model, checkpoint, seed=points[0], label=None if chosen is None else chosen[0])
            save_picture(file, ladder_picture(model, latents[0], label), settings=settings)
    else:
        way = path(latents, frames, method=method)
        _animate(output, suffix, model, way, labels_on_path(model, labels, len(points), frames), fps)
    note(f"saved {output}")


def _animate(
    output: pathlib.Path, suffix: str, model: Model, latents: torch.Tensor, labels: torch.Tensor | None, fps: float
) -> None:
    """Write the ladder of every latent (N, latent_dim) as an animation that plays there and back."""
    import numpy as np

    from playground.exporting import save_animation
    from playground.inspection import ladder_frames

    pictures = np.stack(list(ladder_frames(model, latents, labels)))
    with whole_file(output) as file:
        save_animation(file, pictures, kind=suffix[1:], fps=fps, scale=1, ping_pong=True)
