"""The time machine: a run whose moments are kept, to rewind, fork, compare, look at side by side, save and reopen."""

from playground.timeline.comparing import Comparison, compare
from playground.timeline.files import load_run, save_run
from playground.timeline.forking import Fork, fork
from playground.timeline.moments import Moment, Timeline
from playground.timeline.pictures import film, grid
from playground.timeline.run import Parent, Run

__all__ = [
    "Comparison", "Fork", "Moment", "Parent", "Run", "Timeline",
    "compare", "film", "fork", "grid", "load_run", "save_run",
]  # fmt: skip
