"""Runs on the command line: saved while they train, looked back at, forked, compared; and what `kill -9` leaves."""

import json
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

from playground import _cli_training
from playground._cli_training import Autosave, Keeper
from playground.checkpoint import load
from playground.exporting import read_settings
from playground.timeline import Run, load_run
from playground.training import train

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def no_data_on_disk(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path_factory.getbasetemp() / "no-data"))


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("runs") / "run.safetensors"
    done(f"train mlp {TINY} --steps 3 --seed 5 --run {path} --output {path.with_name('model.safetensors')}")
    return path


@pytest.fixture(scope="module")
def other(run) -> pathlib.Path:
    path = run.with_name("other.safetensors")
    done(f"fork {run} --step 0 --set recipe.loss=hinge --steps 2 --output {path}")
    return path


def test_training_saves_the_run_beside_the_checkpoint(run):
    opened = load_run(run)
    assert [moment.step for moment in opened.timeline.moments] == [0, 3]
    assert [record["step"] for record in opened.history] == [0, 3]
    model = load(run.with_name("model.safetensors"))
    np.testing.assert_array_equal(opened.model().sample(2), model.sample(2))
    assert opened.experiment == model.experiment and model.history == opened.history


def test_a_resumed_run_begins_where_the_checkpoint_was(run, tmp_path):
    done(f"train --resume {run.with_name('model.safetensors')} --steps 2 --run {tmp_path / 'more.safetensors'}")
    opened = load_run(tmp_path / "more.safetensors")
    assert [moment.step for moment in opened.timeline.moments] == [3, 5]
    assert [record["step"] for record in opened.history] == [0, 3, 5]


# --- timeline


def test_the_moments_of_a_run_are_listed(run):
    result = done(f"timeline {run}")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["step", "0", "3"]
    assert re.match(r"2 moments, [\d.]+ MB: mlp on digits\n", result.stderr)
    listed = json.loads(done(f"timeline {run} --json").stdout)
    assert [(row["step"], row["samples_seen"]) for row in listed] == [(0, 0), (3, 12)]


def test_a_picture_has_training_time_down_and_says_what_made_it(run, tmp_path):
    output = tmp_path / "past.png"
    result = done(f"timeline {run} --seeds 1,2,3 --rows 5 --frames 4 --output {output}")
    with Image.open(output) as picture:
        assert picture.size == (4 * 17 + 1, 2 * 17 + 1)
    settings = read_settings(output)
    assert (settings["seeds"], settings["frames"], settings["steps"], settings["run"]) == ([1, 2, 3], 4, [0, 3], run.name)
    assert "rows from the top: step 0, 3" in result.stderr


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_learning_becomes_an_animation(suffix, run, tmp_path):
    done(f"timeline {run} --seeds 1,2,3,4 --output {tmp_path / f'learning.{suffix}'}")
    with Image.open(tmp_path / f"learning.{suffix}") as animation:
        assert animation.format == suffix.upper() and animation.n_frames == 2


def test_learning_becomes_a_video(run, tmp_path):
    done(f"timeline {run} --output {tmp_path / 'learning.mp4'}")
    with av.open(str(tmp_path / "learning.mp4")) as container:
        assert [frame.width for frame in container.decode(video=0)] == [276, 276]  # 4 × 17 + 1 pixels, 4 times as large


# --- fork and compare


def test_a_fork_trains_on_from_a_moment_with_other_settings(run, tmp_path):
    output = tmp_path / "fork.safetensors"
    result = done(f"fork {run} --step 2 --set recipe.loss=hinge --steps 2 --output {output} --json")
    assert [json.loads(line)["step"] for line in result.stdout.splitlines()] == [3, 5]
    assert "forked at step 3. Both networks and their optimisers are kept whole." in result.stderr
    opened = load_run(output)
    assert (opened.parent.title, opened.parent.step) == ("mlp on digits", 3)
    assert opened.title == "recipe.loss=hinge from step 3" and opened.experiment.recipe.loss == "hinge"
    assert [record["step"] for record in opened.history] == [0, 3, 5]


