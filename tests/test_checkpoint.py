"""Checkpoints: what is saved comes back, and nothing that a stranger puts into a file does harm."""

import dataclasses
import json
import math
import os
import pickle
import resource
import stat
import struct

import numpy as np
import pytest
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from playground import checkpoint
from playground.checkpoint import MAX_HISTORY, load, save, shipped, thinned
from playground.experiment import Experiment
from playground.model import Model, build, to_arrays
from playground.samples import Samples
from playground.training import train

TINY = {
    "architecture": "mlp",
    "dataset": "digits",
    "seed": 7,
    "data.resolution": 16,
    "generator.latent_dim": 3,
    "generator.width": 8,
    "discriminator.width": 8,
    "recipe.batch_size": 2,
    "recipe.loss": "hinge",
}


def tiny_samples(experiment: Experiment) -> Samples:
    values = torch.randint(256, (10, *experiment.spec.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Samples(experiment.spec, values)


def trained(steps: int = 3, **changes) -> Model:
    experiment = Experiment.from_settings({**TINY, **changes})
    snapshots = list(train(experiment, steps=steps, samples=tiny_samples(experiment), device="cpu"))
    return Model.from_state(experiment, snapshots[-1].state, [snapshot.record() for snapshot in snapshots])


@pytest.fixture(scope="module")
def model() -> Model:
    return trained()


@pytest.fixture(scope="module")
def good(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "good.safetensors"
    save(model, path)
    return path


@pytest.fixture(scope="module")
def parts(good) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The tensors and the metadata of a sound checkpoint, to be spoilt."""
    with safe_open(good, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def forge(path, parts, tensors: dict | None = None, without: tuple[str, ...] = (), **metadata):
    """Write a checkpoint of `parts` with some tensors and some metadata changed."""
    arrays = {name: value for name, value in (parts[0] | (tensors or {})).items() if name not in without}
    save_file(arrays, path, parts[1] | metadata)
    return path


def description(**changes) -> str:
    return json.dumps({**TINY, **{key.replace("__", "."): value for key, value in changes.items()}})


def refused(path, words: str = ".") -> None:
    """Check that `path` is refused with one short sentence."""
    with pytest.raises(ValueError, match=words) as caught:
        load(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_a_checkpoint_holds_the_whole_model(model, good):
    loaded = load(good)
    assert loaded.experiment == model.experiment
    assert loaded.history == model.history
    assert loaded.step == 3
    np.testing.assert_array_equal(loaded.sample(5, seed=2), model.sample(5, seed=2))
    for mine, other in zip(loaded.discriminator.parameters(), model.discriminator.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=0)
    assert set(loaded.resume) == set(model.resume)
    for name, value in model.resume.items():
        np.testing.assert_array_equal(loaded.resume[name], value)


@pytest.mark.parametrize("architecture", ["dcgan", "sn-dcgan"])
def test_buffers_of_the_networks_come_back_too(architecture, tmp_path):
    experiment = Experiment.from_settings({"architecture": architecture, "dataset": "digits", "data.resolution": 16})
    *_, last = train(experiment, steps=2, samples=tiny_samples(experiment), device="cpu")
    model = Model.from_state(experiment, last.state)
    save(model, tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    for network in ("generator", "discriminator"):
        wanted = getattr(model, network).state_dict()
        for name, value in getattr(loaded, network).state_dict().items():
            torch.testing.assert_close(value, wanted[name], rtol=0, atol=0)


def test_a_model_without_training_state_is_saved_and_comes_back_without(model, tmp_path):
    bare = dataclasses.replace(model, resume=None)
    save(bare, tmp_path / "bare.safetensors")
    loaded = load(tmp_path / "bare.safetensors")
    assert loaded.resume is None and loaded.step == 3
    np.testing.assert_array_equal(loaded.sample(2), model.sample(2))


def test_the_suffix_of_a_file_does_not_matter(good, tmp_path):
    for name in ("model", "model.png", "model.pt"):
        (tmp_path / name).write_bytes(good.read_bytes())
        assert load(tmp_path / name).step == 3


def test_a_saved_file_can_be_read_by_whom_the_umask_lets(model, tmp_path):
    before = os.umask(0o027)
    try:
        save(model, tmp_path / "model.safetensors")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "model.safetensors").stat().st_mode) == 0o640


def test_a_long_history_is_thinned_evenly_with_its_last_record(model, tmp_path):
    record = model.history[-1]
    history = [record | {"step": step} for step in range(3 * MAX_HISTORY)]
    save(dataclasses.replace(model, history=history), tmp_path / "long.safetensors")
    steps = [entry["step"] for entry in load(tmp_path / "long.safetensors").history]
    assert len(steps) == MAX_HISTORY
    assert steps[0] == 0 and steps[-1] == history[-1]["step"]
    assert set(np.diff(steps)) <= {2, 3, 4}
    assert thinned(history[:7]) == history[:7]


def test_a_path_on_this_machine_never_enters_a_checkpoint(tmp_path):
    experiment = Experiment.from_settings(
        {**TINY, "dataset": "images", "data.path": "/home/me/faces", "data.colour": False}, trusted=True
    )
    save(Model.untrained(experiment), tmp_path / "mine.safetensors")
    assert b"faces" not in (tmp_path / "mine.safetensors").read_bytes()
    assert load(tmp_path / "mine.safetensors").experiment.data.path == ""


def test_the_shipped_checkpoints_load():
    for path in shipped():
        assert load(path).sample(1).dtype == np.uint8


@pytest.mark.parametrize(
    "error", [SafetensorError("No space left on device (os error 28)"), OSError(28, "No space left on device")]
)
def test_no_partial_file_is_left_where_the_disk_is_full(error, model, good, tmp_path, monkeypatch):
    def full_disk(arrays, path, metadata):
        path.write_bytes(good.read_bytes()[:100])
        raise error

    (tmp_path / "model.safetensors").write_bytes(good.read_bytes())
    monkeypatch.setattr(checkpoint, "save_file", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save(model, tmp_path / "model.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
    assert load(tmp_path / "model.safetensors").step == 3  # the earlier one is still whole


def test_a_folder_that_is_not_there_is_an_oserror(model, tmp_path):
    with pytest.raises(OSError):
        save(model, tmp_path / "nowhere" / "model.safetensors")
    with pytest.raises(OSError):
        save(model, tmp_path)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.safetensors")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    refused(tmp_path / "empty", "empty is not a safetensors file")


def test_a_file_cut_short_anywhere_is_refused(good, tmp_path):
    data = good.read_bytes()
    header = struct.unpack("<Q", data[:8])[0]
    cuts = {*range(1, 20), *range(20, len(data), len(data) // 40), 7 + header, 8 + header, 9 + header, len(data) - 1}
    for cut in cuts:
        (tmp_path / "cut").write_bytes(data[:cut])
        refused(tmp_path / "cut", "cut is not a")


def test_bytes_after_the_end_are_refused(good, tmp_path):
    (tmp_path / "longer").write_bytes(good.read_bytes() + b"more")
    refused(tmp_path / "longer", "not a sound safetensors file")


def test_random_bytes_are_refused(tmp_path):
    source = np.random.default_rng(0)
    for size in (1, 8, 9, 100, 10_000):
        data = source.bytes(size)
        (tmp_path / "noise").write_bytes(data)
        refused(tmp_path / "noise")
        # also behind a header length that is possible
        (tmp_path / "noise").write_bytes(struct.pack("<Q", max(2, size // 2)) + b"{" + data)
        refused(tmp_path / "noise")


def test_flipped_bits_in_the_header_are_refused_or_change_nothing_dangerous(good, tmp_path):
    data = bytearray(good.read_bytes())
    header = struct.unpack("<Q", data[:8])[0]
    source = np.random.default_rng(1)
    for place in source.integers(0, 8 + header, 150):
        spoilt = bytearray(data)
        spoilt[place] ^= 1 << int(source.integers(8))
        (tmp_path / "flipped").write_bytes(spoilt)
        try:
            assert load(tmp_path / "flipped").sample(1).shape == (1, 16, 16, 1)  # a digit of the history, say
        except ValueError as error:
            assert "\n" not in str(error)


def test_a_pickle_is_refused_and_never_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    (tmp_path / "model.safetensors").write_bytes(pickle.dumps(Trap()))
    refused(tmp_path / "model.safetensors", "is not a safetensors file")
    torch.save({"trap": Trap()}, tmp_path / "torch.safetensors")
    refused(tmp_path / "torch.safetensors", "is not a safetensors file")
    assert not (tmp_path / "sprung").exists()


def test_a_file_over_the_size_limit_is_refused_unread(tmp_path):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(checkpoint.MAX_FILE_BYTES + 1)  # takes no room on disk
    refused(tmp_path / "huge", "huge has 512 MiB, over the 512 MiB allowed")


def test_a_header_over_the_size_limit_is_refused_unread(tmp_path):
    size = checkpoint.MAX_HEADER_BYTES + 1
    (tmp_path / "header").write_bytes(struct.pack("<Q", size) + b"{" + b" " * size)
    refused(tmp_path / "header", "is not a safetensors file")


def test_the_weights_of_another_program_are_refused(tmp_path):
    save_file({"weight": np.zeros((2, 2), np.float32)}, tmp_path / "foreign", {"format": "pt"})
    refused(tmp_path / "foreign", "was not made by GAN Playground")
    save_file({"weight": np.zeros((2, 2), np.float32)}, tmp_path / "foreign")
    refused(tmp_path / "foreign", "was not made by GAN Playground")


def test_a_later_version_is_refused_by_its_name(parts, tmp_path):
    refused(forge(tmp_path / "later", parts, version="99"), "has version '99'; this program reads version 1")


def test_a_missing_tensor_is_named(parts, tmp_path):
    for name in ("average.stages.image.0.bias", "discriminator.stages.score.0.weight"):
        refused(forge(tmp_path / "lacking", parts, without=(name,)), f"the checkpoint lacks {name}")


def test_a_tensor_too_many_is_named(parts, tmp_path):
    for name in ("average.extra", "generator.extra", "optimiser_generator.0.extra", "x" * 500):
        refused(forge(tmp_path / "extra", parts, {name: np.zeros(1, np.float32)}), "which belongs to no network")


@pytest.mark.parametrize("shape", [(1,), (8, 4), (3, 8), (8, 3, 1), (), (0,)])
def test_a_weight_of_another_shape_is_refused(shape, parts, tmp_path):
    changed = {"average.stages.hidden1.0.weight": np.zeros(shape, np.float32)}
    refused(forge(tmp_path / "shape", parts, changed), "hidden1.0.weight has shape .* but these networks need")


@pytest.mark.parametrize(
    "name", ["average.stages.image.0.bias", "discriminator.stages.score.0.bias", "optimiser_generator.0.exp_avg"]
)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_that_are_not_finite_are_refused(name, value, parts, tmp_path):
    refused(forge(tmp_path / "nan", parts, {name: np.full_like(parts[0][name], value)}), "NaN or infinite")


@pytest.mark.parametrize("kind", ["BF16", "F8_E4M3", "F64", "I64", "BOOL", "C64"])
def test_weights_of_another_number_format_load_or_are_refused(kind, parts, tmp_path):
    names = {"float32": "F32", "float64": "F64", "uint8": "U8"}
    table: dict = {"__metadata__": parts[1]}
    body = b""
    for name, value in parts[0].items():
        strange = name == "average.stages.image.0.bias"
        data = bytes(value.size * {"BF16": 2, "F8_E4M3": 1, "BOOL": 1}.get(kind, 8)) if strange else value.tobytes()
        dtype = kind if strange else names[str(value.dtype)]
        table[name] = {"dtype": dtype, "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(table).encode()
    (tmp_path / "kind").write_bytes(struct.pack("<Q", len(text)) + text + body)
    try:
        assert load(tmp_path / "kind").generator.stages.image[0].bias.dtype == torch.float32
    except ValueError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "words",
    ["", "nonsense", "[", "[1]", "3", "null", '"text"', "{" * 100_000, "[" * 100_000, '{"a":' * 50_000],
    ids=lambda words: words[:8],
)
def test_a_description_that_is_no_description_is_refused(words, parts, tmp_path):
    refused(forge(tmp_path / "words", parts, experiment=words))
    refused(forge(tmp_path / "words", parts, history=words or "x"))
    if words != "3":
        refused(forge(tmp_path / "words", parts, step=words))


@pytest.mark.parametrize(
    "step", ["-1", "1.5", "NaN", "Infinity", "1e400", "9" * 4000, "9" * 5000, str(2**63)], ids=lambda step: step[:20]
)
def test_a_step_that_is_no_count_is_refused(step, parts, tmp_path):
    refused(forge(tmp_path / "step", parts, step=step), "damaged")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", '"1"', "[1]", "{}", "1" + "0" * 400, "1e999"])
def test_a_history_that_holds_no_numbers_is_refused(value, parts, tmp_path):
    refused(forge(tmp_path / "history", parts, history=f'[{{"step": 1, "seconds": {value}}}]'), "history is damaged")


def test_records_of_a_history_that_have_no_step_are_left_out(parts, tmp_path):
    history = '[{}, {"seconds": 1}, {"step": null, "rate": 2}, {"step": 3, "rate": null}]'
    records = load(forge(tmp_path / "steps", parts, history=history)).history
    assert [record["step"] for record in records] == [3] and records[0]["rate"] is None


def test_a_history_keeps_only_what_is_known(parts, tmp_path):
    loaded = load(forge(tmp_path / "more", parts, history='[{"step": 1, "html": "<script>"}]'))
    assert "html" not in loaded.history[0] and loaded.history[0]["step"] == 1


def test_a_history_longer_than_allowed_is_refused(parts, tmp_path):
    refused(forge(tmp_path / "long", parts, history=json.dumps([{"step": 1}] * (MAX_HISTORY + 1))), "history is damaged")


def test_private_settings_are_refused(parts, tmp_path):
    words = json.dumps({"architecture": "mlp", "dataset": "images", "data.path": "/etc/passwd"})
    refused(forge(tmp_path / "private", parts, experiment=words), "path cannot be set from a link or a file")


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "biggan"},
        {"dataset": "../../etc"},
        {"opponent": []},
        {"seed": -1},
        {"seed": 10**400},
        {"generator__width": 10**9},
        {"generator__width": [8, 8]},
        {"generator__width": "NaN"},
        {"generator__width": None},
        {"generator__width": {}},
        {"generator__latent_dim": math.nan},
        {"generator__colour": 1},
        {"painter__width": 1},
        {"recipe__loss": "x" * 10_000},
        {"recipe__batch_size": 0},
    ],
)
def test_settings_out_of_range_are_refused(changes, parts, tmp_path):
    refused(forge(tmp_path / "settings", parts, experiment=description(**changes)))


def test_enormous_networks_are_refused_before_memory_is_taken(parts, tmp_path):
    widest = description(generator__width=2048, generator__num_hidden=6, discriminator__width=2048, discriminator__pieces=8)
    path = forge(tmp_path / "wide", parts, experiment=widest)
    build(Experiment.from_settings(TINY))  # the first use of the meta device loads PyTorch's own code
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("noise", np.zeros(3, np.uint8)),
        ("noise", np.zeros((2, 2), np.float32)),
        ("step", np.zeros(5)),
        ("step", np.float64(-1)),
        ("step", np.float64(1e300)),
        ("samples_seen", np.float64(-5)),
        ("samples_seen", np.float64(1e30)),
        ("samples_seen", np.zeros((2, 2))),
        ("seconds", np.float64(-1)),
        ("optimiser_generator.0.exp_avg", np.zeros((2, 2), np.float32)),
        ("optimiser_generator.9999.exp_avg", np.zeros(1, np.float32)),
        ("optimiser_generator.0.step", np.zeros(4, np.float32)),
    ],
)
def test_a_forged_training_state_is_refused_when_loaded_or_resumed(name, value, parts, tmp_path):
    path = forge(tmp_path / "state", parts, {name: np.asarray(value)})
    with pytest.raises(ValueError) as caught:
        resumed = load(path)
        list(train(resumed.experiment, steps=1, samples=tiny_samples(resumed.experiment), resume=resumed.resume))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "name",
    [
        *("step", "samples_seen", "seconds", "generator.stages.image.0.bias"),
        *(
            f"optimiser_{network}.0.{key}"
            for network in ("generator", "discriminator")
            for key in ("step", "exp_avg", "exp_avg_sq")
        ),
    ],
)
def test_an_incomplete_training_state_is_refused_when_loaded_or_resumed(name, parts, tmp_path):
    path = forge(tmp_path / "state", parts, without=(name,))
    with pytest.raises(ValueError):
        resumed = load(path)
        list(train(resumed.experiment, steps=1, samples=tiny_samples(resumed.experiment), resume=resumed.resume))


def test_the_best_weights_and_those_that_training_goes_on_from_both_come_back(tmp_path):
    experiment = Experiment.from_settings({"architecture": "mlp", "dataset": "digits", "data.resolution": 16})
    *_, last = train(experiment, steps=3, measure=None)
    model, earlier = Model.from_state(experiment, last.state), Model.untrained(experiment)
    model.show_best(to_arrays(earlier.generator.state_dict()), 1)
    save(model, tmp_path / "best.safetensors")
    again = load(tmp_path / "best.safetensors")
    assert (again.step, again.best_step, again.shown_step) == (3, 1, 1)
    np.testing.assert_array_equal(again.sample(4), earlier.sample(4))
    for name, value in last.state.items():
        np.testing.assert_array_equal(again.resume[name], value, err_msg=name)


@pytest.mark.parametrize("step", ["-1", "4", "1e3", "²", "9" * 20])
def test_a_best_step_that_cannot_be_is_refused(tmp_path, step):
    experiment = Experiment.from_settings({"architecture": "mlp", "dataset": "digits", "data.resolution": 16})
    *_, last = train(experiment, steps=3, measure=None)
    model = Model.from_state(experiment, last.state)
    model.show_best(to_arrays(model.generator.state_dict()), 2)
    save(model, path := tmp_path / "best.safetensors")
    with safe_open(path, framework="np") as file:
        metadata, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(arrays, path, metadata | {"best_step": step})
    with pytest.raises(ValueError, match="damaged"):
        load(path)
