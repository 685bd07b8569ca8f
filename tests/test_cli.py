"""The command line, as a person and as a script meet it."""

import dataclasses
import errno
import io
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import av
import numpy as np
import pytest
from command_line import TINY, call, done
from PIL import Image
from typer.testing import CliRunner

from playground import __version__, training
from playground.__main__ import app
from playground._cli import interruptions, table
from playground._cli_training import Progress, follow
from playground.architectures import ARCHITECTURES
from playground.checkpoint import load, save, shipped
from playground.datasets import DATASETS
from playground.experiment import Experiment
from playground.exporting import read_settings
from playground.inspection import shape_table
from playground.losses import LOSSES
from playground.model import Model
from playground.penalties import PENALTIES
from playground.timeline import Run
from playground.training import Snapshot
from playground.training.game import MEASURES
from playground.training.snapshot import RECORD_FIELDS

ROOT = pathlib.Path(__file__).parents[1]
COMMANDS = (
    "list", "shapes", "train", "sample", "interpolate", "evaluate", "benchmark", "timeline", "fork", "compare", "plane",
    "directions", "rank", "smoothness", "invert", "map", "solve", "ladder",
)  # fmt: skip
BROKEN = "shapes dcgan --set generator.padding=1,8,1 --set generator.kernel_size=4,2,4"
SNAPSHOT_KEYS = {*RECORD_FIELDS, "status", "message", "diagnosis", "sentence", "advice"}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> pathlib.Path:
    """A run of three steps of a tiny MLP."""
    path = tmp_path_factory.mktemp("runs") / "tiny.safetensors"
    done(f"train mlp {TINY} --steps 3 --seed 5 --output {path}")
    return path


@pytest.fixture(scope="module")
def conditional(tmp_path_factory) -> pathlib.Path:
    """A run of two steps of a tiny conditional GAN."""
    path = tmp_path_factory.mktemp("runs") / "conditional.safetensors"
    done(f"train cgan {TINY} --steps 2 --output {path}")
    return path


@pytest.fixture(autouse=True)
def no_data_on_disk(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path_factory.getbasetemp() / "no-data"))


# --- help


def test_help_answers_at_once_without_loading_pytorch():
    code = """
import runpy, sys
sys.argv = ["playground", "train", "--help"]
try:
    runpy.run_module("playground", run_name="__main__")
except SystemExit as end:
    sys.exit("torch was loaded" if "torch" in sys.modules else end.code)
"""
    started = time.perf_counter()
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert "--resume" in result.stdout
    assert time.perf_counter() - started < 3  # in fact a fifth of a second; two busy cores are slower


def test_help_names_every_command_in_a_line_each():
    text = done("--help").stdout
    assert all(word in text for word in (*COMMANDS, "Exit status"))
    assert text.count("\n") <= len(COMMANDS) + 12  # no command takes two lines
    assert done("").stdout == text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_on_less_than_a_screen(command):
    text = done(f"{command} --help").stdout
    assert 5 < text.count("\n") < 30


def test_the_version_is_the_package_s():
    assert done("--version").stdout == f"playground {__version__}\n"


# --- list


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("architectures", list(ARCHITECTURES)),
        ("datasets", list(DATASETS)),
        ("losses", list(LOSSES)),
        ("penalties", list(PENALTIES)),
    ],
)
def test_lists_name_what_is_registered(what, names):
    entries = json.loads(done(f"list {what} --json").stdout)
    assert [entry["name"] for entry in entries] == names
    assert all(entry["title"] and entry["summary"] for entry in entries)
    text = done(f"list {what}").stdout
    assert all(re.search(f"^{re.escape(name)}: ", text, re.MULTILINE) for name in names)


def test_the_list_of_data_sets_says_what_is_on_disk():
    on_disk = {entry["name"]: entry["on_disk"] for entry in json.loads(done("list datasets --json").stdout)}
    assert on_disk["digits"] and on_disk["shapes"] and not on_disk["mnist"]
    text = done("list datasets").stdout
    assert re.search(r"^mnist: .*\[not on disk\]$", text, re.MULTILINE)
    assert not re.search(r"^digits: .*\[not on disk\]$", text, re.MULTILINE)


