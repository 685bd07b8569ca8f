"""One measured figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A value with its unit, what it measures, and what it is to be compared with. `value` is None when it was not measured."""

    what: str
    value: float | None
    unit: str
    note: str = ""

    def __str__(self) -> str:
        value = "not measured" if self.value is None else f"{self.value:.4g} {self.unit}"
        return f"{self.what:<58} {value:>18}  {self.note}".rstrip()
