"""Runs as files: what is saved comes back, and nothing that a stranger puts into a file does harm."""

import json
import math
import struct

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from tiny_runs import TINY, TINY_CONVOLUTIONS, assert_same_state, go_on, tiny_run

from playground import checkpoint
from playground.checkpoint import load, save
from playground.experiment import Experiment
from playground.timeline import Parent, Run, Timeline, fork, load_run, save_run


@pytest.fixture(scope="module")
def run() -> Run:
    run = tiny_run(3)
    run.parent = Parent("the one before", 12)
    return run


@pytest.fixture(scope="module")
def good(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "run.safetensors"
    save_run(run, path)
    return path


@pytest.fixture(scope="module")
def parts(good) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The tensors and the metadata of a sound file, to be spoilt."""
    with safe_open(good, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def forge(path, parts, tensors: dict | None = None, without: tuple[str, ...] = (), **metadata):
    arrays = {name: value for name, value in (parts[0] | (tensors or {})).items() if name not in without}
    save_file(arrays, path, parts[1] | metadata)
    return path


def refused(path, words: str, open_with=load_run) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        open_with(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_a_file_holds_the_whole_run(run, good):
    loaded = load_run(good)
    assert loaded.experiment == run.experiment and loaded.history == run.history
    assert (loaded.title, loaded.parent) == ("tiny", Parent("the one before", 12))
    assert [(m.step, m.samples_seen, m.seconds) for m in loaded.timeline.moments] == [
        (m.step, m.samples_seen, m.seconds) for m in run.timeline.moments
    ]
    for mine, other in zip(loaded.timeline.moments, run.timeline.moments, strict=True):
        assert_same_state(mine.state, other.state)
    np.testing.assert_array_equal(loaded.model(2).sample(2), run.model(2).sample(2))


def test_a_run_without_parent_and_title_comes_back_without(tmp_path):
    run = tiny_run(1, TINY_CONVOLUTIONS, title="")
    save_run(run, tmp_path / "run.safetensors")
    loaded = load_run(tmp_path / "run.safetensors")
    assert loaded.parent is None and loaded.title == "" and loaded.name == "dcgan on digits"


def test_a_reopened_run_goes_on_bit_for_bit(run, good):
    loaded = load_run(good)
    branch = fork(loaded, 1)
    assert_same_state(go_on(branch.experiment, branch.state, 2)[-1].state, run.timeline.nearest(3).state)


def test_a_full_timeline_is_saved_with_all_its_moments(tmp_path, run):
    full = Run(run.experiment)
    for step in range(0, 400, 4):
        full.timeline.add({**run.timeline.nearest().state, "step": np.array(float(step))})
    save_run(full, tmp_path / "run.safetensors")
    assert len(load_run(tmp_path / "run.safetensors").timeline) == 48


def test_a_path_on_this_machine_never_enters_a_file(tmp_path):
    settings = {**TINY, "dataset": "images", "data.path": "/home/me/faces", "data.colour": False}
    run = Run(Experiment.from_settings(settings, trusted=True))
    run.timeline.add(tiny_run(1).timeline.nearest().state)
    save_run(run, tmp_path / "run.safetensors")
    assert b"faces" not in (tmp_path / "run.safetensors").read_bytes()
    assert load_run(tmp_path / "run.safetensors").experiment.data.path == ""


def test_a_run_without_moments_or_too_large_to_be_opened_is_not_saved(tmp_path, run, monkeypatch):
    with pytest.raises(ValueError, match="there is nothing to save"):
        save_run(Run(run.experiment), tmp_path / "run.safetensors")
    monkeypatch.setattr("playground.timeline.files.MAX_MOMENTS_BYTES", 1000)
    with pytest.raises(ValueError, match="save a checkpoint instead"):
        save_run(run, tmp_path / "run.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_and_a_run_are_told_apart_in_a_sentence(run, good, tmp_path):
    refused(good, "this file is a whole run with its moments; wanted here is a checkpoint, one model", load)
    save(run.model(), tmp_path / "model.safetensors")
    refused(tmp_path / "model.safetensors", "this file is a checkpoint, one model; wanted here is a whole run with its moments")
    for path in checkpoint.shipped():
        refused(path, "this file is a checkpoint")
    assert checkpoint.kind_of(good) == "run" and checkpoint.kind_of(tmp_path / "model.safetensors") == "checkpoint"


def test_a_file_of_an_unknown_kind_is_refused(parts, tmp_path):
    refused(forge(tmp_path / "odd", parts, kind="orchestra"), "this file is of an unknown kind")


def test_a_file_cut_short_anywhere_is_refused(good, tmp_path):
    data = good.read_bytes()
    header = struct.unpack("<Q", data[:8])[0]
    for cut in {*range(0, 12), *range(20, len(data), len(data) // 20), 7 + header, 8 + header, len(data) - 1}:
        (tmp_path / "cut").write_bytes(data[:cut])
        refused(tmp_path / "cut", "cut is not a")


def test_flipped_bits_in_the_header_are_refused_or_change_nothing_dangerous(good, tmp_path):
    data = bytearray(good.read_bytes())
    header = struct.unpack("<Q", data[:8])[0]
    source = np.random.default_rng(1)
    for place in source.integers(0, 8 + header, 100):
        spoilt = bytearray(data)
        spoilt[place] ^= 1 << int(source.integers(8))
        (tmp_path / "flipped").write_bytes(spoilt)
        try:
            assert load_run(tmp_path / "flipped").model().sample(1).shape == (1, 16, 16, 1)
        except ValueError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    "name", ["average.stages.image.0.bias", "generator.stages.image.0.bias", "discriminator.stages.score.0.weight", "seconds"]
)
def test_a_moment_that_lacks_something_is_refused(name, parts, tmp_path):
    refused(forge(tmp_path / "lacking", parts, without=(f"1.{name}",)), f"lacks {name}")


def test_a_moment_without_noise_or_with_a_strange_one_is_refused(parts, tmp_path):
    refused(forge(tmp_path / "noise", parts, without=("2.noise",)), "lacks its noise, or it is damaged")
    for noise in (np.zeros((2, 2), np.uint8), np.zeros(5000, np.float32), np.zeros(2**17, np.uint8)):
        refused(forge(tmp_path / "noise", parts, {"2.noise": noise}), "lacks its noise, or it is damaged")


@pytest.mark.parametrize("name", ["step", "4.step", "01.step", "-1.step", "0.", ".step", "100.step", "x" * 500])
def test_a_tensor_of_no_moment_is_refused(name, parts, tmp_path):
    refused(
        forge(tmp_path / "extra", parts, {name: np.zeros((), np.float64)}),
        "belongs to no moment|the checkpoint lacks|moments numbered from 0|belongs to no network",
    )


def test_a_missing_moment_and_one_too_many_are_refused(parts, tmp_path):
    without = tuple(name for name in parts[0] if name.startswith("1."))
    refused(forge(tmp_path / "gap", parts, without=without), "moments numbered from 0; this file has 3")
    many = {f"{number}.step": np.zeros(()) for number in range(60)}
    refused(forge(tmp_path / "many", parts, many), "1 to 48 moments numbered from 0; this file has 60")
    refused(forge(tmp_path / "none", ({}, parts[1])), "this file has 0")


@pytest.mark.parametrize("shape", [(1,), (8, 4), (8, 3, 1), (0,)])
def test_a_weight_of_another_shape_is_refused_in_any_moment(shape, parts, tmp_path):
    changed = {"3.average.stages.hidden1.0.weight": np.zeros(shape, np.float32)}
    refused(forge(tmp_path / "shape", parts, changed), "hidden1.0.weight has shape .* but these networks need")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_refused_in_any_moment(value, parts, tmp_path):
    name = "2.generator.stages.image.0.bias"
    refused(forge(tmp_path / "nan", parts, {name: np.full_like(parts[0][name], value)}), "NaN or infinite")


@pytest.mark.parametrize(("name", "value"), [("step", -1.0), ("step", 1e300), ("samples_seen", -5.0), ("seconds", -0.1)])
def test_a_counter_out_of_range_is_refused(name, value, parts, tmp_path):
    refused(forge(tmp_path / "counter", parts, {f"1.{name}": np.array(value)}), "a counter out of range")


def test_moments_out_of_order_are_refused(parts, tmp_path):
    for step in (0.0, 2.0, 5.0):
        refused(forge(tmp_path / "order", parts, {"1.step": np.array(step)}), "moments are not in order")


@pytest.mark.parametrize(
    "words",
    [
        *("", "nonsense", "[1]", "3", '"x"', "{}", "[" * 100_000),
        *('{"title": 3, "step": 1}', '{"title": "x", "step": -1}', '{"title": "x", "step": 1e400}'),
        *('{"title": "x", "step": true}', '{"title": "' + "x" * 300 + '", "step": 1}'),
    ],
    ids=lambda words: words[:24],
)
def test_a_parent_that_is_none_is_refused(words, parts, tmp_path):
    refused(forge(tmp_path / "parent", parts, parent=words), "forked from is damaged|the run's title has 300 characters")


def test_an_endless_title_is_refused(parts, tmp_path):
    refused(forge(tmp_path / "title", parts, title="x" * 10_000), "the run's title has 10,000 characters, over the 200 allowed")


def test_private_settings_are_refused(parts, tmp_path):
    words = json.dumps({"architecture": "mlp", "dataset": "images", "data.path": "/etc/passwd"})
    refused(forge(tmp_path / "private", parts, experiment=words), "path cannot be set from a link or a file")


def test_a_history_that_holds_no_numbers_is_refused(parts, tmp_path):
    refused(forge(tmp_path / "history", parts, history='[{"step": 1, "seconds": NaN}]'), "history is damaged")


def test_records_without_a_step_are_left_out_and_the_run_can_be_used(parts, tmp_path):
    loaded = load_run(forge(tmp_path / "steps", parts, history='[{"steps": 1}, {"step": null}, {"step": 2}]'))
    assert [record["step"] for record in loaded.history] == [2]
    assert loaded.model(2).history == fork(loaded, 2).history == loaded.history


def test_a_file_over_the_size_limit_is_refused_unread(tmp_path):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(checkpoint.MAX_FILE_BYTES + 1)
    refused(tmp_path / "huge", "huge has 512 MiB, over the 512 MiB allowed")


def test_a_loaded_timeline_is_bounded_like_any_other(good):
    timeline = load_run(good).timeline
    assert (timeline.max_moments, timeline.max_bytes) == (Timeline().max_moments, Timeline().max_bytes)
