"""What a chain is good for: its mirror, its code, and the settings of a generator."""

import re

import pytest
import torch
from random_chains import LARGEST, chain_of, run
from small_models import IMAGE_MAKERS

from playground.experiment import Experiment
from playground.inspection import Chain, Layer, from_experiment, mirror, problem, shape_table, sizes, to_code, to_settings

TO_28 = Chain((8, 4, 4), (Layer(channels=6), Layer(channels=4, padding=2), Layer(channels=1)), (28, 28))


def unbroken(seeds: range) -> list[Chain]:
    chains = [chain for chain in map(chain_of, seeds) if len(sizes(chain)) > len(chain.layers)]
    return [chain for chain in chains if max(max(size[1:]) for size in sizes(chain)) <= LARGEST]


def executed(code: str, name: str = "Chain") -> torch.nn.Module:
    scope: dict = {"__name__": "a_module"}
    exec(code, scope)
    return scope[name]()


def test_a_mirror_walks_the_sizes_backwards_in_pytorch_too():
    chains = unbroken(range(800))
    exact = 0
    for chain in chains:
        mirrored = mirror(chain).chain
        assert mirrored.target == chain.start[1:] and mirrored.start == sizes(chain)[-1]
        assert sizes(mirrored) == run(mirrored)
        exact += sizes(mirrored) == sizes(chain)[::-1]
    assert len(chains) > 80 and exact == len(chains)


def test_a_mirror_keeps_kernel_stride_padding_and_dilation_where_they_lead_back():
    layers = mirror(TO_28).chain.layers
    assert [(layer.kind, layer.kernel, layer.stride, layer.padding) for layer in layers] == [
        ("convolution", (4, 4), (2, 2), (1, 1)),
        ("convolution", (4, 4), (2, 2), (2, 2)),
        ("convolution", (4, 4), (2, 2), (1, 1)),
    ]
    assert [layer.channels for layer in layers] == [4, 6, 8]


def test_the_mirror_of_the_mirror_is_the_chain():
    assert mirror(mirror(TO_28).chain).chain == TO_28


def test_what_the_division_loses_is_said_and_the_output_padding_brings_it_back():
    chain = Chain((8, 7, 7), (Layer(kernel=3, output_padding=1),), (14, 14))
    found = mirror(chain)
    assert re.match("the division by 2 leaves 1 over: 13 and 14 both become 7", found.notes[0])
    assert mirror(found.chain).chain.layers[0].output_padding == (1, 1)
    assert mirror(TO_28).notes == ("", "", "")


def test_a_chain_that_breaks_has_neither_mirror_nor_code():
    broken = Chain((8, 4, 4), (Layer(output_padding=2),), (28, 28))
    for use in (mirror, to_code):
        with pytest.raises(ValueError, match="output padding 2 must be smaller"):
            use(broken)


def test_the_code_of_a_chain_makes_maps_of_its_sizes():
    for chain in unbroken(range(120)):
        module = executed(to_code(chain))
        maps = torch.zeros(1, *chain.start)
        with torch.no_grad():
            assert tuple(module(maps).shape[1:]) == sizes(chain)[-1], chain


def test_the_code_says_every_size_and_leaves_out_what_is_pytorchs_default():
    code = to_code(TO_28, "Generator")
    assert "nn.ConvTranspose2d(8, 6, kernel_size=4, stride=2, padding=1),  # 8×4×4 → 6×8×8" in code
    assert "dilation" not in code and "output_padding" not in code
    assert code.count("nn.ReLU()") == 2
    uneven = to_code(Chain((4, 8, 8), (Layer("convolution", 4, kernel=(3, 4), dilation=2, groups=2),), (4, 4)))
    assert "nn.Conv2d(4, 4, kernel_size=(3, 4), stride=2, padding=1, dilation=2, groups=2)" in uneven


@pytest.mark.parametrize("name", ["", "class", "a b", "x;import os", None])
def test_what_is_no_name_for_a_class_is_refused(name):
    with pytest.raises(ValueError, match="no name for a class"):
        to_code(TO_28, name)


DCGANS = ["dcgan", "sn-dcgan", "lsgan", "wgan", "wgan-gp", "dragan", "dcgan-pooling", "cgan", "acgan"]


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_architecture_gives_its_chain_or_a_sentence(name):
    experiment = Experiment(architecture=name)
    if name in DCGANS:
        assert problem(from_experiment(experiment)) is None
    else:
        with pytest.raises(ValueError, match=r"is not a chain of|enlarges its maps by nearest"):
            from_experiment(experiment)


@pytest.mark.parametrize("resolution", [16, 32, 64])
def test_a_chain_of_an_experiment_has_the_sizes_of_its_shape_table(resolution):
    experiment = Experiment("dcgan", "digits").with_settings({"data.resolution": resolution})
    rows = [row for row in shape_table(experiment).generator if row.type == "ConvTranspose2d" and row.stage != "project"]
    assert sizes(from_experiment(experiment))[1:] == [row.output_shape for row in rows]


def test_the_settings_of_a_chain_give_a_generator_with_that_chain():
    experiment = Experiment("dcgan", "digits")
    chain = Chain(
        (64, 4, 4),
        (Layer(kernel=5, padding=2, output_padding=1), Layer(padding=3, kernel=8), Layer(kernel=2, padding=0)),
        (32, 32),
    )
    assert problem(chain) is None
    changed = experiment.with_settings(to_settings(chain, experiment))
    assert [size[1:] for size in sizes(from_experiment(changed))] == [size[1:] for size in sizes(chain)]
    assert shape_table(changed).problem is None


def test_a_first_stage_that_makes_the_small_map_has_no_settings():
    experiment = Experiment("dcgan", "digits")
    first = Layer(channels=64, kernel=4, stride=1, padding=0)
    whole = Chain((32, 1, 1), (first, *[Layer()] * 3), (32, 32))
    assert to_settings(whole, experiment) == to_settings(Chain((64, 4, 4), (Layer(),) * 3, (32, 32)), experiment)


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        (Chain((8, 4, 4), (Layer(dilation=2, kernel=3, padding=2, output_padding=1), Layer(), Layer()), (32, 32)), "dilation"),
        (Chain((8, 4, 4), (Layer(), Layer(), Layer(groups=2)), (32, 32)), "groups are no settings"),
        (
            Chain((8, 4, 4), (Layer(kernel=(4, 2), padding=(1, 0)), Layer(), Layer()), (32, 32)),
            "one number for height and width",
        ),
        (Chain((8, 8, 8), (Layer(),) * 2, (32, 32)), "3 stages, from 4×4 on"),
        (Chain((8, 4, 4), (Layer(), Layer(), Layer(kernel=5)), (33, 33)), "does not reach the data's size, 32×32"),
        (Chain((8, 4, 4), (Layer(), Layer("convolution"), Layer()), (8, 8)), "transposed convolutions only"),
        (Chain((8, 4, 4), (Layer(), Layer(), Layer(kernel=20, padding=9)), (32, 32)), "kernel_size must be between 1 and 11"),
    ],
)
def test_what_the_settings_cannot_express_is_said(chain, sentence):
    with pytest.raises(ValueError, match=sentence):
        to_settings(chain, Experiment("dcgan", "digits"))
