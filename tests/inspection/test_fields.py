"""Fields measured with NaN are those of the arithmetic of convolutions, and reach what attention and norms reach."""

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from watched_models import model_of

from playground.architectures import ARCHITECTURES
from playground.inspection import fields, module_maps
from playground.inspection.fields import Field, receptive_fields
from playground.layers import Stage

SIZE = 16
chains = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 2), st.sampled_from(["conv", "max", "average"])),
    min_size=1,
    max_size=4,
)


def by_recursion(chain: list[tuple[int, int, int]]) -> list[int]:
    """Return how many of SIZE pixels the place that sees most can see after each layer: intervals, layer by layer."""
    starts, ends = list(range(SIZE)), list(range(SIZE))
    found = []
    for kernel, stride, padding in chain:
        size = (len(starts) + 2 * padding - kernel) // stride + 1
        below = [range(max(0, n * stride - padding), min(len(starts), n * stride - padding + kernel)) for n in range(size)]
        ends = [max((ends[m] for m in own), default=-1) for own in below]
        starts = [min((starts[m] for m in own), default=0) for own in below]
        found.append(max(end - start + 1 for start, end in zip(starts, ends, strict=True)))
    return found


@settings(max_examples=25)
@given(chain=chains)
def test_the_field_of_a_chain_of_convolutions_is_that_of_the_recursion(chain):
    modules, kept, size = [], [], SIZE
    for kernel, stride, padding, kind in chain:
        padding = min(padding, kernel // 2)  # what pooling allows
        if size + 2 * padding < kernel:
            break
        size = (size + 2 * padding - kernel) // stride + 1
        layer = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}.get(kind)
        modules.append(layer(kernel, stride, padding) if layer else nn.Conv2d(1, 1, kernel, stride, padding))
        kept.append((kernel, stride, padding))
    model = dataclasses.replace(model_of("mlp"), discriminator=nn.Sequential(Stage(*modules, nn.Flatten(), nn.LazyLinear(1))))
    model.discriminator.append(nn.Flatten(0))
    model.discriminator.forward = lambda image, label=None: nn.Sequential.forward(model.discriminator, image)
    model.discriminator(torch.zeros(1, 1, SIZE, SIZE))
    found = [field.height for field in receptive_fields(model).values()]
    assert found[: len(kept)] == by_recursion(kept)


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if "points" not in ARCHITECTURES[name].kinds])
def test_every_module_has_a_field_and_the_ends_are_plain(name):
    model = model_of(name)
    found, maps = fields(model), module_maps(model, model.latents(1, 4)[0])
    assert set(found) == {one.key for one in maps}
    last = [one for one in maps if one.network == "generator"][-1]
    assert found[last.key] == Field(1, 1, False)
    scores = [one for one in maps if one.key[:2] == ("discriminator", "score")]
    assert found[scores[-1].key].whole


def test_transposed_convolutions_reach_as_far_as_their_kernels_stamp():
    found = fields(model_of("dcgan"))  # kernels of 4 and strides of 2: 4 pixels from the last but one, 4 · 2 + 2 from the first
    assert found["generator", "up1", "2"] == Field(4, 4, False)
    assert found["generator", "project", "3"] == Field(10, 10, False)
    assert found["generator", "project", "1"] == Field(10, 10, False)  # the map of 4×4 itself: batch norm reaches no farther
    assert found["generator", "project", "0"].whole


@pytest.mark.parametrize(("kind", "whole"), [("batch", False), ("instance", True), ("layer", True), ("spectral", False)])
def test_what_normalises_by_the_sample_sees_all_of_it(kind, whole):
    found = fields(model_of("dcgan", **{"discriminator.normalisation": kind}))
    assert found["discriminator", "down2", "1"].whole is whole


def test_a_recurrent_network_sees_what_it_has_read_and_writes_what_is_to_come():
    found = fields(model_of("recurrent-rows"))
    assert found["discriminator", "rows1", "1"] == Field(2, 16, False)  # two rows a step
    assert found["discriminator", "rows1", "3"] == Field(16, 16, True)  # the state after the last step
    assert found["generator", "rows1", "3"] == Field(8, 16, False)  # from the middle on


def test_attention_sees_everything_or_its_window():
    found = fields(model_of("transgan"))
    assert found["generator", "project", "4.norm_attention"].whole  # every token of the first grid sees every other
    assert found["generator", "up2", "3.norm_attention"] == Field(4, 4, False)  # later ones their window of 4×4


def test_weights_do_not_matter():
    model = model_of("dcgan")
    before = fields(model)
    for parameter in model.generator.parameters():
        nn.init.zeros_(parameter)
    assert fields(model) == before


def test_points_are_said_to_have_no_neighbours():
    with pytest.raises(ValueError, match="a point has no neighbours"):
        fields(model_of("points-gan"))
