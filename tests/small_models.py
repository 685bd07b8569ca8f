"""Untrained models of every architecture, small enough for a test to make many."""

from __future__ import annotations

from playground.experiment import Experiment
from playground.model import Model


def model_of(name: str, **settings) -> Model:
    """Make an untrained model of an architecture on 16×16 digits; `settings` change that, under their own names."""
    return Model.untrained(
        Experiment.from_settings({"architecture": name, "dataset": "digits", "data.resolution": 16} | settings)
    )
