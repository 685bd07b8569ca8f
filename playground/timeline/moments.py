"""A bounded store of a run's moments, thinned as it grows so that they stay spread over the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from playground.config import shorten
from playground.training import Snapshot

MAX_MOMENTS = 48
MAX_BYTES = 128 * 2**20
MIN_MOMENTS = 3  # kept however large they are: the first, the newest, and one to go back to


@dataclass(frozen=True, eq=False)
class Moment:
    """Hold what resuming a run from one step needs: a snapshot's `state`, never copied, with its counters."""

    step: int
    samples_seen: int
    seconds: float
    state: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, state: Mapping[str, np.ndarray]) -> Moment:
        """Wrap a snapshot's `state`. Raises ValueError for arrays that carry no counters."""
        try:
            step, samples_seen, seconds = (float(state[name]) for name in ("step", "samples_seen", "seconds"))
            return cls(int(step), int(samples_seen), seconds, state)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise ValueError("a moment needs the state of a snapshot, with its step, samples_seen and seconds") from None

    @cached_property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        return sum(value.nbytes for value in self.state.values())


class Timeline:
    """Keep at most `max_moments` moments in at most `max_bytes`, the first and the newest always among them.

    What is dropped is the moment whose absence leaves the smallest gap, and gaps are measured in the square root of
    the step. Early training changes fast, so an even spread would show the birth of the pictures in two or three
    moments. A logarithm would err the other way: of ten doublings to step 1,000 the first four pass before a second
    moment comes, and half of the run would have a tenth of the moments, too few to go back to where it broke. With
    the square root, a third of the moments lie in the first tenth of the run and 30% in its second half.
    No gap is wider than twice what an even spread would have, unless the moments came further apart than that: what
    dropping each of them would leave adds up to at most twice the whole, and the smallest is at most the mean.
    """

    def __init__(self, max_moments: int = MAX_MOMENTS, max_bytes: int = MAX_BYTES) -> None:
        if max_moments < MIN_MOMENTS:
            raise ValueError(f"max_moments must be at least {MIN_MOMENTS}, not {shorten(max_moments)}")
        self.max_moments, self.max_bytes = max_moments, max_bytes
        self._moments: list[Moment] = []

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments kept, by step."""
        return tuple(self._moments)

    @property
    def nbytes(self) -> int:
        """How much memory the moments take."""
        return sum(moment.nbytes for moment in self._moments)

    def add(self, source: Snapshot | Mapping[str, np.ndarray]) -> Moment | None:
        """Keep a snapshot, or its `state`, as the newest moment; return it, or None for a snapshot without a state.

        A run that went back to an earlier step takes another course from there: moments from that step on are dropped.
        """
        state = source.state if isinstance(source, Snapshot) else source
        if state is None:
            return None
        moment = Moment.of(state)
        while self._moments and self._moments[-1].step >= moment.step:
            self._moments.pop()
        self._moments.append(moment)
        self._thin()
        return moment

    def nearest(self, step: int | None = None) -> Moment:
        """Return the moment nearest to `step`, the earlier of two; by default the newest. Raises ValueError when empty."""
        if not self._moments:
            raise ValueError("the run has no moments yet: train it first")
        if step is None:
            return self._moments[-1]
        return min(self._moments, key=lambda moment: abs(moment.step - step))

    def rewind(self, step: int) -> Moment:
        """Drop the moments after `step` and return the newest that is left, at least the first one."""
        moment = self.nearest(step)
        if moment.step > step and moment is not self._moments[0]:
            moment = self._moments[self._moments.index(moment) - 1]
        del self._moments[self._moments.index(moment) + 1 :]
        return moment

    def copy(self) -> Timeline:
        """Return a timeline of the same moments, which does not change with this one; no array is copied."""
        copied = Timeline(self.max_moments, self.max_bytes)
        copied._moments = list(self._moments)
        return copied

    def _thin(self) -> None:
        while len(self) > MIN_MOMENTS and (len(self) > self.max_moments or self.nbytes > self.max_bytes):
            places = [math.sqrt(moment.step) for moment in self._moments]
            gaps = [after - before for before, after in zip(places, places[2:], strict=False)]  # what dropping would leave
            del self._moments[1 + gaps.index(min(gaps))]
