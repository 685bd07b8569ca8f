"""Repairs of a chain: every one is valid, and the nearest come first."""

import random
import statistics
import time

import pytest
from random_chains import LARGEST, chain_of, reaches

from playground.inspection import Chain, Layer, problem, repairs, sizes
from playground.inspection.axis_search import SPANS
from playground.inspection.chains import FIELDS
from playground.inspection.moves import BOTH, Move, applied

K4S2P1 = Layer(channels=8)


def moderate(chain: Chain) -> bool:
    return max(max(size[1:]) for size in sizes(chain)) <= LARGEST


def test_every_repair_of_hundreds_of_broken_chains_is_valid_for_pytorch():
    offered = without = 0
    for seed in range(400):
        chain = chain_of(seed)
        if problem(chain) is None:
            continue
        found = repairs(chain)
        without += not found
        for number, repair in enumerate(found):
            assert problem(repair.chain) is None, (chain, repair)
            assert repair.chain.target == chain.target and repair.chain.layers[-1].channels == chain.layers[-1].channels
            if number < 2 and moderate(repair.chain):
                assert reaches(repair.chain), (chain, repair)
        offered += len(found)
    assert offered > 1500 and without < 25, (offered, without)


def test_a_valid_chain_needs_no_repair():
    assert repairs(Chain((8, 4, 4), (K4S2P1,) * 3, (32, 32))) == []


def test_the_moves_of_a_repair_lead_from_the_chain_to_it():
    for seed in range(60):
        chain = chain_of(seed)
        for repair in repairs(chain):
            if len(repair.chain.layers) == len(chain.layers) and "every stage" not in repair.sentence:
                assert applied(chain, repair.moves) == repair.chain


def wasteful(layer: Layer) -> bool:
    return layer.padding[0] >= layer.axes[0].span


def by_hand(chain: Chain) -> list[int]:
    """Return how large every change of one field is that makes a square chain valid, found by trying all of them."""
    found = []
    for stage, layer in enumerate(chain.layers):
        for field in FIELDS:
            before = getattr(layer, field)[0]
            for after in range(SPANS[field][0], SPANS[field][1] + 1):
                other = applied(chain, [Move(stage, field, BOTH, before, after)])
                if problem(other) is None and (wasteful(layer) or not wasteful(other.layers[stage])):
                    found.append(abs(after - before))
    return found


def test_the_first_repair_changes_as_few_fields_by_as_little_as_trying_everything_finds():
    single = 0
    for seed in range(400):
        chain = chain_of(seed, wild=False)
        if problem(chain) is None or not chain.square:
            continue
        sizes_of_changes, found = by_hand(chain), repairs(chain)
        if not sizes_of_changes:
            as_long = [repair for repair in found if len(repair.chain.layers) == len(chain.layers)]
            assert all(len(repair.moves) > 1 or repair.moves[0].field == "start" for repair in as_long)
            continue
        single += 1
        (move,) = found[0].moves
        assert abs(move.after - move.before) <= min(sizes_of_changes)
    assert single > 30


def test_two_fields_are_found_where_one_is_not_enough():
    chain = Chain((8, 2, 2), (Layer(kernel=5, output_padding=1),) * 3, (64, 64))
    assert not by_hand(chain)
    assert any(len(repair.moves) == 2 for repair in repairs(chain))


def test_repairs_come_in_order_of_fields_changed():
    for seed in range(100):
        chain = chain_of(seed)
        counts = [len(r.moves) for r in repairs(chain) if len(r.chain.layers) == len(chain.layers)]
        assert counts == sorted(counts)


@pytest.mark.parametrize(
    ("chain", "sentence", "path"),
    [
        (
            Chain((8, 4, 4), (K4S2P1,) * 3, (28, 28)),
            "padding 1 → 2 at stage 2: 32×32 becomes 28×28",
            "4×4 → 8×8 → 14×14 → 28×28",
        ),
        (
            Chain((8, 4, 4), (Layer(output_padding=2), K4S2P1), (16, 16)),
            "output padding 2 → 0 at stage 1: gives 16×16",
            "4×4 → 8×8 → 16×16",
        ),
        (
            Chain((8, 7, 7), (K4S2P1, Layer(padding=(1, 2))), (28, 28)),
            "padding (width) 2 → 1 at stage 2: 28×26 becomes 28×28",
            "7×7 → 14×14 → 28×28",
        ),
        (Chain((8, 7, 7), (Layer(channels=16, groups=3), K4S2P1), (28, 28)), "groups 3 → 2 at stage 1: gives 28×28", None),
        (
            Chain((8, 4, 4), (Layer(output_padding=2), Layer(output_padding=3), Layer(output_padding=4)), (32, 32)),
            "output padding 2 → 0 at stage 1, output padding 3 → 0 at stage 2, output padding 4 → 0 at stage 3: gives 32×32",
            None,
        ),
    ],
)
def test_the_nearest_repair_says_what_it_gives(chain, sentence, path):
    first = repairs(chain)[0]
    assert first.sentence == sentence
    assert path is None or first.path == path


def test_a_stage_more_is_offered_where_it_alone_is_enough():
    found = repairs(Chain((8, 4, 4), (K4S2P1,) * 3, (64, 64)))
    assert found[-1].sentence == "one more stage (kernel 4, stride 2, padding 1) before the last: 32×32 becomes 64×64"
    assert len(found[-1].chain.layers) == 4


def test_far_from_the_target_stages_are_added_and_a_field_is_changed():
    found = repairs(Chain((8, 1, 1), (K4S2P1,) * 2, (64, 64)))
    assert any(len(repair.chain.layers) > 2 and len(repair.moves) == 1 for repair in found)


def test_height_and_width_are_repaired_each_in_its_way():
    chain = Chain((8, 4, 4), (K4S2P1,) * 4, (48, 80))
    first = repairs(chain)[0]
    assert sizes(first.chain)[-1][1:] == (48, 80)
    assert {move.axis for move in first.moves} == {"height", "width"}


def test_one_change_of_both_axes_is_preferred_to_one_of_each():
    first = repairs(Chain((8, 4, 6), (K4S2P1,) * 2, (12, 20)))[0]
    assert [move.axis for move in first.moves] == ["both"]


def test_a_search_takes_less_than_50_ms_of_one_core_for_six_stages():
    took = []
    for seed in range(40):
        pick = random.Random(seed)
        layers = tuple(
            Layer(kernel=(pick.randint(2, 6), pick.randint(2, 6)), output_padding=pick.randint(0, 1)) for _ in range(6)
        )
        chain = Chain((8, pick.randint(1, 4), pick.randint(1, 4)), layers, (pick.randint(60, 300), pick.randint(60, 300)))
        start = time.process_time()
        repairs(chain)
        took.append(1000 * (time.process_time() - start))
    assert statistics.median(took) < 50, sorted(took)
