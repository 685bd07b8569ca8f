"""The shape table: what it says without computing is what happens when the network runs."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from playground.layers import ShapeError, Stage, trace

SIDE = st.integers(1, 7)
GEOMETRY = st.fixed_dictionaries({"kernel_size": st.integers(1, 6), "stride": st.integers(1, 3), "padding": st.integers(0, 3)})
LAYERS = st.one_of(
    st.tuples(st.just(nn.Conv2d), GEOMETRY),
    st.tuples(st.just(nn.ConvTranspose2d), GEOMETRY, st.integers(0, 3)),
)


def build(layers: list[tuple]) -> nn.Module:
    """Chain convolutions of 2 channels, each in a stage of its own."""
    modules = []
    for cls, geometry, *output_padding in layers:
        extra = {"output_padding": output_padding[0]} if output_padding else {}
        modules.append(Stage(cls(2, 2, **geometry, **extra)))
    return nn.Sequential(*modules)


def traced(network: nn.Module, *shape: int):
    return trace(network.to("meta"), torch.empty(shape, device="meta"))


@given(layers=st.lists(LAYERS, min_size=1, max_size=3), height=SIDE, width=SIDE)
def test_a_chain_has_the_traced_sizes_or_torch_refuses_it_too(layers, height, width):
    real, seen = torch.zeros(1, 2, height, width), []
    network = build(layers)
    try:
        rows = traced(build(layers), 2, 2, height, width)
    except ShapeError as error:
        for stage in network[: int(error.stage)]:  # up to there it runs, with the sizes that are told
            real = stage(real)
            seen.append(tuple(real.shape[1:]))
        assert seen == [row.output_shape for row in error.rows]
        with pytest.raises(RuntimeError):
            network[int(error.stage)](real)
    else:
        for stage in network:
            seen.append((tuple(real.shape[1:]), tuple((real := stage(real)).shape[1:])))
        assert seen == [(row.input_shape, row.output_shape) for row in rows]


def test_a_row_tells_what_the_layer_is():
    conv, transposed, relu = traced(
        nn.Sequential(Stage(nn.Conv2d(3, 4, 5, stride=2, padding=1)), Stage(nn.ConvTranspose2d(4, 2, 4, 2, 1, 1), nn.ReLU())),
        2,
        3,
        9,
        9,
    )
    assert (conv.type, conv.kernel_size, conv.stride, conv.padding, conv.output_padding) == (
        "Conv2d",
        (5, 5),
        (2, 2),
        (1, 1),
        None,
    )
    assert (transposed.stage, transposed.module, transposed.output_padding) == ("1", "0", (1, 1))
    assert (relu.kernel_size, relu.parameters, relu.macs) == (None, 0, 0)


def test_macs_equal_a_count_by_hand():
    network = nn.Sequential(
        Stage(nn.Conv2d(2, 3, 3, padding=1)),  # every one of 3×5×5 outputs sums 2×3×3 products
        Stage(nn.ConvTranspose2d(3, 4, 4, stride=2, padding=1)),  # every one of 3×5×5 inputs stamps 4×4×4
        Stage(nn.Flatten(), nn.Linear(400, 7)),
    )
    macs = [row.macs for row in traced(network, 2, 2, 5, 5)]
    assert macs == [3 * 5 * 5 * 2 * 3 * 3, 3 * 5 * 5 * 4 * 4 * 4, 0, 400 * 7]


def test_macs_of_a_grouped_convolution_count_only_its_own_group():
    (row,) = traced(nn.Sequential(Stage(nn.Conv2d(4, 4, 3, groups=4))), 1, 4, 5, 5)
    assert row.macs == 4 * 3 * 3 * 3 * 3


def test_parameters_add_up_to_the_network_s_own():
    network = nn.Sequential(Stage(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3)), Stage(nn.Flatten(), nn.Linear(27, 4)))
    assert sum(row.parameters for row in traced(network, 2, 2, 5, 5)) == sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (nn.Conv2d(2, 2, 7, padding=1), r"the kernel \(7×7\) is larger than its input \(4×4 with padding 1\)"),
        (nn.ConvTranspose2d(2, 2, 1, padding=2), r"\(4 − 1\)·1 − 2·2 \+ 1 \+ 0 = 0: nothing is left"),
        (nn.ConvTranspose2d(2, 2, 4, 2, 1, output_padding=2), "output padding 2 must be smaller than the stride 2"),
    ],
)
def test_a_broken_chain_says_where_and_why(layer, words):
    network = nn.Sequential()
    network.add_module("fits", Stage(nn.Conv2d(2, 2, 1)))
    network.add_module("breaks", Stage(layer))
    with pytest.raises(ShapeError, match=words) as caught:
        traced(network, 2, 2, 4, 4)
    assert caught.value.stage == "breaks"
    assert [row.stage for row in caught.value.rows] == ["fits"]


def test_no_network_is_watched_after_it_was_traced():
    network = nn.Sequential(Stage(nn.Conv2d(2, 2, 3)), Stage(nn.Conv2d(2, 2, 9)))
    with pytest.raises(ShapeError):
        traced(network, 2, 2, 4, 4)
    for module in network.modules():
        assert not module._forward_hooks and not module._forward_pre_hooks
