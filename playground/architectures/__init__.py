"""The zoo: one file an architecture, found by themselves."""

from __future__ import annotations

from playground.architectures._architecture import Architecture
from playground.registry import Registry, discover

ARCHITECTURES: Registry[Architecture] = Registry("architecture", discover(__name__, __path__, "ARCHITECTURE"))

__all__ = ["ARCHITECTURES", "Architecture"]
