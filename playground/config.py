"""Settings as frozen dataclasses whose fields carry their own help, range and choices.

The metadata written here once serves the range checks, the command line's ``--set``, the links that
people share and the controls on the page.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def field(
    default: Any,
    *,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[Any, ...] = (),
    private: bool = False,
    advanced: bool = True,
) -> Any:
    """Declare one setting of a dataclass.

    `low` and `high` are inclusive; for a tuple they and `choices` bound each element. A `private` setting
    (a path on this machine, say) never enters a link or a checkpoint and is never read from one.
    """
    metadata = {"help": help, "low": low, "high": high, "choices": choices, "private": private, "advanced": advanced}
    return dataclasses.field(default=default, metadata=metadata)


def check(config: Any) -> None:
    """Raise a ValueError naming the first setting of the wrong type or out of range. Call it in `__post_init__`."""
    for spec in dataclasses.fields(config):
        if spec.metadata:
            _check_value(spec, getattr(config, spec.name))


def parse(cls: type[T], values: Mapping[str, Any], *, base: T | None = None) -> T:
    """Build `cls` from plain values (strings, numbers, lists), starting from `base` or the defaults.

    Raises ValueError naming an unknown setting, a value of the wrong type, or one out of range.
    """
    specs = {spec.name: spec for spec in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for name in values:
        if name not in specs:
            raise ValueError(f"unknown setting {shorten(name)}; choose from: {', '.join(specs)}")
    converted = {name: _convert(specs[name], value) for name, value in values.items()}
    return cls(**converted) if base is None else dataclasses.replace(base, **converted)  # type: ignore[type-var]


def differences(config: Any, base: Any) -> dict[str, Any]:
    """Return the public settings in which `config` differs from `base`, as plain JSON values."""
    changed = {}
    for spec in dataclasses.fields(config):
        value = getattr(config, spec.name)
        if not spec.metadata.get("private") and value != getattr(base, spec.name):
            changed[spec.name] = list(value) if isinstance(value, tuple) else value
    return changed


def _convert(spec: dataclasses.Field, value: Any) -> Any:
    default = spec.default
    if isinstance(default, tuple):
        items = value.split(",") if isinstance(value, str) else value if isinstance(value, (list, tuple)) else [value]
        return tuple(_scalar(spec, type(default[0]), item) for item in items)
    return _scalar(spec, type(default), value)


def _scalar(spec: dataclasses.Field, kind: type, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if kind is bool:
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() in words:
            return words[str(value).lower()]
        raise ValueError(f"{spec.name} must be true or false, not {shorten(value)}")
    if kind is str:
        return str(value)
    try:
        number = float(value)
        if kind is int and not (math.isfinite(number) and number == int(number)):
            raise ValueError
        return int(number) if kind is int else number
    except (TypeError, ValueError, OverflowError):
        what = "a whole number" if kind is int else "a number"
        raise ValueError(f"{spec.name} must be {what}, not {shorten(value)}") from None


def _check_value(spec: dataclasses.Field, value: Any) -> None:
    default, limits = spec.default, spec.metadata
    if isinstance(default, tuple):
        if not isinstance(value, tuple) or not 1 <= len(value) <= 8:
            raise ValueError(f"{spec.name} takes one value for all stages or one for each, not {shorten(value)}")
        for item in value:
            _check_scalar(spec.name, limits, type(default[0]), item)
    else:
        _check_scalar(spec.name, limits, type(default), value)


def _check_scalar(name: str, limits: Mapping[str, Any], kind: type, value: Any) -> None:
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} must be of type {kind.__name__}, not {shorten(value)}")
    if limits["choices"] and value not in limits["choices"]:
        raise ValueError(f"{name} {shorten(value)} is not one of: {', '.join(map(str, limits['choices']))}")
    low, high = limits["low"], limits["high"]
    if low is not None and not low <= value <= high:  # also refuses NaN
        raise ValueError(f"{name} must be between {low:.10g} and {high:.10g}, not {shorten(value)}")


def check_whole(name: str, value: int, low: int, high: int) -> None:
    """Raise ValueError unless `value` is a whole number from `low` to `high`."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number between {low} and {high}, not {shorten(value)}")


def shorten(value: Any, length: int = 60) -> str:
    """Return `value` in quotes for an error message, cut to `length` characters (it may come from a stranger)."""
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"