def test_the_list_of_checkpoints_names_the_shipped_ones():
    entries = json.loads(done("list checkpoints --json").stdout)
    assert [entry["name"] for entry in entries] == [path.stem for path in shipped()]
    assert all(entry["architecture"] in ARCHITECTURES and entry["dataset"] in DATASETS for entry in entries)


# --- shapes


@pytest.mark.parametrize("resolution", [16, 32, 64])
@pytest.mark.parametrize(("channels", "dataset"), [(1, "digits"), (3, "shapes")])
def test_shapes_as_json_are_the_shape_table(resolution, channels, dataset):
    result = done(f"shapes sn-dcgan --resolution {resolution} --channels {channels} --json")
    wanted = Experiment.from_settings({"architecture": "sn-dcgan", "dataset": dataset, "data.resolution": resolution})
    assert json.loads(result.stdout) == json.loads(json.dumps(shape_table(wanted).to_json()))


def test_shapes_take_settings_of_both_networks_and_an_opponent():
    line = "shapes dcgan --set generator.width=4 --set discriminator.num_hidden=1 --set opponent=mlp --json"
    result = json.loads(done(line).stdout)
    assert result["generator"][1]["output_shape"] == [16, 4, 4]
    assert [row["stage"] for row in result["discriminator"] if row["type"] == "Linear"] == ["hidden1", "score"]


def test_shapes_as_text_are_aligned_with_formula_and_totals():
    lines = done("shapes dcgan").stdout.splitlines()
    heads = lines[1]
    assert lines[0] == "generator" and heads.split() == ["stage", "module", "input", "output", "size", "parameters", "MACs"]
    row = next(line for line in lines if line.startswith("up1") and "ConvTranspose2d" in line)
    assert row.split()[2:4] == ["64×4×4", "32×8×8"] and "(4 − 1)·2 − 2·1 + 4 = 8" in row
    assert row.index("64×4×4") == heads.index("input") and row.index("(4") == heads.index("size")
    total = next(line for line in lines if line.startswith("total"))
    wanted = shape_table(Experiment(architecture="dcgan", dataset="digits")).generator
    assert total.split()[1:] == [f"{sum(row.parameters for row in wanted):,}", f"{sum(row.macs for row in wanted):,}"]
    assert len(total) == len(heads) == len(row)


def test_a_broken_ladder_is_shown_as_far_as_it_goes_with_one_sentence():
    result = call(f"{BROKEN}")
    assert result.exit_code == 2
    assert "up1" in result.stdout and "up2" not in result.stdout and "discriminator" in result.stdout
    assert (
        result.stderr.startswith("error: generator, stage up2: (8 − 1)·2 − 2·8 + 2 + 0 = 0: nothing is left")
        and result.stderr.count("\n") == 1
    )


def test_a_broken_ladder_as_json_has_its_problem():
    result = call(f"{BROKEN} --json")
    assert result.exit_code == 2
    problem = json.loads(result.stdout)["problem"]
    assert (problem["network"], problem["stage"]) == ("generator", "up2")


# --- train


