"""The lines of Python that make again what the page shows of latent space."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from playground.latent.walks import Route


def python_lines(file: str, points: Sequence[dict[str, Any]], *, truncation: float = 1.0) -> str:
    """Write the lines that make the pictures of `points`, as JSON that `read_points` takes, with the model in `file`."""
    imports = "from playground.latent import codes_of, decode, labels_of, read_points"
    made = (
        f"images = to_pixels(decode(model, codes_of(points, model), labels_of(points){_option('truncation', truncation, 1.0)}))"
    )
    shape = f"# uint8 ({len(points)}, height, width, channels)"
    return _joined([*_opening(file, imports, "from playground.samples import to_pixels"), *_points(points), f"{made}  {shape}"])


def walk_lines(file: str, points: Sequence[dict[str, Any]], route: Route) -> str:
    """Write the lines that walk through `points`, as JSON, with the model in `file`."""
    call = f"walked = walk(model, points{_options(route)})"
    return _joined([*_opening(file, "from playground.latent import read_points, walk"), *_points(points), call, *_frames()])


def plane_lines(file: str, points: Sequence[dict[str, Any]], *, truncation: float = 1.0) -> str:
    """Write the lines that make the plane through three or four `points`, as JSON, with the model in `file`."""
    call = f"images = plane(model, points{_option('truncation', truncation, 1.0)}).images"
    shape = "# uint8 (81, height, width, channels), row by row"
    return _joined([*_opening(file, "from playground.latent import plane, read_points"), *_points(points), f"{call}  {shape}"])


def random_lines(file: str, seed: int, label: int | Sequence[float] | None, route: Route) -> str:
    """Write the lines that wander at random from `seed`, with the model in `file`."""
    call = f"walked = random_walk(model, {seed}{_option('label', label, None)}{_options(route, ('method', 'loop'))})"
    return _joined([*_opening(file, "from playground.latent import random_walk"), call, *_frames()])


def _opening(file: str, *imports: str) -> list[str]:
    return ["import playground", *imports, "", f"model = playground.load({json.dumps(file)})"]


def _points(points: Sequence[dict[str, Any]]) -> list[str]:
    return [
        "points = read_points(",
        "    [",
        *(f"        {json.dumps(_essence(point))}," for point in points),
        "    ],",
        "    model,",
        ")",
    ]


def _essence(point: dict[str, Any]) -> dict[str, Any]:
    """Return of a point what is read of it: a link may have added anything, and JSON's null and true are no Python."""
    kind = next(kind for kind in ("seed", "values", "sum") if kind in point)
    value = [[weight, _essence(term)] for weight, term in point[kind]] if kind == "sum" else point[kind]
    return {kind: value} | ({} if point.get("label") is None else {"label": point["label"]})


def _frames() -> list[str]:
    return ["images = walked.images  # uint8 (frames, height, width, channels); walked.codes has the latents"]


def _options(route: Route, without: Sequence[str] = ()) -> str:
    """Write what a route has that is not the default."""
    default = Route()
    return "".join(_option(name, value, getattr(default, name)) for name, value in vars(route).items() if name not in without)


def _option(name: str, value: Any, default: Any) -> str:
    return "" if value == default else f", {name}={value!r}"


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
