"""The command `invert`: find the place in latent space whose sample comes nearest to a picture."""

from __future__ import annotations

import json
import pathlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground._cli import AsJson, Checkpoint, check_output, interruptions, note, number, open_checkpoint, whole, whole_file
from playground.config import shorten

if TYPE_CHECKING:
    import numpy as np

    from playground.latent import Inversion
    from playground.model import Model

SCALE = 4
MAX_READ = 20_000_001  # a byte more than is taken


def invert(
    checkpoint: Checkpoint,
    image: Annotated[pathlib.Path, typer.Argument(metavar="IMAGE", help="A picture: PNG, JPEG, WebP, BMP or GIF.")],
    output: Annotated[
        pathlib.Path,
        typer.Option(metavar="FILE", help="Target and sample side by side (.png), or the code's numbers (.npy)."),
    ],
    label: Annotated[int | None, whole("The class, of a conditional model; by default whichever comes nearest.")] = None,
    seed: Annotated[int, whole("Fixes the random latents that the search starts from.")] = 0,
    starts: Annotated[int, whole("How many of them are improved together.")] = 24,
    seconds: Annotated[float | None, number("At most so long; by default as long as it takes.")] = None,
    as_is: Annotated[bool, typer.Option("--as-is", help="Do not swap light and dark, nor centre the drawing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find the latent whose sample comes nearest to a picture."""
    from playground.latent import Inversion, prepare_target, read_picture
    from playground.latent import invert as search

    suffix = check_output(output, (".png", ".npy"))
    if not image.is_file():
        raise ValueError(f"there is no picture {shorten(str(image))}")
    model = open_checkpoint(checkpoint)
    with image.open("rb") as file:
        picture = read_picture(file.read(MAX_READ))
    plain = {"invert_colours": False, "centre": False} if as_is else {}
    target = prepare_target(model.experiment, picture, **plain)
    with interruptions() as stopped:
        *_, found = search(model, target, label=label, seed=seed, starts=starts, seconds=seconds, stop=stopped)
    assert isinstance(found, Inversion)
    said = _said(found)
    _save(output, suffix, model, checkpoint, target, found, {"seed": seed, "starts": starts} | said)
    if as_json:
        typer.echo(json.dumps(said))
    note(f"off by {found.error:.4f}, the nearest random sample by {found.drawn_error:.4f} (root mean square)")
    note(f"saved {output}")


def _said(found: Inversion) -> dict[str, Any]:
    from playground.latent.points import write_point

    figures = {"error": found.error, "drawn_error": found.drawn_error, "drawn": found.drawn, "exact": found.exact}
    return figures | {"steps": found.step, "point": write_point(found.point)}


def _save(
    output: pathlib.Path,
    suffix: str,
    model: Model,
    checkpoint: str,
    target: np.ndarray,
    found: Inversion,
    said: dict[str, Any],
) -> None:
    import numpy as np

    from playground.exporting import save_picture
    from playground.exporting.pictures import strip
    from playground.samples import to_pixels

    with whole_file(output) as file:
        if suffix == ".npy":
            np.save(file, found.point.code.cpu().numpy())
            return
        pictures = np.stack([target, to_pixels(found.sample[None])[0]])
        origin = {"experiment": model.experiment.settings(), "checkpoint": pathlib.Path(checkpoint).name, "step": model.step}
        save_picture(file, strip(pictures, scale=SCALE), settings=origin | said)
