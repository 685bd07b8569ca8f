"""The shape table against the networks themselves, and what it says where sizes do not meet."""

import itertools
import json
import random
import re

import pytest
import torch
from torch import nn

from playground.experiment import Experiment
from playground.inspection import formula, shape_table
from playground.layers import Row, Stage, trace
from playground.layers.upsampling import UPSAMPLINGS

ROW_KEYS = {
    *("stage", "module", "type", "input_shape", "output_shape"),
    *("kernel_size", "stride", "padding", "output_padding", "parameters", "macs", "activations"),
}
DATA = {"1": "digits", "3": "shapes"}


def experiment(name: str = "dcgan", channels: str = "1", resolution: int = 16, **settings) -> Experiment:
    flat = {"architecture": name, "dataset": DATA[channels], "data.resolution": resolution}
    return Experiment.from_settings(flat | {key.replace("__", "."): value for key, value in settings.items()})


def test_multiply_accumulates_are_those_counted_by_hand():
    rows = {(row.stage, row.type): row for row in shape_table(experiment("dcgan")).generator}
    # each of 16 input pixels × 32 channels stamps a 4×4 kernel for 16 channels
    assert rows["up1", "ConvTranspose2d"].macs == 16 * 32 * 16 * 4 * 4
    linear = shape_table(experiment("mlp")).generator[0]
    assert linear.macs == 32 * 256 and linear.parameters == 32 * 256 + 256


def test_activations_are_the_output_and_what_attention_and_gates_keep():
    linear = shape_table(experiment("mlp")).generator[0]
    assert linear.activations == 256
    rows = {row.type: row for row in shape_table(experiment("transgan")).generator}
    tokens, width = rows["SelfAttention"].input_shape
    assert rows["SelfAttention"].activations > tokens * width + tokens * 16  # every token looks at 16 others at least
    recurrent = {row.type: row for row in shape_table(experiment("recurrent-rows")).generator}["Recurrent"]
    assert recurrent.activations == recurrent.output_shape[0] * recurrent.output_shape[1] * (1 + 2 * 3)  # a GRU's gates


def test_json_has_every_field_of_every_row_and_no_problem_where_there_is_none():
    table = json.loads(json.dumps(shape_table(experiment()).to_json()))
    assert set(table) == {"generator", "discriminator"}
    assert all(set(row) == ROW_KEYS for row in table["generator"] + table["discriminator"])
    first = table["generator"][1]
    assert (first["stage"], first["type"], first["kernel_size"], first["stride"]) == (
        "project",
        "ConvTranspose2d",
        [4, 4],
        [1, 1],
    )


def test_nothing_is_allocated_for_the_table():
    # 25 million parameters would take 100 MB
    big = shape_table(experiment("sn-dcgan", "3", 64, generator__width=180, discriminator__width=64, recipe__batch_size=2))
    assert sum(row.parameters for row in big.generator) > 15_000_000


@pytest.mark.parametrize(
    ("settings", "network", "stage", "sentence"),
    [
        ({"generator__padding": 8}, "generator", "up1", "nothing is left of the feature map"),
        ({"generator__output_padding": "0,3"}, "generator", "up2", "output padding 3 must be smaller than the stride 2"),
        ({"generator__stride": "2,1"}, "generator", "up2", "the generator makes 1×9×9 but the data are 1×16×16"),
        ({"generator__kernel_size": 6}, "generator", "up2", "the generator makes 1×22×22 but the data are 1×16×16"),
        ({"discriminator__kernel_size": 11}, "discriminator", "down2", r"the kernel \(11×11\) is larger than its input"),
    ],
)
def test_a_broken_chain_names_network_stage_and_reason(settings, network, stage, sentence):
    table = shape_table(experiment(**settings))
    assert (table.problem.network, table.problem.stage) == (network, stage)
    assert re.search(sentence, table.problem.sentence) and "\n" not in table.problem.sentence
    assert table.to_json()["problem"] == {"network": network, "stage": stage, "sentence": table.problem.sentence}


def test_a_broken_chain_keeps_the_rows_that_fit_and_the_other_network():
    whole, broken = shape_table(experiment()), shape_table(experiment(discriminator__kernel_size="4,11"))
    assert broken.generator == whole.generator
    assert [row.stage for row in broken.discriminator] == ["down1", "down1"]
    assert broken.discriminator == whole.discriminator[:2]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"generator__stride": "2,2,2"}, "stride has 3 values for 2 stages; give one for all or one for each"),
        (
            {"channels": "3", "resolution": 64, "generator__width": 256, "generator__latent_dim": 512},
            "more than the 30,000,000",
        ),
        ({"resolution": 64, "generator__width": 128, "recipe__batch_size": 512}, "GiB allowed"),
    ],
)
def test_settings_that_make_no_network_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        shape_table(experiment(**settings))


def evaluated(text: str) -> tuple[int, int]:
    """Compute both sides of a formula, `⌊(8 + 2·1 − 4) / 2⌋ + 1 = 4`."""
    plain = text.replace("−", "-").replace("·", "*").replace("⌊", "(").replace("⌋", ")").replace("/", "//")
    left, right = plain.split("=")
    return eval(left, {"__builtins__": {}}), int(right)


def random_rows(count: int) -> list[Row]:
    """Trace convolutions of both directions with random geometry that leaves something of the map."""
    source = random.Random(0)
    rows: list[Row] = []
    while len(rows) < count:
        size, kernel, stride, padding = (source.randint(*limits) for limits in ((1, 40), (1, 11), (1, 8), (0, 8)))
        extra = source.randint(0, stride - 1)
        layers = [nn.Conv2d(1, 1, kernel, stride, padding), nn.ConvTranspose2d(1, 1, kernel, stride, padding, extra)]
        fits = [size + 2 * padding >= kernel, (size - 1) * stride - 2 * padding + kernel + extra >= 1]
        for layer in itertools.compress(layers, fits):
            rows += trace(nn.Sequential(Stage(layer)).to("meta"), torch.empty(1, 1, size, size, device="meta"))
    return rows


def test_the_formula_gives_the_real_size_for_random_geometry():
    for row in random_rows(200):
        computed, written = evaluated(formula(row))
        assert computed == written == row.output_shape[-1], formula(row)


def test_the_formula_is_written_with_the_row_s_own_numbers():
    rows = {(row.stage, row.type): formula(row) for row in shape_table(experiment("dcgan")).generator}
    assert rows["up1", "ConvTranspose2d"] == "(4 − 1)·2 − 2·1 + 4 = 8"
    assert rows["up1", "ReLU"] == rows["up1", "BatchNorm2d"] == ""
    judged = {(row.stage, row.type): formula(row) for row in shape_table(experiment("dcgan")).discriminator}
    assert judged["down1", "Conv2d"] == "⌊(16 + 2·1 − 4) / 2⌋ + 1 = 8"
    assert formula(shape_table(experiment("mlp")).generator[0]) == "32 × 256 weights"


@pytest.mark.parametrize("kind", [kind for kind in UPSAMPLINGS if kind != "transposed"])
def test_other_ways_to_upsample_have_their_own_formulas(kind):
    rows = {row.type: row for row in shape_table(experiment(generator__upsampling=kind)).generator if row.stage == "up1"}
    assert formula(rows["PixelShuffle" if kind == "pixel-shuffle" else "Upsample"]) == "4·2 = 8"
    size = 4 if kind == "pixel-shuffle" else 8
    assert formula(rows["Conv2d"]) == f"same padding: {size} stays {size}"
