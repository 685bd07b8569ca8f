"""A named collection that fills itself from the modules of a package, one entry a file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Registry(Mapping[str, T], Generic[T]):
    """Map names to entries, in the order of their `order` attribute where they have one, read-only once filled."""

    def __init__(self, kind: str, entries: list[T]) -> None:
        self.kind = kind
        self._entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> T:
        """Return the entry called `name`. Raises ValueError naming the choices when there is none."""
        if not isinstance(name, str) or name not in self._entries:
            raise ValueError(f"unknown {self.kind} {str(name)[:60]!r}; choose from: {', '.join(self._entries)}")
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def discover(package: str, path: list[str], attribute: str) -> list:
    """Import every public module of `package` and collect its `attribute`, sorted by (order, name)."""
    names = sorted(info.name for info in pkgutil.iter_modules(path) if not info.name.startswith("_"))
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    return sorted((getattr(module, attribute) for module in modules), key=lambda entry: (entry.order, entry.name))
