"""Sizes of chains are PyTorch's own, and what is called broken PyTorch refuses."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from random_chains import LARGEST, chain_of, module_of, reaches, run

from playground.inspection import Chain, Layer, default_chain, formulas, problem, read_chain, sizes
from playground.layers.sizes import Axis

PAIR = {"kernel": (1, 7), "stride": (1, 4), "padding": (0, 4), "output_padding": (0, 4), "dilation": (1, 4)}


@some.composite
def layers(draw):
    kind = draw(some.sampled_from(["transposed", "convolution"]))
    fields = {name: draw(some.tuples(some.integers(*span), some.integers(*span))) for name, span in PAIR.items()}
    if kind == "convolution":
        fields["output_padding"] = (0, 0)
    return Layer(kind, channels=draw(some.sampled_from([1, 2, 4, 6])), groups=draw(some.integers(1, 4)), **fields)


@settings(deadline=None, max_examples=300)
@given(layers(), some.sampled_from([1, 2, 4, 6]), some.integers(1, 9), some.integers(1, 9))
def test_a_layer_gives_what_pytorch_gives_or_is_refused_by_both(layer, channels, height, width):
    chain = Chain((channels, height, width), (layer,), (1, 1))
    assert sizes(chain) == run(chain)


@settings(deadline=None, max_examples=200)
@given(layers(), some.integers(1, 300), some.integers(0, 300))
def test_what_leads_into_a_range_of_sides_is_a_range(layer, low, more):
    axis = layer.axes[0]
    least, greatest = axis.preimage(low, low + more)
    for side in range(1, 400):
        if axis.allowed:
            assert (least <= side <= greatest) == (low <= axis.side(side) <= low + more)


def test_thousands_of_chains_are_valid_exactly_where_pytorch_builds_and_runs_them():
    valid = broken = missed = 0
    for seed in range(3000):
        chain = chain_of(seed)
        if max(max(size[1:]) for size in sizes(chain)) > LARGEST:
            continue
        fault = problem(chain)
        assert sizes(chain) == run(chain), chain
        assert (fault is None) == reaches(chain), chain
        valid += fault is None
        broken += len(sizes(chain)) <= len(chain.layers)
        missed += fault is not None and len(sizes(chain)) > len(chain.layers)
    assert min(valid, broken, missed) > 200, (valid, broken, missed)


def test_the_meta_device_does_not_look_at_output_paddings_so_the_rule_is_ours():
    layer = Layer(stride=2, output_padding=2)
    assert module_of(layer, 1, "meta")(torch.empty(1, 1, 4, 4, device="meta")).shape[-1] == 10
    assert problem(Chain((1, 4, 4), (layer,), (10, 10))) is not None


@pytest.mark.parametrize(
    ("layer", "start", "stage", "sentence"),
    [
        (Layer(output_padding=2), (1, 4, 4), 0, "output padding 2 must be smaller than the stride 2 or the dilation 1"),
        (
            Layer(output_padding=(0, 2)),
            (1, 4, 4),
            0,
            "width: output padding 2 must be smaller than the stride 2 or the dilation 1",
        ),
        (Layer(kernel=2, padding=3), (1, 2, 2), 0, "(2 − 1)·2 − 2·3 + 2 + 0 = -2: nothing is left of the feature map"),
        (Layer("convolution", kernel=7), (1, 4, 4), 0, "the kernel (7×7) is larger than its input (4×4 with padding 1)"),
        (Layer("convolution", kernel=7), (1, 9, 4), 0, "width: the kernel (7) is larger than its input (4 with padding 1)"),
        (
            Layer("convolution", kernel=3, dilation=4),
            (1, 4, 4),
            0,
            "the kernel (3×3), 9 with its gaps, is larger than its input (4×4 with padding 1)",
        ),
        (Layer("convolution", output_padding=1), (1, 4, 4), 0, "a convolution has no output padding, but here it is 1"),
        (Layer(groups=3), (4, 4, 4), 0, "4 channels come in and cannot be split into 3 groups of the same size"),
        (Layer(channels=3, groups=2), (4, 4, 4), 0, "3 channels go out and cannot be split into 2 groups of the same size"),
        (Layer(), (1, 4, 4), 0, "the chain ends at 8×8, but 28×28 is wanted"),
    ],
)
def test_a_chain_says_where_and_why_it_fails(layer, start, stage, sentence):
    fault = problem(Chain(start, (layer,), (28, 28)))
    assert (fault.stage, fault.sentence) == (stage, sentence)


def test_it_fails_at_the_first_stage_that_breaks():
    chain = Chain((8, 4, 4), (Layer(), Layer(output_padding=5), Layer(output_padding=7)), (32, 32))
    assert problem(chain).stage == 1
    assert sizes(chain) == [(8, 4, 4), (16, 8, 8)]


@pytest.mark.parametrize(
    ("layer", "written"),
    [
        (Layer(), ("(4 − 1)·2 − 2·1 + 4 = 8",)),
        (Layer(kernel=3, output_padding=1), ("(4 − 1)·2 − 2·1 + 3 + 1 = 8",)),
        (Layer(dilation=2), ("(4 − 1)·2 − 2·1 + 2·(4 − 1) + 1 = 11",)),
        (Layer("convolution"), ("⌊(4 + 2·1 − 4) / 2⌋ + 1 = 2",)),
        (Layer("convolution", kernel=2, dilation=3), ("⌊(4 + 2·1 − 3·(2 − 1) − 1) / 2⌋ + 1 = 2",)),
        (Layer(padding=(1, 0)), ("(4 − 1)·2 − 2·1 + 4 = 8", "(4 − 1)·2 − 2·0 + 4 = 10")),
    ],
)
def test_a_formula_has_the_numbers_of_its_layer(layer, written):
    assert formulas(Chain((1, 4, 4), (layer,), (8, 8))) == [written]


@settings(deadline=None, max_examples=150)
@given(layers(), some.integers(1, 9))
def test_a_formula_counts_up_to_what_it_says(layer, side):
    axis: Axis = layer.axes[0]
    left, result = axis.formula(side).split(" = ")
    text = left.replace("−", "-").replace("·", "*").replace("⌊", "(").replace(" / ", " // ").replace("⌋", ")")
    assert eval(text) == int(result) == axis.side(side)


def test_a_chain_survives_json():
    for seed in range(50):
        chain = chain_of(seed)
        assert read_chain(json.loads(json.dumps(chain.to_json()))) == chain


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"start": [1, 4]}, "start must be channels, height and width"),
        ({"start": [1, 4, 0]}, "start must be a whole number between 1 and 1024, not 0"),
        ({"start": [1, 4, True]}, "whole number"),
        ({"target": "28x28"}, "whole number"),
        ({"target": [1, 2, 3]}, "one number or two"),
        ({"layers": []}, "1 to 8 layers"),
        ({"layers": [{}] * 9}, "1 to 8 layers"),
        ({"layers": "x"}, "a chain has start, layers, target"),
        ({"layers": [{"kernel": 0}]}, "kernel must be a whole number between 1 and 32"),
        ({"layers": [{"kernel": "4"}]}, "kernel must be a whole number"),
        ({"layers": [{"size": 4}]}, "a layer has kind, channels, kernel"),
        ({"layers": [{"kind": ["transposed"]}]}, "unknown kind"),
        ({"layers": [{"channels": 10**9}]}, "channels must be a whole number"),
        ({"more": 1}, "a chain has start, layers, target"),
    ],
)
def test_garbage_is_refused_with_a_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_chain(default_chain().to_json() | change)


def test_an_uneven_kernel_is_told():
    assert Layer(kernel=3).uneven and Layer(kernel=(4, 5)).uneven
    assert not Layer().uneven and not Layer("convolution", kernel=3).uneven


@pytest.mark.parametrize(("start", "target"), [((64, 4, 4), (32, 32)), ((8, 3, 5), (48, 80)), ((8, 7, 7), (28, 28))])
def test_the_chain_to_begin_with_is_valid_where_doubling_leads_to_the_target(start, target):
    assert problem(default_chain(start, target)) is None
