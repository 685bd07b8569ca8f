"""Directions as JSON, for files and the page: small, and safe to open from a stranger.

    {"schema": 1, "model": {…}, "directions": [{"name", "space", "method", "stages", "share", "values"}, …]}

`model` is the `model_key`, the same for all; `values` is base64 of little-endian float32.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from playground.config import shorten
from playground.latent.directions import Direction, check_model, model_key
from playground.model import Model

SCHEMA = 1
MAX_BYTES = 2**20
MAX_SAVED = 64
MAX_NUMBERS = 4096
MAX_VALUE = 1000.0  # far beyond what one standard deviation of any trained model comes to
File = str | os.PathLike | BinaryIO


def save_directions(file: File, directions: Sequence[Direction]) -> None:
    """Write directions of one model as JSON, to a path or a file open for bytes. Raises ValueError for none or too many."""
    text = json.dumps(write_directions(directions), indent=1).encode()
    if isinstance(file, (str, os.PathLike)):
        with open(file, "wb") as opened:
            opened.write(text)
    else:
        file.write(text)


def load_directions(file: File, model: Model) -> list[Direction]:
    """Read directions for `model`. At most 1 MiB of the file is read.

    Raises ValueError for what is no such file, is damaged, or holds directions of another model, naming that.
    """
    if isinstance(file, (str, os.PathLike)):
        with open(file, "rb") as opened:
            return load_directions(opened, model)
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"a file of directions has at most {MAX_BYTES:,} bytes")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("this is not a file of directions, or it is damaged") from None
    return read_directions(content, model)


def write_directions(directions: Sequence[Direction]) -> dict[str, Any]:
    """Write directions of one model as plain JSON values. Raises ValueError for none, too many, or several models."""
    if not 1 <= len(directions) <= MAX_SAVED:
        raise ValueError(f"a file holds 1 to {MAX_SAVED} directions, not {len(directions)}")
    if len({direction.model for direction in directions}) > 1:
        raise ValueError("a file holds directions of one model, not of several")
    return {
        "schema": SCHEMA,
        "model": json.loads(directions[0].model),
        "directions": [write_direction(direction) for direction in directions],
    }


def read_directions(content: Any, model: Model) -> list[Direction]:
    """Read what `write_directions` wrote. Raises ValueError as `load_directions`."""
    if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
        raise ValueError("this is not a file of directions, or it is damaged")
    if content["schema"] != SCHEMA:
        raise ValueError(f"the directions are of version {shorten(content['schema'])}; this program reads {SCHEMA}")
    specs = content.get("directions")
    if not isinstance(specs, list) or not 1 <= len(specs) <= MAX_SAVED:
        raise ValueError(f"directions must be a list of 1 to {MAX_SAVED}, not {shorten(specs)}")
    key = json.dumps(content.get("model"), sort_keys=True)
    return [read_direction(spec, model, key) for spec in specs]


def write_direction(direction: Direction) -> dict[str, Any]:
    """Write one direction, without its model, as plain JSON values."""
    values = base64.b64encode(np.asarray(direction.vector, "<f4").tobytes()).decode()
    stages = None if direction.stages is None else list(direction.stages)
    spec = {"name": direction.name, "space": direction.space, "method": direction.method}
    return spec | {"stages": stages, "share": direction.share, "values": values}


def read_direction(spec: Any, model: Model, key: str | None = None) -> Direction:
    """Read one direction of the model known by `key`, by default this one. Raises ValueError naming what is wrong with it."""
    if not isinstance(spec, dict):
        raise ValueError(f"a direction must be an object, not {shorten(spec)}")
    stages = _stages(spec.get("stages"))
    texts = {name: spec.get(name) for name in ("name", "space", "method")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"a direction's {name} must be text, not {shorten(text)}")
    key = model_key(model.experiment) if key is None else key
    direction = Direction(
        **texts, vector=_values(spec.get("values")), model=key, stages=stages, share=_share(spec.get("share"))
    )
    check_model(direction, model)
    return direction


def _values(text: Any) -> np.ndarray:
    try:
        if len(text) > 8 * MAX_NUMBERS:
            raise ValueError
        numbers = np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
    except (TypeError, ValueError, binascii.Error):
        raise ValueError(f"values must be base64 of up to {MAX_NUMBERS} float32 numbers, not {shorten(text)}") from None
    if not numbers.size or not np.isfinite(numbers).all() or np.abs(numbers).max() > MAX_VALUE:
        raise ValueError(f"values must be numbers between -{MAX_VALUE:.0f} and {MAX_VALUE:.0f}")
    return numbers


def _stages(names: Any) -> tuple[str, ...] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not 1 <= len(names) <= 16 or not all(isinstance(name, str) for name in names):
        raise ValueError(f"stages must be empty or a list of 1 to 16 names, not {shorten(names)}")
    return tuple(names)


def _share(share: Any) -> float | None:
    if share is None:
        return None
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1.001:
        raise ValueError(f"share must be empty or a number from 0 to 1, not {shorten(share)}")
    return float(share)
