"""How samples are compared with real ones: one file a kind of sample, found by themselves."""

from __future__ import annotations

from playground.evaluation.gauges._gauge import Gauge
from playground.registry import Registry, discover

GAUGES: Registry[Gauge] = Registry("kind of sample", discover(__name__, __path__, "GAUGE"))

__all__ = ["GAUGES", "Gauge"]
