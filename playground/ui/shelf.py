"""The runs that a visitor keeps: a few, within a bound of memory, to set side by side, go on with, and save."""

from __future__ import annotations

import secrets
import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.evaluation.diagnosis import Diagnosis
from playground.experiment import Experiment
from playground.model import Model
from playground.timeline import Fork, Moment, Run
from playground.ui.words import words

MAX_KEPT = 4
MAX_BYTES = 384 * 2**20
MAX_TITLE = 60  # characters
MAX_VIEWERS = MAX_KEPT + 1
CURRENT = "now"  # what the run of the first tab is called beside the ids of those that are kept


@dataclass(eq=False)
class Kept:
    """One run on the shelf. `mark`, from 1, is its colour and dash; `changes` what its fork changed; `live` that it trains.

    `origin` is the session's run that this is a copy of, while the session has it.
    """

    run: Run
    mark: int
    id: str = field(default_factory=lambda: secrets.token_urlsafe(6))
    note: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    live: bool = False
    diagnosis: Diagnosis | None = None
    origin: weakref.ref[Run] | None = None


@dataclass(frozen=True)
class Plan:
    """A fork that was asked for and waits for its turn: `steps` and `seconds` end it, whichever comes first.

    `current` says that it leaves the run of the first tab; `at` are the steps where a repetition has its records.
    """

    fork: Fork
    title: str
    changes: Mapping[str, Any]
    seconds: float
    steps: int | None
    current: bool = False
    at: tuple[int, ...] = ()


class Shelf:
    """Keep at most `MAX_KEPT` runs in at most `MAX_BYTES`; what was kept longest ago makes room, one that trains never."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.plan: Plan | None = None
        self.sheets: weakref.WeakKeyDictionary[Moment, dict[str, Any]] = weakref.WeakKeyDictionary()
        self.drawing = threading.Lock()  # guards the viewers
        self._viewers: dict[Experiment, Model] = {}

    def add(self, run: Run, *, title: str = "", safe: Kept | None = None, **options: Any) -> tuple[Kept, list[str]]:
        """Put a run on the shelf under a title of its own; return it, and the titles of those that made room.

        `safe` stays. Raises ValueError for a run without moments or larger than the whole shelf.
        """
        if not len(run.timeline):
            raise ValueError(words("shelf")["nothing"])
        if run.timeline.nbytes > MAX_BYTES:
            sizes = {"size": run.timeline.nbytes // 2**20, "limit": MAX_BYTES // 2**20}
            raise ValueError(words("shelf")["too_large"].format(**sizes))
        gone = self.make_room(run.timeline.moments, safe)
        taken = {entry.mark for entry in self.kept}
        mark = next(number for number in range(1, MAX_KEPT + 1) if number not in taken)
        run.title = self.free_title(title or run.name)
        self.kept.append(Kept(run, mark, **options))
        return self.kept[-1], gone

    def make_room(self, coming: Iterable[Moment] = (), safe: Kept | None = None) -> list[str]:
        """Let go of runs until `coming` fits beside the others; without it, until what is there fits. Return their titles."""
        coming, gone = tuple(coming), []
        most = MAX_KEPT - 1 if coming else MAX_KEPT
        while len(self.kept) > most or num_bytes([*self.moments, *coming]) > MAX_BYTES:
            movable = [entry for entry in self.kept if not entry.live and entry is not safe]
            if not movable:
                if len(self.kept) > most:
                    raise ValueError(words("shelf")["full"].format(count=MAX_KEPT))
                break
            self.kept.remove(movable[0])
            gone.append(movable[0].run.title)
        return gone

    def get(self, name: object) -> Kept:
        """Return the run of an id. Raises ValueError with a sentence where there is none."""
        for entry in self.kept:
            if entry.id == name:
                return entry
        raise ValueError(words("shelf")["gone"])

    def copy_of(self, run: Run | None) -> Kept | None:
        """Return the entry that is an earlier state of a session's run, if it is kept."""
        for entry in self.kept:
            known = entry.origin() if entry.origin else None
            if known is not None and known is run and entry.run.experiment == run.experiment:
                return entry
        return None

    def free_title(self, title: str, but: Kept | None = None) -> str:
        """Return a title that no run on the shelf has, with a number behind it where it must be."""
        others = {entry.run.title for entry in self.kept if entry is not but}
        title = " ".join(title.split())[:MAX_TITLE]
        numbered = (f"{title[: MAX_TITLE - 3]} {number}" for number in range(2, MAX_KEPT + 3))
        return title if title not in others else next(found for found in numbered if found not in others)

    @property
    def moments(self) -> list[Moment]:
        """All moments of all runs, those that two share twice."""
        return [moment for entry in self.kept for moment in entry.run.timeline.moments]

    def viewer(self, experiment: Experiment) -> Model:
        """Return networks to look at moments of an experiment's runs with; hold `drawing` while using them."""
        if experiment not in self._viewers:
            if len(self._viewers) >= MAX_VIEWERS:
                del self._viewers[next(iter(self._viewers))]
            self._viewers[experiment] = Model.untrained(experiment)
        return self._viewers[experiment]


def num_bytes(moments: Iterable[Moment]) -> int:
    """Return the memory that moments take, each counted once."""
    return sum(moment.nbytes for moment in {id(moment): moment for moment in moments}.values())
