"""The command that walks through latent space."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Annotated, Any

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
    from playground.latent import Walked
    from playground.model import Model

FRAMES_PER_ROW = 16
SUFFIXES = (".png", ".gif", ".webp", ".mp4", ".npy")


def interpolate(
    checkpoint: Checkpoint,
    output: Annotated[
        pathlib.Path,
        typer.Option(metavar="FILE", help="An animation (.gif, .webp, .mp4), a sheet (.png), or each frame's codes (.npy)."),
    ],
    seeds: Annotated[str | None, typer.Option(metavar="1,2,3", help="The way points, at least two.")] = None,
    random_walk: Annotated[int | None, whole("Instead of way points: wander at random from this seed, and back.")] = None,
    frames: Annotated[int, whole("How many pictures along the way.")] = 64,
    method: Annotated[str, typer.Option(metavar="NAME", help="slerp, along the sphere, or lerp, straight.")] = "slerp",
    classes: Annotated[
        str | None, typer.Option(metavar="3,8", help="The class at each way point, or one for all, of a conditional model.")
    ] = None,
    space: Annotated[
        str, typer.Option(metavar="NAME", help="z, or w of a model with styles, straight whatever --method.")
    ] = "z",
    speed: Annotated[
        str, typer.Option(metavar="NAME", help="plain, or as even as it looks, by pixels or by features.")
    ] = "plain",
    truncation: Annotated[float, number("Towards the middle of the space: 1 not at all, 0 all the way.")] = 1.0,
    loop: Annotated[
        bool, typer.Option("--loop", help="Back to the first point; without, an animation plays there and back.")
    ] = False,
) -> None:
    """Walk through latent space from seed to seed."""
    suffix = check_output(output, SUFFIXES)
    if (seeds is None) == (random_walk is None):
        raise ValueError("give either --seeds or --random-walk")
    points = None if seeds is None else read_whole_numbers(seeds, "--seeds")
    labels = None if classes is None else read_whole_numbers(classes, "--classes")
    model = open_checkpoint(checkpoint)
    call = {"frames": frames, "space": space, "speed": speed, "truncation": truncation}
    if points is None:
        walked = _wandered(model, random_walk, labels, call)
        place = {"random_walk": random_walk, "classes": labels}
    else:
        call |= {"method": method, "loop": loop}
        walked = _led(model, points, labels, call)
        place = {"seeds": points, "classes": labels}
    _write(output, suffix, walked, origin(model, checkpoint, **place, **call))


def _led(model: Model, seeds: list[int], classes: list[int] | None, call: dict[str, Any]) -> Walked:
    from playground.latent import walk
    from playground.latent.interpolation import check_path
    from playground.latent.walks import seed_points

    check_path(len(seeds), call["frames"], call["method"])
    return walk(model, seed_points(model, seeds, classes), **call)


def _wandered(model: Model, seed: int | None, classes: list[int] | None, call: dict[str, Any]) -> Walked:
    from playground.latent import random_walk

    if classes and len(classes) > 1:
        raise ValueError(f"a random walk stays in one class; --classes gives {len(classes)}")
    return random_walk(model, seed, label=classes[0] if classes else None, **call)


def _write(output: pathlib.Path, suffix: str, walked: Walked, settings: dict[str, Any]) -> None:
    import numpy as np

    from playground.exporting import grid, save_animation, save_picture

    with whole_file(output) as file:
        if suffix == ".npy":
            np.save(file, walked.codes.cpu().numpy())
        elif suffix == ".png":
            save_picture(file, grid(walked.images, columns=min(len(walked.images), FRAMES_PER_ROW)), settings=settings)
        else:
            save_animation(file, walked.images, kind=suffix[1:], ping_pong=not walked.route.loop)
    unit = "grey levels of 255" if walked.measure == "pixels" else "by features"
    note(f"a frame changes the picture by {walked.change.mean():.3g} {unit}, give or take {100 * walked.unevenness:.0f} %")
    note(f"saved {output}")
