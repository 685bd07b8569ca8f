"""The command that works out a chain of layers."""

import json

import pytest
from command_line import call, done

TO_28 = "solve --start 128x4x4 --target 28x28 --layers k4s2p1,k4s2p1,k4s2p1"
TO_32 = TO_28.replace("28x28", "32x32")


def test_a_valid_chain_is_a_table_with_its_formulas():
    lines = done(TO_32).stdout.splitlines()
    assert lines[1].split() == ["start", "128×4×4"]
    assert lines[4].split(maxsplit=3) == ["3", "k4s2p1c1", "1×32×32", "(16 − 1)·2 − 2·1 + 4 = 32"]
    assert len(lines) == 5


def test_a_chain_that_fails_ends_with_status_1_and_offers_repairs():
    result = call(TO_28)
    assert result.exit_code == 1
    assert result.stderr == "stage 3: the chain ends at 32×32, but 28×28 is wanted\n"
    assert "padding 1 → 2 at stage 2: 32×32 becomes 28×28" in result.stdout


def test_a_repair_is_written_as_the_command_takes_it():
    found = json.loads(call(TO_28 + " --json").stdout)
    assert found["problem"] == {"stage": 3, "sentence": "the chain ends at 32×32, but 28×28 is wanted"}
    for repair in found["repairs"]:
        start = "x".join(map(str, repair["start"]))
        done(f"solve --start {start} --target 28x28 --layers {repair['layers']}")


def test_sizes_formulas_and_repairs_come_as_json():
    found = json.loads(done(TO_32 + " --json").stdout)
    assert found["sizes"] == [[128, 4, 4], [64, 8, 8], [32, 16, 16], [1, 32, 32]]
    assert found["formulas"][0] == ["(4 − 1)·2 − 2·1 + 4 = 8"]
    assert found["problem"] is None and found["repairs"] == []


def test_the_code_is_all_that_is_written_so_that_it_can_be_saved():
    code = done(TO_32 + " --code").stdout
    compile(code, "chain.py", "exec")
    assert code.startswith("import torch\n") and "nn.ConvTranspose2d(128, 64" in code


def test_height_width_dilation_groups_and_convolutions_can_be_written():
    line = "solve --start 4x6x9 --target 2x3 --layers conv:k3x4s2p1g2c8,conv:k2d2p1x0c5 --json"
    found = json.loads(call(line).stdout)
    assert found["sizes"] == [[4, 6, 9], [8, 3, 4], [5, 3, 2]]
    assert len(found["formulas"][0]) == 2


def test_a_chain_that_breaks_shows_how_far_it_holds():
    result = call("solve --start 8x4x4 --target 16x16 --layers k4s2p1,k4s2p1o2")
    assert result.exit_code == 1 and "output padding 2 must be smaller" in result.stderr
    assert result.stdout.splitlines()[3].split() == ["2", "k4s2p1o2c1", "?"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--start 4x4 --target 8x8 --layers k4", "--start is channels, height and width, like 128x4x4, not '4x4'"),
        ("--start 1x4x4 --target 8 --layers k4", "--target is height and width, like 28x28, not '8'"),
        ("--start 1x4x4 --target 8x8 --layers k4,z", "a stage is written like k4s2p1 or conv:k3s2p1, not 'z'"),
        ("--start 1x4x4 --target 8x8 --layers s2", "a stage needs a kernel, k4 for one of 4×4; 's2' has none"),
        ("--start 1x4x4 --target 8x8 --layers k0", "kernel must be a whole number between 1 and 32, not 0"),
        ("--start 1x4x4 --target 8x8 --layers " + ",".join(["k4"] * 9), "a chain has 1 to 8 layers, not 9"),
        ("--start 1x4x99999 --target 8x8 --layers k4", "start must be a whole number between 1 and 1024"),
        ("--start 1x4x4 --target 8x8 --layers k4s2p1o3 --code", "a chain that breaks cannot be written as code"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_status_2(options, sentence):
    result = call(f"solve {options}")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {sentence}") and result.stderr.count("\n") == 1
