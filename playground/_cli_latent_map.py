"""The command that lays out samples on a map."""

from __future__ import annotations

import json
import pathlib
import sys
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from playground._cli import AsJson, Checkpoint, check_output, note, number, open_checkpoint, sentence, whole, whole_file

if TYPE_CHECKING:
    from playground.evaluation import SampleMap
    from playground.model import Model
    from playground.samples import Samples


def draw_map(
    checkpoint: Checkpoint,
    output: Annotated[
        pathlib.Path,
        typer.Option(metavar="FILE", help="A picture (.png), or places, classes, seeds and holes (.npz, .json)."),
    ],
    method: Annotated[
        str, typer.Option(metavar="NAME", help="pca, directions of most variety, or tsne, neighbours together.")
    ] = "pca",
    count: Annotated[int, whole("How many made samples, and as many real ones: 20 to 2,000.")] = 1000,
    seed: Annotated[int, whole("Fixes latents and the choice of real samples.")] = 0,
    truncation: Annotated[float, number("How far from the middle latents lie: 1 leaves them, 0 makes all the same.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Lay out made samples and real ones by how alike they are, and find what the generator misses."""
    from playground.latent import sample_map

    suffix = check_output(output, (".png", ".npz", ".json"))
    model = open_checkpoint(checkpoint)
    call = {"count": count, "method": method, "seed": seed, "truncation": truncation}
    found = sample_map(model, _real(model), **call, progress=_Progress().show)
    with whole_file(output) as file:
        _write(file, suffix, found, model, {"checkpoint": pathlib.Path(checkpoint).name, **call})
    if as_json:
        typer.echo(json.dumps(_summary(found, model)))
    else:
        _tell(found, model)
    note(f"saved {output}")


def _real(model: Model) -> Samples | None:
    from playground.datasets import DATASETS, data_root

    dataset = DATASETS[model.experiment.dataset]
    try:
        return dataset.load(model.experiment.data, data_root())
    except (FileNotFoundError, ValueError) as error:
        note(f"{sentence(error)} The map is of made samples alone.")
        return None


class _Progress:
    """Say on a terminal how far it is; elsewhere nothing, for it takes seconds."""

    def show(self, share: float, stage: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{share:4.0%} {stage}\x1b[K" + "\r\x1b[K" * (stage == "cover"))
            sys.stderr.flush()


def _write(file: BinaryIO, suffix: str, found: SampleMap, model: Model, call: dict[str, Any]) -> None:
    import numpy as np

    from playground.exporting import map_picture, save_picture

    settings = {"experiment": model.experiment.settings(), "step": model.shown_step, **call}
    if suffix == ".png":
        save_picture(file, map_picture(found), settings=settings)
    elif suffix == ".npz":
        np.savez_compressed(file, **_arrays(found))
    else:
        lists = {name: array.tolist() for name, array in _arrays(found).items()}
        file.write(json.dumps(settings | _summary(found, model) | lists).encode())


def _arrays(found: SampleMap) -> dict[str, Any]:
    arrays = {name: getattr(found, name) for name in ("positions", "real", "classes", "indices", "seeds")}
    if found.labels is not None:
        arrays["labels"] = found.labels
    if found.coverage is not None:
        arrays["covered"] = found.coverage.covered
    return arrays


def _summary(found: SampleMap, model: Model) -> dict[str, Any]:
    coverage, projection = found.coverage, found.projection
    return {
        "space": found.space,
        "real_samples": int(found.real.sum()),
        "made_samples": len(found.seeds),
        "explained": None if projection is None else projection.explained.tolist(),
        "coverage": None if coverage is None else coverage.share,
        "floor": None if coverage is None else coverage.floor,
        "holes": [_hole(found, hole, model) for hole in coverage.holes] if coverage else [],
    }


def _hole(found: SampleMap, hole: Any, model: Model) -> dict[str, Any]:
    common, names = found.commonest(hole.rows), model.experiment.spec.classes
    mostly = {"class": names[common[0]], "class_share": common[1]} if common and common[0] < len(names) else {}
    numbers = {"missing": len(hole.rows), "size": hole.size, "expected": hole.expected}
    return {"circle": found.circle(hole.rows), "rows": hole.rows.tolist()} | numbers | mostly


def _tell(found: SampleMap, model: Model) -> None:
    if found.coverage is None:
        return
    coverage = found.coverage
    typer.echo(f"coverage {coverage.share:.3f} (floor {coverage.floor:.3f}) by {found.space}; holes: {len(coverage.holes)}")
    for hole in coverage.holes:
        told = _hole(found, hole, model)
        mostly = f", {told['class_share']:.0%} of them {told['class']}" if "class" in told else ""
        typer.echo(f"  {told['missing']} of {told['size']} real samples missing{mostly}; expected {told['expected']:.0%}")
