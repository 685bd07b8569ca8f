"""Changes of a chain as a person reads them: one field from one value to another, along one axis or both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from playground.inspection.axis_search import START, Change, cost
from playground.inspection.chains import Chain

GROUPS = "groups"
HEIGHT, WIDTH, BOTH = "height", "width", "both"
PLACES = {HEIGHT: (0,), WIDTH: (1,), BOTH: (0, 1)}
Moves = tuple["Move", ...]


@dataclass(frozen=True)
class Move:
    """One field changed: of a stage, counted from 0, along an axis or both; `start` is the size that the chain begins with."""

    stage: int
    field: str
    axis: str
    before: int
    after: int

    def __str__(self) -> str:
        name = self.field.replace("_", " ")
        along = "" if self.axis == BOTH else f" ({self.axis})"
        where = "" if self.field == START else f" at stage {self.stage + 1}"
        return f"{name}{along} {self.before} → {self.after}{where}"


def applied(chain: Chain, moves: Iterable[Move]) -> Chain:
    """Return the chain with every move made."""
    start, layers = list(chain.start), list(chain.layers)
    for move in moves:
        places = PLACES[move.axis]
        if move.field == START:
            start[1:] = [move.after if place in places else start[1 + place] for place in (0, 1)]
        elif move.field == GROUPS:
            layers[move.stage] = replace(layers[move.stage], groups=move.after)
        else:
            old = getattr(layers[move.stage], move.field)
            pair = tuple(move.after if place in places else old[place] for place in (0, 1))
            layers[move.stage] = replace(layers[move.stage], **{move.field: pair})
    return Chain(tuple(start), tuple(layers), chain.target)


def tied(chain: Chain, changes: tuple[Change, ...]) -> Moves:
    """Make changes along both axes, where both have the same value now; else nothing."""
    pairs = [_values(chain, change) for change in changes]
    if any(high != wide for high, wide in pairs):
        return ()
    return tuple(Move(c.stage, c.field, BOTH, high, c.after) for c, (high, _) in zip(changes, pairs, strict=True))


def merged(chain: Chain, high: tuple[Change, ...], wide: tuple[Change, ...]) -> Moves:
    """Make changes of the height and of the width; the same change of the same value along both is one move."""
    common = [change for change in high if change in wide and len(set(_values(chain, change))) == 1]
    moves = [*tied(chain, tuple(common))]
    for axis, name, changes in ((0, HEIGHT, high), (1, WIDTH, wide)):
        own = (change for change in changes if change not in common)
        moves += [Move(c.stage, c.field, name, _values(chain, c)[axis], c.after) for c in own]
    return tuple(sorted(moves, key=lambda move: (move.stage, move.field, move.axis)))


def rank(chain: Chain, moves: Moves, failing: int) -> tuple:
    """Order moves: few fields, square layers left square, small changes of cheap fields, near the `failing` stage."""
    alone = sum(move.axis != BOTH and len(set(_values(chain, move))) == 1 for move in moves)
    costs = [cost(move.field, move.before, move.after) for move in moves]
    size, taste = (sum(part) for part in zip(*costs, strict=True))
    return len(moves), alone, size, taste, sum(abs(move.stage - failing) for move in moves), tuple(map(str, moves))


def _values(chain: Chain, change: Change | Move) -> tuple[int, int]:
    """Return the value of a field now, along the height and along the width."""
    return chain.start[1:] if change.field == START else getattr(chain.layers[change.stage], change.field)