def test_a_fork_without_changes_equals_training_in_one_go(run, tmp_path):
    done(f"fork {run} --step 0 --steps 3 --output {tmp_path / 'again.safetensors'}")
    again, first = (load_run(path).timeline.nearest().state for path in (tmp_path / "again.safetensors", run))
    for name in first.keys() - {"seconds"}:
        np.testing.assert_array_equal(again[name], first[name], err_msg=name)


def test_a_fork_may_change_a_network_and_says_what_it_keeps(run, tmp_path):
    result = done(f"fork {run} --set generator.width=12 --steps 1 --output {tmp_path / 'wide.safetensors'}")
    assert "The generator kept 1 of 6 arrays, the discriminator kept all its arrays" in result.stderr


def test_runs_are_compared_by_what_differs_and_their_last_figures(run, other):
    lines = [line.split() for line in done(f"compare {run} {other}").stdout.splitlines()]
    assert lines[0] == ["run", "other"] and lines[1] == ["recipe.loss", "non-saturating", "hinge"]
    assert lines[2] == ["step", "3", "2"]
    result = json.loads(done(f"compare {run} {other} --json").stdout)
    assert result["fields"] == {"recipe.loss": ["non-saturating", "hinge"]} and result["last"]["step"] == [3, 2]
    assert result["titles"] == ["mlp on digits", "recipe.loss=hinge from step 0"]


