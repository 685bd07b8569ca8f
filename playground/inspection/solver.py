"""What would repair a chain that breaks or misses its size: the nearest valid changes, found by arithmetic on sizes alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from playground.inspection.axis_search import START, axis_repairs, leads
from playground.inspection.chains import MAX_LAYERS, Chain, Layer, problem, size_text, sizes
from playground.inspection.moves import BOTH, GROUPS, HEIGHT, WIDTH, Move, Moves, applied, merged, rank, tied

COMBINED = 12  # of each axis, where height and width need changes of their own
MOST_ADDED = 3
FEW = 2  # repairs of each chain with stages added or left out
Found = list[tuple[Moves, Chain]]


@dataclass(frozen=True)
class Repair:
    """A chain that reaches the target, what was changed for it, and a sentence that says what it gives."""

    chain: Chain
    moves: Moves
    sentence: str
    path: str  # the sizes on the way, 4×4 → 8×8 → …

    def to_json(self) -> dict[str, Any]:
        """Return the repair as plain JSON values."""
        return {"chain": self.chain.to_json(), "fields": len(self.moves), "sentence": self.sentence, "path": self.path}


def repairs(chain: Chain, limit: int = 6) -> list[Repair]:
    """Find valid chains near `chain`: the fewest fields changed first, then the smallest change; none for a valid chain.

    One field is tried, then two, over sensible ranges along each axis (see `axis_search`). A stage more or less is
    offered last where that alone helps, and with changes of fields where little else does. None is found for a target
    out of their reach.
    """
    if problem(chain) is None:
        return []
    split, first = _regrouped(chain)
    found = _resized(split, first, limit)
    if not found:  # more output paddings at fault than fields are tried
        found = _resized(*_lowered(split, first), limit)
    rebuilt = [(note, other, first) for note, other in _rebuilt(split)]
    exact = [_repair(chain, other, moves, note) for note, other, moves in rebuilt if problem(other) is None]
    near = [_repair(chain, made, moves) for moves, made in found[: limit - min(len(exact), 1)]]
    if not exact and all(move.field == START for repair in near for move in repair.moves):
        tries = ((note, *_lowered(other, moves)) for note, other, moves in rebuilt if problem(other))
        others = [_repair(chain, made, moves, note) for note, *other in tries for moves, made in _resized(*other, FEW)]
        exact += sorted(others, key=lambda repair: len(repair.moves))
    return [*near, *exact][:limit] or _anew(chain, limit)


def _anew(chain: Chain, limit: int) -> list[Repair]:
    """Begin again with the usual stages, where nothing near the chain will do."""
    usual = replace(chain, layers=tuple(Layer(layer.kind, layer.channels) for layer in chain.layers))
    note = "every stage with kernel 4, stride 2, padding 1"
    return [_repair(chain, made, moves, note) for moves, made in _resized(usual, (), limit)]


def _repair(old: Chain, new: Chain, moves: Moves, note: str = "") -> Repair:
    before, after = sizes(old), sizes(new)
    unbroken = len(before) > len(old.layers) and before[-1][1:] != after[-1][1:]
    gives = f"{size_text(before[-1])} becomes {size_text(after[-1])}" if unbroken else f"gives {size_text(after[-1])}"
    changes = ", then ".join(filter(None, [note, ", ".join(map(str, moves))]))
    return Repair(new, moves, f"{changes}: {gives}", " → ".join(map(size_text, after)))


def _resized(chain: Chain, first: Moves, limit: int) -> Found:
    """Return the `limit` nearest changes that make `chain` valid, after the moves that were made `first`."""
    fault = problem(chain)
    if fault is None:
        return [(first, chain)]
    best = sorted(set(_sets_of_moves(chain, limit)), key=lambda moves: rank(chain, moves, fault.stage))[:limit]
    return [((*first, *moves), applied(chain, moves)) for moves in best]


def _sets_of_moves(chain: Chain, limit: int) -> Iterator[Moves]:
    """Give sets of moves each of which makes all sizes meet."""
    axes = [[layer.axes[n] for layer in chain.layers] for n in (0, 1)]
    ends = [(chain.start[1 + n], chain.target[n]) for n in (0, 1)]
    if chain.square:
        yield from (tied(chain, changes) for changes in axis_repairs(axes[0], *ends[0], limit if limit > FEW else 1))
        return
    count = COMBINED if limit > FEW else 1  # where stages are added or left out, one change of each axis will do
    high, wide = (axis_repairs(layers, *end, count) for layers, end in zip(axes, ends, strict=True))
    for changes in {*high, *wide} - {()}:  # both axes at once, where that suits both
        if all(leads(layers, *end, changes) for layers, end in zip(axes, ends, strict=True)):
            moves = tied(chain, changes)
            if moves:
                yield moves
    both = high != [()] and wide != [()]
    for pair in itertools.product(high[:COMBINED] if both else high, wide[:COMBINED] if both else wide):
        yield merged(chain, *pair)


def _regrouped(chain: Chain) -> tuple[Chain, Moves]:
    """Give every layer groups that divide its channels, the nearest count that does, and say what was changed for it."""
    moves = []
    for stage, (layer, channels) in enumerate(zip(chain.layers, chain.channels_in, strict=True)):
        common = math.gcd(channels, layer.channels)
        if common % layer.groups:
            nearest = min((n for n in range(1, common + 1) if common % n == 0), key=lambda n: (abs(n - layer.groups), n))
            moves.append(Move(stage, GROUPS, BOTH, layer.groups, nearest))
    return applied(chain, moves), tuple(moves)


def _lowered(chain: Chain, first: Moves) -> tuple[Chain, Moves]:
    """Take away every output padding that PyTorch refuses."""
    moves = list(first)
    for stage, layer in enumerate(chain.layers):
        wrong = [not axis.allowed for axis in layer.axes]
        values = layer.output_padding
        if all(wrong) and values[0] == values[1]:
            moves.append(Move(stage, "output_padding", BOTH, values[0], 0))
            continue
        each = zip((HEIGHT, WIDTH), wrong, values, strict=True)
        moves += [Move(stage, "output_padding", name, value, 0) for name, bad, value in each if bad]
    return applied(chain, moves[len(first) :]), tuple(moves)


def _rebuilt(chain: Chain) -> Iterator[tuple[str, Chain]]:
    """Give chains with doubling (or halving) stages put before the last one, or with stages left out, and what was done."""
    *rest, last = chain.layers
    usual = Layer(last.kind, chain.channels_in[-1])  # kernel 4, stride 2, padding 1
    for count in range(1, min(MOST_ADDED, MAX_LAYERS - len(chain.layers)) + 1):
        what = "one more stage" if count == 1 else f"{count} more stages"
        note = f"{what} (kernel 4, stride 2, padding 1) before the last"
        yield note, replace(chain, layers=(*rest, *[usual] * count, last))
    for stage in range(len(rest)):
        layers = (*chain.layers[:stage], *chain.layers[stage + 1 :])
        if layers not in [(*chain.layers[:n], *chain.layers[n + 1 :]) for n in range(stage)]:
            without = replace(chain, layers=layers)
            yield f"without stage {stage + 1}", _regrouped(without)[0]
