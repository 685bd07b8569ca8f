"""Training: `train(experiment)` yields `Snapshot`s, and nothing else leaves it."""

from playground.training.loop import train
from playground.training.snapshot import Snapshot

__all__ = ["Snapshot", "train"]
