"""The shape table of an experiment: what goes into and comes out of every module, computed without running it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from playground.experiment import Experiment
from playground.layers import Row, ShapeError
from playground.layers.sizes import Axis
from playground.model import build_meta, check_size, trace_discriminator, trace_generator


@dataclass(frozen=True)
class Problem:
    """Where a chain of sizes breaks, and a sentence that says why."""

    network: str
    stage: str
    sentence: str


@dataclass(frozen=True)
class ShapeTable:
    """The rows of both networks, in order of execution; `problem` is None when every size meets the next."""

    generator: tuple[Row, ...]
    discriminator: tuple[Row, ...]
    problem: Problem | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain JSON values, with `problem` only where there is one."""
        table: dict[str, Any] = {
            "generator": [asdict(row) for row in self.generator],
            "discriminator": [asdict(row) for row in self.discriminator],
        }
        return table | ({"problem": asdict(self.problem)} if self.problem else {})


def shape_table(experiment: Experiment) -> ShapeTable:
    """Trace both networks of `experiment` on the meta device; nothing is allocated and nothing is run.

    A chain that breaks is no error: its rows end there and `problem` says why. Raises ValueError when a setting
    makes no sense for these networks (a wrong count of stages, say) or they are too large to train.
    """
    generator, discriminator = build_meta(experiment)
    made, problem = _traced("generator", trace_generator, experiment, generator)
    judged, other = _traced("discriminator", trace_discriminator, experiment, discriminator)
    if not (problem or other):
        check_size([*made, *judged], experiment.recipe.batch_size)
    return ShapeTable(tuple(made), tuple(judged), problem or other)


def _traced(name: str, tracer: Callable, experiment: Experiment, network: Any) -> tuple[list[Row], Problem | None]:
    try:
        return tracer(experiment, network), None
    except ShapeError as error:
        return error.rows, Problem(name, error.stage, str(error))


def formula(row: Row) -> str:
    """Write the size formula of a row with its own numbers, `(4 − 1)·2 − 2·1 + 4 = 8`; empty where there is none."""
    if row.type in ("Linear", "SpectralLinear", "EqualisedLinear"):
        return f"{row.input_shape[-1]} × {row.output_shape[-1]} weights"
    if len(row.input_shape) != 3 or len(row.output_shape) != 3:
        return ""
    size, result = row.input_shape[-1], row.output_shape[-1]
    if row.type == "Upsample" or row.type == "PixelShuffle":
        return f"{size}·{result // size} = {result}"
    if row.kernel_size is None or row.stride is None:
        return ""
    if isinstance(row.padding, str):
        return f"same padding: {size} stays {result}"
    extra = row.output_padding
    layer = Axis(extra is not None, row.kernel_size[-1], row.stride[-1], row.padding[-1], extra[-1] if extra else 0)
    return layer.formula(size)
