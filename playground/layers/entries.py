"""Where a code enters a generator, in the generator's own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One place where a generator takes in a part of its code.

    A generator that takes parts of a code at several places says so in `entries`, a tuple of these in the order of the
    stages; one that has no `entries` takes all of z at once. `part` says which numbers of the latent z enter here, or, of a
    generator with styles, which of the styles w (N, num_layers, w_dim); `stages` are the stages that it steers, the first
    of which gives the entry its name.
    """

    part: slice
    stages: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.stages[0]
