"""The search for repairs of a chain along one axis: one field changed, then two, by arithmetic on sides alone.

What leads into the target is a range of sides at every stage, found once from the end backwards; a change is good
when its side falls into the range. Two changes at different stages meet in the middle the same way.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from playground.inspection.chains import FIELDS, MAX_SIDE
from playground.layers.sizes import Axis

START = "start"
KEPT = 60  # of the repairs with two fields, the nearest
# what is tried of every field; its own neighbours are tried too when it is already larger
SPANS = {"kernel": (1, 11), "stride": (1, 5), "padding": (0, 7), "output_padding": (0, 4), "dilation": (1, 4)}
# what is changed rather, where the changes are equally large: a padding costs no weights, a dilation is rarely meant
TASTE = {name: n for n, name in enumerate(("padding", "output_padding", "kernel", "stride", "dilation", START, "groups"))}
Range = tuple[int, int]


class Change(NamedTuple):
    """One field of one stage set to another value; the field `start` is the side that the chain begins with."""

    stage: int
    field: str
    after: int


class _Tried(NamedTuple):
    change: Change
    before: int
    axis: Axis


def cost(field: str, before: int, after: int) -> tuple[int, int]:
    """Return how large a change is, and how unwelcome among changes as large."""
    return abs(after - before), TASTE[field]


def axis_repairs(layers: list[Axis], start: int, target: int, count: int) -> list[tuple[Change, ...]]:
    """Return sets of changes that lead from `start` to `target`, nearest first; one empty set where the chain does already.

    Two fields at once are tried only where fewer than `count` changes of one will do.
    """
    ranges = [(target, target)]
    for axis in reversed(layers):
        ranges.append(axis.preimage(*ranges[-1]))
    ranges.reverse()  # of the sides that go into each stage; the last is the target's
    if _within(start, ranges[0]):
        return [()]
    tried = [_singles(stage, axis) for stage, axis in enumerate(layers)]
    sides = _walk(start, layers)
    one = [
        option for options, side, wanted in zip(tried, sides, ranges[1:], strict=False)
        for option in options if _within(option.axis.side(side), wanted)
    ]  # fmt: skip
    singles = [(option.change,) for option in sorted(one, key=_cost)] + _other_starts(start, ranges[0])
    if len(singles) >= count:
        return singles
    enough = {option.change for option in one}
    two = [*_at_one_stage(layers, sides, ranges, enough), *_at_two_stages(layers, tried, sides, ranges, enough)]
    nearest = heapq.nsmallest(KEPT, two, key=lambda pair: [sum(part) for part in zip(*map(_cost, pair), strict=True)])
    return singles + [tuple(option.change for option in pair) for pair in nearest]


def leads(layers: list[Axis], start: int, target: int, changes: tuple[Change, ...]) -> bool:
    """Say whether the chain leads from `start` to `target` with these changes."""
    changed, side = list(layers), start
    for change in changes:
        if change.field == START:
            side = change.after
        else:
            changed[change.stage] = changed[change.stage]._replace(**{change.field: change.after})
    for axis in changed:
        side = axis.side(side) if axis.allowed else 0
        if side < 1:
            return False
    return side == target


def _cost(option: _Tried) -> tuple[int, int]:
    return cost(option.change.field, option.before, option.change.after)


def _within(side: int, wanted: Range) -> bool:
    return wanted[0] <= side <= wanted[1] and side >= 1


def _walk(side: int, layers: list[Axis]) -> list[int]:
    """Return the sides that go into each stage, as far as the chain holds."""
    found = []
    for axis in layers:
        if side < 1:
            break
        found.append(side)
        if not axis.allowed:
            break
        side = axis.side(side)
    return found


def _singles(stage: int, axis: Axis) -> list[_Tried]:
    """Return what one stage becomes by a change of one field that PyTorch takes."""
    options = []
    for field in FIELDS:
        before = getattr(axis, field)
        low, high = SPANS[field]
        for after in {*range(low, high + 1), *range(max(low, before - 4), before)} - {before}:
            other = axis._replace(**{field: after})
            if other.allowed and not _wasteful(axis, other):
                options.append(_Tried(Change(stage, field, after), before, other))
    return options


def _wasteful(axis: Axis, other: Axis) -> bool:
    """Say whether a change makes the padding as large as the kernel's span: valid, but it cuts whole stamps off."""
    return other.padding >= other.span and axis.padding < axis.span


def _at_one_stage(layers: list[Axis], sides: list[int], ranges: list[Range], enough: set[Change]) -> list[tuple[_Tried, ...]]:
    """Return pairs of changes at the same stage, none of which is enough alone."""
    found = []
    for stage, (axis, side, wanted) in enumerate(zip(layers, sides, ranges[1:], strict=False)):
        if wanted[0] > wanted[1]:  # nothing that this stage could give would do
            continue
        for (first, a), (second, b), other in _pairs(axis):
            if not _within(other.side(side), wanted) or not other.allowed or _wasteful(axis, other):
                continue
            changes = Change(stage, first, a), Change(stage, second, b)
            if enough.isdisjoint(changes):
                found.append(tuple(_Tried(change, getattr(axis, change.field), other) for change in changes))
    return found


def _pairs(axis: Axis) -> Iterator[tuple[tuple[str, int], tuple[str, int], Axis]]:
    """Give what a layer becomes by changes of two fields."""
    for first, second in itertools.combinations(FIELDS, 2):
        for a in {*range(*_span(first))} - {getattr(axis, first)}:
            half = axis._replace(**{first: a})
            for b in {*range(*_span(second))} - {getattr(axis, second)}:
                yield (first, a), (second, b), half._replace(**{second: b})


def _span(field: str) -> Range:
    return SPANS[field][0], SPANS[field][1] + 1


def _at_two_stages(
    layers: list[Axis], tried: list[list[_Tried]], sides: list[int], ranges: list[Range], enough: set[Change]
) -> list[tuple[_Tried, ...]]:
    """Return pairs of changes at different stages, none of which is enough alone."""
    needs: list[dict[Range, list[_Tried]]] = []  # by later stage: what must go in, and the changes that it takes
    for options, wanted in zip(tried, ranges[1:], strict=True):
        by_range = defaultdict(list)
        for option in options:
            by_range[option.axis.preimage(*wanted)].append(option)
        needs.append({where: best for where, best in by_range.items() if where[0] <= where[1]})
    found = []
    for stage, (options, side) in enumerate(zip(tried, sides, strict=False)):
        for first in options:
            if first.change in enough:
                continue
            for later, reached in enumerate(_walk(first.axis.side(side), layers[stage + 1 :]), stage + 1):
                hits = (best for where, best in needs[later].items() if _within(reached, where))
                found += [(first, second) for best in hits for second in best if second.change not in enough]
    return found


def _other_starts(start: int, wanted: Range) -> list[tuple[Change, ...]]:
    """Return the start that would do, the nearest one, if there is any."""
    low, high = max(1, wanted[0]), min(MAX_SIDE, wanted[1])
    return [(Change(0, START, min(max(start, low), high)),)] if low <= high else []