def test_training_writes_one_json_object_a_snapshot():
    result = done(f"train mlp {TINY} --steps 3 --json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(set(line) == SNAPSHOT_KEYS for line in lines)
    assert (lines[0]["step"], lines[0]["status"], lines[0]["loss_generator"]) == (0, "running", None)
    assert (lines[-1]["step"], lines[-1]["samples_seen"], lines[-1]["status"]) == (3, 12, "finished")


def test_training_without_output_saves_nothing_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = done(f"train mlp {TINY} --steps 1")
    assert "nothing will be saved: give --output FILE" in result.stderr
    assert list(tmp_path.iterdir()) == [] and result.stdout == ""


def test_training_saves_the_experiment_its_history_and_its_state(checkpoint):
    model = load(checkpoint)
    assert model.experiment.settings() == {
        **{"architecture": "mlp", "dataset": "digits", "seed": 5, "data.resolution": 16},
        **{"generator.width": 8, "discriminator.width": 8, "recipe.batch_size": 4},
    }
    assert model.step == 3 and model.resume is not None
    assert [record["step"] for record in model.history] == [0, 3]
    assert [path.name for path in checkpoint.parent.iterdir()] == [checkpoint.name]


def test_training_in_a_budget_of_seconds_ends_by_itself(tmp_path):
    result = done(f"train mlp {TINY} --seconds 0.2 --output {tmp_path / 'run.safetensors'}")
    assert re.search(r"\[#{20}\] 100%  0 s, 0 s left  step [\d,]+  [\d,]+ samples/s  loss D \S+ G \S+", result.stderr)
    assert load(tmp_path / "run.safetensors").step > 0


def test_training_says_how_it_computes_and_how_fast():
    engine = "--set engine.precision=float32 --set engine.memory_format=contiguous --set engine.threads=1"
    lines = done(f"train mlp {TINY} {engine} --steps 3 --device cpu").stderr.splitlines()
    assert lines[0] == "CPU · float32 · contiguous · 1 thread"
    assert re.fullmatch(r"[\d,]+ samples/s", lines[-1])


def test_an_opponent_can_be_chosen():
    assert done(f"train dcgan {TINY} --set opponent=mlp --steps 1 --json").stdout.count("\n") == 2


def test_resuming_goes_on_where_the_run_was(checkpoint, tmp_path):
    output = tmp_path / "more.safetensors"
    result = done(f"train --resume {checkpoint} --steps 2 --set recipe.loss=hinge --output {output} --json")
    assert [json.loads(line)["step"] for line in result.stdout.splitlines()] == [3, 5]
    model = load(output)
    assert (model.step, model.experiment.recipe.loss, model.experiment.seed) == (5, "hinge", 5)
    assert [record["step"] for record in model.history] == [0, 3, 5]


def test_resuming_equals_training_in_one_go(checkpoint, tmp_path):
    done(f"train mlp {TINY} --steps 5 --seed 5 --output {tmp_path / 'whole.safetensors'}")
    done(f"train --resume {checkpoint} --steps 2 --output {tmp_path / 'resumed.safetensors'}")
    whole, resumed = (load(tmp_path / f"{name}.safetensors").resume for name in ("whole", "resumed"))
    for name in whole.keys() - {"seconds"}:
        np.testing.assert_array_equal(whole[name], resumed[name], err_msg=name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--set generator.width=9", "'generator.width' cannot change, only recipe.* and engine.* can"),
        ("--set data.resolution=32", "'data.resolution' cannot change"),
        ("--set opponent=dcgan", "'opponent' cannot change"),
        ("--dataset shapes", "--resume goes on with dataset 'digits', not 'shapes'"),
        ("--seed 6", "--resume goes on with seed 5, not 6"),
    ],
)
def test_resuming_refuses_other_networks_and_data(options, words, checkpoint):
    result = call(f"train --resume {checkpoint} --steps 1 {options}")
    assert result.exit_code == 2 and words in result.stderr and result.stderr.count("\n") == 1


def test_resuming_takes_an_architecture_only_if_it_is_the_checkpoint_s(checkpoint):
    assert call(f"train dcgan --resume {checkpoint} --steps 1").exit_code == 2
    assert call(f"train mlp --resume {checkpoint} --steps 1").exit_code == 0


def test_a_checkpoint_of_weights_alone_cannot_be_resumed(tmp_path):
    save(Model.untrained(Experiment(architecture="mlp", dataset="digits")), tmp_path / "bare.safetensors")
    result = call(f"train --resume {tmp_path / 'bare.safetensors'} --steps 1")
    assert result.exit_code == 2 and "holds weights only: its training cannot go on" in result.stderr


def test_a_diverged_run_exits_1_with_the_last_good_weights_saved(tmp_path):
    rates = "--set recipe.learning_rate_generator=1 --set recipe.learning_rate_discriminator=1"
    result = call(f"train mlp {TINY} {rates} --steps 5000 --output {tmp_path / 'run.safetensors'}")
    assert result.exit_code == 1
    assert re.search(r"^error: Stopped at step [\d,]+: .* The weights are back at step", result.stderr, re.MULTILINE)
    model = load(tmp_path / "run.safetensors")  # refuses what is not finite
    assert all(record["step"] <= model.step for record in model.history)


