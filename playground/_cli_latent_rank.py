"""The commands that look at many seeds: put them in order, and measure how smooth the space between them is."""

from __future__ import annotations

import json
import pathlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playground._cli import AsJson, Checkpoint, check_output, note, open_checkpoint, table, whole, whole_file
from playground.config import check_whole, shorten

if TYPE_CHECKING:
    from playground.latent import PathLength, Ranking
    from playground.latent.path_length import Way
    from playground.model import Model

MAX_SHOWN, COLUMNS = 512, 16
SHOWN = 10  # seeds in a table from either end
BY = "score, typicality or similarity."


def rank(
    checkpoint: Checkpoint,
    by: Annotated[str, typer.Option(metavar="NAME", help=BY)] = "score",
    count: Annotated[int, whole("How many seeds: 1 to 10,000.")] = 1000,
    first: Annotated[int, whole("The first of the seeds.")] = 0,
    to: Annotated[int | None, whole("The seed that the others are compared with by similarity.")] = None,
    label: Annotated[int | None, whole("One class only, of a conditional model; by default the seed's remainder.")] = None,
    top: Annotated[int, whole(f"How many of the best, and of the worst, to show in a .png: 1 to {MAX_SHOWN}.")] = 32,
    output: Annotated[
        pathlib.Path | None, typer.Option(metavar="FILE", help="A sheet: the best above, the worst below (.png).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put seeds in order of D's score, of how typical their samples are, or of how like another one."""
    from playground.experiment import MAX_SEED
    from playground.latent import rank

    if output:
        check_output(output, (".png",))
    check_whole("top", top, 1, MAX_SHOWN)
    check_whole("count", count, 1, 10_000)
    check_whole("first", first, 0, MAX_SEED - count + 1)
    point = None if to is None else {"seed": to} | ({} if label is None else {"label": label})
    model = open_checkpoint(checkpoint)
    ranking = rank(model, range(first, first + count), by=by, to=point, label=label)
    if output:
        call = {"by": by, "count": count, "first": first, "to": to, "label": label, "top": top}
        _save_sheet(output, model, ranking, call | {"checkpoint": pathlib.Path(checkpoint).name})
    _tell(ranking, as_json, quiet=output is not None)


def _save_sheet(output: pathlib.Path, model: Model, ranking: Ranking, call: dict[str, Any]) -> None:
    from playground.exporting import grid, save_picture
    from playground.latent.ranking import seed_samples
    from playground.samples import to_pixels

    seeds = [seed for seed, _ in ranking.ranked()]
    shown = seeds if len(seeds) <= 2 * call["top"] else seeds[: call["top"]] + seeds[-call["top"] :]
    images = to_pixels(seed_samples(model, shown, call["label"]))
    settings = {"experiment": model.experiment.settings(), "step": model.shown_step, **call, "seeds": shown}
    with whole_file(output) as file:
        save_picture(file, grid(images, columns=min(COLUMNS, len(images))), settings=settings)
    note(f"saved {output}")


def _tell(ranking: Ranking, as_json: bool, quiet: bool) -> None:
    ranked = ranking.ranked()
    if as_json:
        rows = [{"seed": seed, "value": value} for seed, value in ranked]
        typer.echo(json.dumps({"by": ranking.by, "measure": ranking.measure, "seeds": rows}))
    elif not quiet:
        shown = [(f"{seed}", f"{value:.4g}") for seed, value in ranked]
        cells = shown if len(shown) <= 2 * SHOWN else [*shown[:SHOWN], ("…", "…"), *shown[-SHOWN:]]
        typer.echo("\n".join(table([("seed", "value"), *cells], right=(0, 1))))
    note(f"{len(ranked):,} seeds by {ranking.by}: {ranking.measure}")


def smoothness(
    checkpoint: Checkpoint,
    count: Annotated[int, whole("How many pairs of latents to walk between: 2 to 10,000.")] = 500,
    seed: Annotated[int, whole("Fixes the pairs.")] = 0,
    space: Annotated[str | None, typer.Option(metavar="z|w", help="By default w where the generator has styles.")] = None,
    method: Annotated[str | None, typer.Option(metavar="NAME", help="slerp or lerp; by default slerp in z, lerp in w.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how smooth a latent space is: perceptual path length, and the detour that walks through it take."""
    import dataclasses

    from playground.latent import path_length

    if space not in (None, "z", "w"):
        raise ValueError(f"unknown space {shorten(space)}; choose from: z, w")
    result = path_length(open_checkpoint(checkpoint), count, seed, space=space, method=method)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(result)))
        return
    typer.echo("\n".join(table(_rows(result), right=(1, 2, 3, 4))))
    note(f"In {result.space} by {result.method}; {result.measure}. Path lengths grow with variety: compare detours.")


def _rows(result: PathLength) -> list[tuple[str, ...]]:
    heads = ("figure", "model", "untrained", "crossfade", "floor")
    sides = (result.model, result.untrained, result.crossfade)
    rows = [("full path length", "full", "0"), ("path length at the ends", "end", "0"), ("detour", "detour", "1")]
    return [heads, *((title, *(_cell(side, name) for side in sides), floor) for title, name, floor in rows)]


def _cell(way: Way, name: str) -> str:
    value, error = getattr(way, name), getattr(way, f"{name}_error")
    return "—" if value is None else f"{value:.4g} ± {error:.1g}" if value < 1000 else f"{value:,.0f} ± {error:,.0f}"