def test_a_checkpoint_can_be_forked_and_compared_too(run, tmp_path):
    model = run.with_name("model.safetensors")
    assert "the same settings" in done(f"compare {run} {model}").stdout
    done(f"fork {model} --steps 1 --output {tmp_path / 'fork.safetensors'}")
    assert load_run(tmp_path / "fork.safetensors").parent.title == "model"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("timeline nothing", "there is no file 'nothing'; train --run FILE saves a run"),
        ("timeline {run} --output x.jpg", "--output 'x.jpg' must end in .png or .gif or .webp or .mp4"),
        ("timeline {run} --rows 0 --output {folder}/x.png", "rows must be a whole number between 1 and 48, not 0"),
        ("timeline {run} --seeds 1 --output {folder}/x.png", "takes 2 to 8 way points, not 1"),
        ("timeline {run} --seeds 1,x --output {folder}/x.png", "whole numbers separated by commas, not 'x'"),
        ("fork {run} --set recipe.loss=luck --output {folder}/x.safetensors", "loss 'luck' is not one of"),
        ("fork {run} --set data.resolution=32 --output {folder}/x.safetensors", "keeps the shape of a sample, 1×16×16"),
        ("fork {run} --set opponent=dcgan --output {folder}/x.safetensors", "'opponent' cannot change"),
        ("fork {run} --seconds 1 --steps 1 --output {folder}/x.safetensors", "give --seconds or --steps, not both"),
        ("fork {run} --output {folder}/x.pt", "must end in .safetensors"),
        ("fork {run}", "Missing option '--output'"),
        ("compare {run}", "give 2 to 4 runs to compare, not 1"),
        ("compare", "Missing argument"),
        ("sample {run} --output {folder}/x.png", "this file is a whole run with its moments; wanted here is a checkpoint"),
        ("train --resume {run} --steps 1", "this file is a whole run with its moments; wanted here is a checkpoint"),
        ("train --steps 1 --output x.safetensors --run x.safetensors", "--output and --run are two files"),
        ("train --steps 1 --run x.zip", "--output 'x.zip' must end in .safetensors"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_it(line, words, run, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    result = call(line.format(run=run, folder=folder))
    assert result.exit_code == 2 and result.stdout == ""
    assert re.match(rf"error: .*{words}", result.stderr), result.stderr
    assert result.stderr.count("\n") == 1 and list(folder.iterdir()) == []


# --- saving while training


def start(output: pathlib.Path, options: str = "") -> subprocess.Popen:
    line = f"train mlp {TINY} --seconds 300 --json --output {output} {options}"
    return subprocess.Popen(
        [sys.executable, "-m", "playground", *line.split()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_kill_9_loses_at_most_five_seconds_of_training(tmp_path):
    output, runs = tmp_path / "model.safetensors", tmp_path / "run.safetensors"
    process = start(output, f"--run {runs}")
    last = None
    try:
        for line in process.stdout:
            last = json.loads(line)
            if last["seconds"] > 6 and output.exists():
                break
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    model = load(output)
    assert 0 < model.step <= last["step"] and last["seconds"] - float(model.resume["seconds"]) <= 5
    assert model.history[-1]["step"] == model.step == int(model.resume["step"])
    assert load_run(runs).step > 0
    # a partial file of the dead process is not taken for the real one, and is gone after the next save
    (tmp_path / f".{output.name}.{process.pid}.partial").write_bytes(output.read_bytes()[:1000])
    done(f"train --resume {output} --steps 2 --output {output}")
    resumed = load(output)
    assert resumed.step == model.step + 2 and int(resumed.resume["samples_seen"]) == 4 * resumed.step
    assert sorted(path.name for path in tmp_path.iterdir()) == [output.name, runs.name]


def test_an_earlier_file_stays_until_there_is_something_to_replace_it(run, tmp_path):
    output = tmp_path / "model.safetensors"
    output.write_bytes(before := run.with_name("model.safetensors").read_bytes())
    experiment = load_run(run).experiment
    first, last = train(experiment, steps=1)
    keeper = Keeper(Run(experiment), output, None)
    keeper.take(first)
    assert output.read_bytes() == before
    keeper.take(last)
    keeper.finish()
    assert load(output).step == 1


def test_saves_come_every_few_seconds_and_never_two_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(_cli_training, "SAVE_SECONDS", 0.05)
    times, running = [], []

    def write() -> None:
        running.append(1)
        assert len(running) == 1
        times.append(time.monotonic())
        time.sleep(0.1)
        running.pop()

    save = Autosave(tmp_path / "file")
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        save.offer(lambda: write)
        time.sleep(0.002)
    save.close()
    assert 3 <= len(times) <= 5 and np.diff(times).min() >= 0.09
    assert not running


def test_what_takes_long_to_save_is_saved_less_often(tmp_path, monkeypatch):
    monkeypatch.setattr(_cli_training, "SAVE_SECONDS", 0.01)
    save = Autosave(tmp_path / "file", share=0.1)
    save.offer(lambda: pytest.fail("the first state is no news"))
    time.sleep(0.02)
    save.offer(lambda: lambda: time.sleep(0.05))
    save.close()
    assert save.wait >= 0.5


def test_a_save_that_fails_is_told_once_and_training_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_cli_training, "SAVE_SECONDS", 0.0)

    def full_disk() -> None:
        raise OSError(28, "No space left on device")

    save = Autosave(tmp_path / "file")
    save.offer(lambda: full_disk)
    for _ in range(3):
        save.offer(lambda: full_disk)
        while not save.running.done():
            time.sleep(0.001)
    save.close()
    assert capsys.readouterr().err == f"warning: {tmp_path / 'file'} was not saved: No space left on device\n"


def test_the_run_is_saved_where_the_checkpoint_cannot_be(run, tmp_path):
    experiment = load_run(run).experiment
    keeper = Keeper(Run(experiment), tmp_path / "nowhere" / "model.safetensors", tmp_path / "run.safetensors")
    for snapshot in train(experiment, steps=1):
        keeper.take(snapshot)
    with pytest.raises(FileNotFoundError):
        keeper.finish()
    assert load_run(tmp_path / "run.safetensors").step == 1


def test_nothing_is_saved_where_no_file_is_given():
    save = Autosave(None)
    save.saved_at = -1e9
    save.offer(lambda: pytest.fail("saved"))
    save.close()