def test_a_download_that_fails_is_one_sentence_that_offers_digits(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path / "file" / "data"))  # a place where nothing can be written
    result = call("train mlp --dataset mnist --steps 1")
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("error: Could not download MNIST") and "digits" in last


def test_an_interrupted_run_saves_a_checkpoint_and_exits_130(tmp_path):
    output = tmp_path / "run.safetensors"
    line = f"train mlp {TINY} --dataset shapes --set data.count=100 --seconds 300 --json --output {output}"
    command = [sys.executable, "-m", "playground", *line.split()]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if json.loads(line)["step"] > 0:
                break
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert json.loads(stdout.splitlines()[-1])["status"] == "stopped"
    model = load(output)
    assert model.step > 0 and f"saved {output} at step {model.step:,}" in stderr
    assert model.resume is not None and model.sample(1).shape == (1, 16, 16, 3)


def test_the_history_of_a_diverged_run_ends_with_the_weights_that_are_saved(tmp_path):
    experiment = Experiment.from_settings({"architecture": "mlp", "dataset": "digits", "data.resolution": 16})
    start, later = training.train(experiment, steps=1)
    # on a large network not every snapshot has a state to go back to
    run = [start, dataclasses.replace(later, state=None), dataclasses.replace(start, status="diverged", message="Stopped.")]
    last = follow(iter(run), Run(experiment), lambda snapshot: None, output=tmp_path / "run.safetensors")
    assert last.status == "diverged"
    assert [record["step"] for record in load(tmp_path / "run.safetensors").history] == [0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted_and_the_second_ends_the_program(number):
    before = signal.getsignal(number)
    with interruptions() as interrupted:
        assert not interrupted()
        os.kill(os.getpid(), number)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_run_whose_reader_has_gone_saves_what_there_is(tmp_path, monkeypatch):
    def closed_pipe(snapshot: Snapshot) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("playground._cli_train.write_json", closed_pipe)
    assert call(f"train mlp {TINY} --steps 50 --json --output {tmp_path / 'run.safetensors'}").exit_code == 1
    assert load(tmp_path / "run.safetensors").step == 0


def snapshot(step: int, seconds: float, status: str = "running") -> Snapshot:
    measures = dict.fromkeys(MEASURES, 0.0) | {"loss_discriminator": 1.25, "loss_generator": 0.5}
    sheet = np.zeros((1, 2, 2, 1), np.uint8)
    return Snapshot(step, step * 8, seconds, 40.0, **measures, status=status, message="", sheet=sheet)


def test_progress_tells_elapsed_and_remaining_time_of_a_budget_of_seconds():
    progress = Progress(20, None)
    progress.first = snapshot(100, 60)  # a resumed run
    wanted = "[#####---------------]  25%  5 s, 15 s left  step 1,500  40 samples/s  loss D 1.250 G 0.500"
    assert progress.line(snapshot(1500, 65)) == wanted


def test_progress_estimates_the_time_left_of_a_budget_of_steps():
    progress = Progress(None, 200)
    progress.first = snapshot(100, 60)
    assert progress.line(snapshot(120, 66)).startswith("[##------------------]  10%  6 s, 54 s left  step 120")


def test_progress_in_a_terminal_is_one_line_drawn_over(monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "40")
    progress = Progress(None, 4)
    for step in range(5):
        progress.show(snapshot(step, step / 10, "finished" if step == 4 else "running"))
    text = screen.getvalue()
    assert text.count("\r") == 5 and text.count("\n") == 1 and text.endswith("\n")
    assert all(len(line.removesuffix("\n").removesuffix("\x1b[K")) < 40 for line in text.split("\r"))


def test_a_table_is_aligned():
    assert table([("a", "10"), ("long", "9")], right=(1,)) == ["a     10", "long   9"]


# --- sample and interpolate


def test_samples_as_an_array_are_those_of_the_model(checkpoint, tmp_path):
    done(f"sample {checkpoint} --count 7 --seed 3 --output {tmp_path / 'samples.npz'}")
    with np.load(tmp_path / "samples.npz") as file:
        assert file.files == ["samples"]
        samples = file["samples"]
    assert samples.dtype == np.uint8 and samples.shape == (7, 16, 16, 1)
    np.testing.assert_array_equal(samples, load(checkpoint).sample(7, seed=3))


def test_samples_as_a_picture_carry_what_made_them(checkpoint, tmp_path):
    output = tmp_path / "samples.png"
    done(f"sample {checkpoint} --count 6 --seed 3 --output {output}")
    with Image.open(output) as picture:
        assert picture.size == (3 * 17 + 1, 2 * 17 + 1)
    settings = read_settings(output)
    assert (settings["count"], settings["seed"], settings["step"], settings["checkpoint"]) == (6, 3, 3, "tiny.safetensors")
    assert Experiment.from_settings(settings["experiment"]) == load(checkpoint).experiment


def test_one_seed_gives_one_file_and_leaves_nothing_else(checkpoint, tmp_path):
    for name in ("first.png", "second.png"):
        done(f"sample {checkpoint} --output {tmp_path / name}")
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.png", "second.png"]


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_a_walk_becomes_an_animation_there_and_back(suffix, checkpoint, tmp_path):
    done(f"interpolate {checkpoint} --seeds 1,2,3 --frames 9 --output {tmp_path / f'walk.{suffix}'}")
    with Image.open(tmp_path / f"walk.{suffix}") as animation:
        assert animation.format == suffix.upper() and animation.size == (256, 256)
        # equal frames in a row are merged in a GIF
        assert 2 <= animation.n_frames <= 16


def test_a_walk_becomes_a_video_there_and_back(checkpoint, tmp_path):
    done(f"interpolate {checkpoint} --seeds 1,2,3 --frames 9 --output {tmp_path / 'walk.mp4'}")
    with av.open(str(tmp_path / "walk.mp4")) as container:
        assert len(list(container.decode(video=0))) == 16


@pytest.mark.parametrize("method", ["slerp", "lerp"])
def test_a_walk_as_a_picture_has_sixteen_frames_a_row_and_says_what_made_it(method, checkpoint, tmp_path):
    output = tmp_path / "walk.png"
    done(f"interpolate {checkpoint} --seeds 4,5 --frames 20 --method {method} --output {output}")
    with Image.open(output) as picture:
        assert picture.size == (16 * 17 + 1, 2 * 17 + 1)
    settings = read_settings(output)
    assert (settings["seeds"], settings["frames"], settings["method"]) == ([4, 5], 20, method)


def test_a_conditional_model_draws_one_class_or_all_and_walks_from_class_to_class(conditional, tmp_path):
    for options in ("--count 20", "--count 20 --label 7"):
        done(f"sample {conditional} {options} --output {tmp_path}/samples.npz")
        label = 7 if "label" in options else None
        with np.load(tmp_path / "samples.npz") as file:
            np.testing.assert_array_equal(file["samples"], load(conditional).sample(20, 0, label))
    done(f"interpolate {conditional} --seeds 1,1 --classes 3,8 --frames 6 --output {tmp_path}/walk.png")
    assert read_settings(tmp_path / "walk.png")["classes"] == [3, 8]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("sample {} --label 10 --output x.png", "label must be a class from 0 to 9, not 10"),
        (
            "interpolate {} --seeds 1,2 --classes 1,2,3 --output x.gif",
            "give one class for all way points or one for each of the 2",
        ),
        ("interpolate {} --seeds 1,2 --classes 1,99 --output x.gif", "a class must be a whole number between 0 and 9, not 99"),
        (
            "interpolate {} --seeds 1,2 --classes cat --output x.gif",
            "--classes takes whole numbers separated by commas, not 'cat'",
        ),
    ],
)
def test_a_class_that_is_none_is_refused_by_name(options, words, conditional):
    result = call(options.format(conditional))
    assert result.exit_code == 2 and words in result.stderr and result.stderr.count("\n") == 1


