"""Every word a person reads, from one file for each language."""

from __future__ import annotations

import functools
import pathlib
import tomllib
from typing import Any

FOLDER = pathlib.Path(__file__).with_name("text")


@functools.cache
def _language(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def words(section: str) -> dict[str, Any]:
    """Return one section of the page's words, a flat mapping of names to sentences with `{gaps}`."""
    return _language("en")[section]


@functools.cache
def lesson(name: str) -> dict[str, Any]:
    """Return a lesson: its `title`, and `sentences` of a `text` with `{gaps}` and what the picture shows for it (`show`)."""
    return tomllib.loads((FOLDER / "lessons" / "en" / f"{name}.toml").read_text(encoding="utf-8"))