def test_a_model_without_classes_refuses_a_label(checkpoint):
    result = call(f"sample {checkpoint} --label 3 --output x.png")
    assert result.exit_code == 2 and "this model knows no classes" in result.stderr


def test_a_shipped_checkpoint_is_known_by_its_name(tmp_path):
    if not shipped():
        pytest.skip("no checkpoint is shipped yet")
    done(f"sample {shipped()[0].stem} --count 2 --output {tmp_path / 'samples.npz'}")
    assert np.load(tmp_path / "samples.npz")["samples"].shape[0] == 2


# --- evaluate


def test_an_evaluation_is_a_table_with_floor_and_untrained(checkpoint):
    result = done(f"evaluate {checkpoint} --count 60")
    head, *lines = result.stdout.splitlines()
    assert head.split() == ["figure", "value", "floor", "untrained"]
    assert [line.split("  ")[0] for line in lines] == [
        *(f"{what} cnn-v1 60" for what in ("digits-FD", "digits-KID", "precision", "recall", "density", "coverage")),
        *(f"{what} cnn-v1 60" for what in ("classes made", "class KL")),
        *(f"sliced Wasserstein, {what} 60" for what in ("7×7 patches", "16×16 pixels")),
        "nearest training image, ratio 60",
    ]
    assert all(re.search(r"( +-?[\d.,]+(e-\d+)?){3}$", line) and len(line) == len(head) for line in lines)
    assert result.stderr.startswith("Nearer to the floor is better.") and result.stderr.count("\n") == 1


def test_an_evaluation_as_json_is_that_of_python(checkpoint):
    from playground.evaluation import evaluate

    result = json.loads(done(f"evaluate {checkpoint} --count 20 --seed 3 --json").stdout)
    model = load(checkpoint)
    samples = DATASETS["digits"].load(model.experiment.data, None)
    assert result == json.loads(json.dumps(dataclasses.asdict(evaluate(model, samples, count=20, seed=3))))
    assert (result["dataset"], result["count"], result["seed"]) == ("digits", 20, 3)


def test_a_checkpoint_whose_data_are_not_on_disk_cannot_be_evaluated():
    result = call("evaluate sn-dcgan-mnist")
    assert result.exit_code == 1 and result.stdout == ""
    assert re.match(r"error: MNIST is not in .*: it has to be downloaded first", result.stderr)
    assert result.stderr.count("\n") == 1 and "train --dataset mnist" in result.stderr


# --- what a person can get wrong


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lst", "No such command 'lst'"),
        ("--colour", "No such option: --colour"),
        ("list pictures", "unknown list 'pictures'; choose from: architectures, datasets, losses, penalties, checkpoints"),
        ("list", "Missing argument"),
        ("shapes gangan", "unknown architecture 'gangan'; choose from: .*dcgan"),
        ("shapes dcgan --channels 2", "channels 2 is not one of: 1, 3"),
        ("shapes dcgan --resolution 33", "resolution 33 is not one of: 16, 32, 64"),
        ("shapes dcgan --resolution x", "'x' is not a whole number"),
        ("shapes dcgan --set width", "--set takes key=value, not 'width'"),
        ("shapes dcgan --set seed=1", "unknown setting 'seed'; it is opponent or starts with one of: data, generator"),
        ("shapes dcgan --set generator.colour=1", "unknown setting 'colour'; choose from: latent_dim, width"),
        ("shapes dcgan --set generator.width=1e9", "width must be between 2 and 256, not 1000000000"),
        ("shapes dcgan --set generator.stride=2,2", "stride has 2 values for 3 stages"),
        ("train gangan", "unknown architecture 'gangan'; choose from: .*dcgan"),
        ("train --dataset imagenet", "unknown data set 'imagenet'; choose from: digits, mnist"),
        ("train --dataset images --steps 1", "Choose your own images first"),
        ("train --dataset images --set data.path=/nowhere --steps 1", "no file or folder '?/nowhere"),
        ("train --steps 1000000000", "steps must be between 1 and 10,000,000, not 1,000,000,000"),
        ("train --steps many", "'--steps': 'many' is not a whole number"),
        ("train --seconds soon", "'--seconds': 'soon' is not a number"),
        ("train --seconds nan", "seconds must be between 0 and 86400, not nan"),
        ("train --seconds 3 --steps 3", "give --seconds or --steps, not both"),
        ("train --seed -1 --steps 1", "seed must be between 0 and 2147483647, not -1"),
        ("train --device abacus --steps 1", "device 'abacus' cannot be used here; choose from: cpu"),
        ("train --set recipe.loss=luck", "loss 'luck' is not one of: non-saturating, minimax, least-squares"),
        ("train --set opponent=gangan", "unknown architecture 'gangan'"),
        ("train dcgan --set generator.padding=8 --dataset digits", "generator, stage up1: .*nothing is left"),
        (
            "train dcgan --set generator.width=256 --set data.resolution=64 --set generator.latent_dim=512",
            "more than the 30,000,000",
        ),
        ("train --output run.pt", "--output 'run.pt' must end in .safetensors"),
        ("train --output /nowhere/run.safetensors", "--output '/nowhere/run.safetensors' cannot be written: No such file"),
        ("train --resume nothing --steps 1", "there is no checkpoint 'nothing'; give a file or one of: "),
        ("sample nothing --output x.png", "there is no checkpoint 'nothing'; give a file or one of: "),
        ("sample {run}", "Missing option '--output'"),
        ("sample {run} --output x.jpg", "--output 'x.jpg' must end in .png or .npz"),
        ("sample {run} --output {folder}.png", "cannot be written: it is a folder"),
        ("sample {run} --count 1025 --output {folder}/x.png", "count must be a whole number between 1 and 1024, not 1025"),
        ("sample {run} --count 10001 --output {folder}/x.npz", "count must be a whole number between 1 and 10000, not 10001"),
        ("sample {run} --count 0 --output {folder}/x.npz", "count must be a whole number between 1 and 10000, not 0"),
        ("sample {run} --seed -1 --output {folder}/x.npz", "seed must be a whole number between 0 and 2147483647, not -1"),
        ("sample {corrupt} --output {folder}/x.png", "corrupt.safetensors is not a"),
        ("interpolate {run} --seeds 1 --output {folder}/x.png", "takes 2 to 64 way points, not 1"),
        ("interpolate {run} --seeds 1,two --output {folder}/x.png", "whole numbers separated by commas, not 'two'"),
        (
            "interpolate {run} --seeds 1,-2 --output {folder}/x.png",
            "a seed must be a whole number .* not -2",
        ),
        (
            "interpolate {run} --seeds 1,2 --frames 1 --output {folder}/x.png",
            "frames must be a whole number between 2 and 512, not 1",
        ),
        (
            "interpolate {run} --seeds 1,2 --method up --output {folder}/x.gif",
            "unknown method 'up'; choose from: slerp, lerp",
        ),
        ("evaluate nothing", "there is no checkpoint 'nothing'; give a file or one of: "),
        ("evaluate {run} --inception nowhere.pth", "there is no file of Inception weights 'nowhere.pth'"),
        ("evaluate {run} --count 9", "count must be a whole number between 10 and 10000, not 9"),
        ("evaluate {run} --count few", "'--count': 'few' is not a whole number"),
        ("evaluate {run} --seed -1", "seed must be a whole number between 0 and 2147483647, not -1"),
        ("evaluate {corrupt}", "corrupt.safetensors is not a"),
        ("benchmark luck", "unknown benchmark 'luck'; choose from: throughput"),
        ("interpolate {run} --seeds 1,2 --output x.avi", "--output 'x.avi' must end in .png or .gif or .webp or .mp4 or .npy"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_it_with_the_choices(line, words, checkpoint, tmp_path):
    corrupt = tmp_path / "corrupt.safetensors"
    corrupt.write_bytes(checkpoint.read_bytes()[:1000])
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "out.png").mkdir()
    result = call(line.format(run=checkpoint, corrupt=corrupt, folder=folder))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.match(rf"error: .*{words}", result.stderr), result.stderr
    assert result.stderr.count("\n") == 1 and len(result.stderr) < 300
    assert list(folder.iterdir()) == []


def test_a_disk_that_is_full_leaves_no_part_of_a_file(checkpoint, tmp_path, monkeypatch):
    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("playground.exporting.save_picture", full_disk)
    result = call(f"sample {checkpoint} --output {tmp_path / 'x.png'}")
    assert result.exit_code == 2 and result.stderr == "error: No space left on device\n"
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_without_the_letters_shows_question_marks():
    result = CliRunner(charset="latin-1").invoke(app, "shapes dcgan")  # it has × and · but no minus sign
    assert result.exit_code == 0
    assert "64×4×4" in result.stdout and "(4 ? 1)·2 ? 2·1 + 4 = 8" in result.stdout
