"""Two processes with half the batch each compute what one does with all of it, and neither waits for a dead one for ever."""

import json
import os
import re
import socket
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from playground.checkpoint import load
from playground.experiment import Experiment
from playground.noise import Shared, integers, normal, uniform
from playground.samples import Samples
from playground.training import train
from playground.training.distributed import Team, bound_to_parts

STEPS = 3
SMALL = {"dataset": "digits", "data.resolution": 16, "generator.width": 8, "discriminator.width": 8, "recipe.batch_size": 8}
SMALL |= {"engine.precision": "float32", "seed": 3}
# Adam with beta1 = 0 steps as far for a gradient of 1e-9 as for one of 1, so that rounding shows
PLAIN_STEPS = {"recipe.optimiser": "sgd", "recipe.learning_rate_generator": 0.01, "recipe.learning_rate_discriminator": 0.01}
SYNCED = {"engine.sync_batch_norm": True}
CASES = {
    "plain layers": {"architecture": "mlp"},
    "batch norm in both": {"architecture": "dcgan", **SYNCED},
    "batch norm, each its own": {"architecture": "dcgan"},
    "batch norm told the class": {"architecture": "projection", **SYNCED, **PLAIN_STEPS},
    "gradient penalty": {"architecture": "wgan-gp", "recipe.discriminator_steps": 2, **SYNCED},
    "noise inside G": {
        "architecture": "stylegan2", "opponent": "sn-dcgan", "generator.style_mixing": 0, "recipe.clip_gradients": 0.5,
        **PLAIN_STEPS,
    },
    "augmentation that adapts": {
        "architecture": "sn-dcgan", "recipe.augment": "shift+cutout+colour", "recipe.augment_target": 0.1,
        "recipe.penalty": "r1", "recipe.penalty_every": 2, "recipe.instance_noise": 0.1, **SYNCED,
    },
    "rewards for tokens": {"architecture": "seqgan", "dataset": "sentences"},
    "likelihood of tokens": {"architecture": "text-likelihood", "dataset": "sentences"},
}  # fmt: skip
WORKER = f"""
import json, sys
import numpy as np, torch
sys.path.insert(0, {os.path.dirname(__file__)!r})
from test_distributed import CASES, trained
from playground.training.distributed import team
torch.set_num_threads(1)
with team("cpu", timeout=60) as (processes, _):
    for number, name in enumerate(json.loads(sys.argv[2])):
        state = trained(name, processes)
        if processes.rank == 0:
            np.savez(f"{{sys.argv[1]}}/{{number}}.npz", **state)
"""
LONELY = """
import os, sys
from test_distributed import experiment, samples_of
from playground.training import train
from playground.training.distributed import team
with team("cpu", timeout=60) as (processes, _):
    for snapshot in train(experiment("plain layers"), samples=samples_of(experiment("plain layers")), device="cpu",
                          seconds=60, every=0.05, team=processes):
        if processes.rank and snapshot.step:
            os._exit(9)
"""


def experiment(name: str) -> Experiment:
    settings = SMALL | CASES[name]
    if settings["dataset"] != "digits":
        del settings["data.resolution"]
    return Experiment.from_settings(settings)


def samples_of(described: Experiment) -> Samples:
    spec, source = described.spec, torch.Generator().manual_seed(0)
    if spec.vocabulary:
        return Samples(spec, torch.randint(len(spec.vocabulary), (21, spec.shape[0]), generator=source))
    values = torch.randint(256, (21, *spec.shape), dtype=torch.uint8, generator=source)
    return Samples(spec, values, torch.arange(21) % 10)


def trained(name: str, processes: Team) -> dict[str, np.ndarray]:
    described = experiment(name)
    run = train(described, samples=samples_of(described), device="cpu", steps=STEPS, every=100, team=processes)
    *_, last = run
    measured = {"loss": np.array([last.loss_discriminator, last.loss_generator, last.gradient_discriminator])}
    return dict(last.state) | measured


def start(code: str, *words: str) -> list[subprocess.Popen]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    return [
        subprocess.Popen(
            [sys.executable, "-c", code, *words],
            env=os.environ | shared | {"RANK": str(rank), "PYTHONPATH": path},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]


@pytest.fixture(scope="module")
def together(tmp_path_factory) -> dict[str, dict[str, np.ndarray]]:
    """Train every case once on two processes."""
    folder, names = tmp_path_factory.mktemp("two"), list(CASES)
    for process in start(WORKER, str(folder), json.dumps(names)):
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors[-2000:]
    return {name: dict(np.load(folder / f"{number}.npz")) for number, name in enumerate(names)}


def distance(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> float:
    """Return how far two states' networks are apart, as a share of their size."""
    names = [name for name in first if name.startswith(("generator.", "discriminator.", "average."))]
    gaps, sizes = [[np.linalg.norm(value(name)) for name in names] for value in (
        lambda name: first[name] - second[name], lambda name: first[name])]  # fmt: skip
    return float(np.linalg.norm(gaps) / np.linalg.norm(sizes))


@pytest.mark.parametrize("name", [name for name in CASES if name != "batch norm, each its own"])
def test_two_processes_compute_what_one_does(together, name):
    alone = trained(name, Team())
    assert alone.keys() == together[name].keys()
    assert distance(alone, together[name]) < 1e-4
    assert_close(together[name]["loss"], alone["loss"], rtol=2e-3, atol=1e-5)
    for key in ("step", "samples_seen", "noise", "augment", "discriminator_updates"):
        np.testing.assert_array_equal(together[name][key], alone[key], err_msg=key)


def test_batch_norm_over_each_processes_own_part_is_another_computation(together):
    name = "batch norm, each its own"
    assert distance(trained(name, Team()), together[name]) > 1e-3
    assert bound_to_parts(experiment(name)) == ["batch normalisation"]
    assert not bound_to_parts(experiment("batch norm in both"))
    assert bound_to_parts(Experiment("stylegan2")) == ["minibatch deviation", "style mixing"]


def test_whoever_is_left_alone_says_so_and_ends():
    left, dead = start(LONELY)
    _, errors = left.communicate(timeout=60)
    assert dead.wait(timeout=10) == 9
    assert left.returncode == 1 and "another process of this run ended or hangs, so this one stops too" in errors


def test_parts_of_the_noise_make_up_the_whole():
    draws = (
        lambda source: normal(source, 8 // source.size, 3),
        lambda source: uniform(source, 3, 8 // source.size, 2, batch=1),
        lambda source: integers(source, 10, 8 // source.size),
    )
    whole, parts = Shared(), [Shared(rank, 2) for rank in range(2)]
    for source in (whole, *parts):
        source.manual_seed(5)
    for draw, dimension in zip(draws, (0, 1, 0), strict=True):
        assert_close(torch.cat([draw(source) for source in parts], dimension), draw(whole), rtol=0, atol=0)


@pytest.mark.parametrize("batch_size", [7, 2])
def test_a_batch_that_cannot_be_split_evenly_is_named(batch_size):
    described = experiment("plain layers").with_settings({"recipe.batch_size": batch_size})
    with pytest.raises(ValueError, match=f"batch_size {batch_size} cannot be split into 2 equal parts"):
        next(train(described, samples=samples_of(described), steps=1, device="cpu", team=Team(0, 2)))


def test_on_the_command_line_only_the_first_process_speaks_and_saves(tmp_path):
    words = ["train", "dcgan", "--device", "cpu", "--steps", "2", "--output", str(tmp_path / "two.safetensors")]
    settings = SMALL | {"engine.threads": 1}
    words += ["--dataset", settings.pop("dataset"), "--seed", str(settings.pop("seed"))]
    words += [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    first, second = start("from playground.__main__ import app; app()", *words)
    lines = first.communicate(timeout=90)[1].splitlines()
    assert second.communicate(timeout=30)[1] == "" and (first.returncode, second.returncode) == (0, 0)
    assert lines[0] == "CPU · float32 · channels-last · 1 thread · 2 processes"
    assert lines[1] == "each process sees only its own part of the batch in: batch normalisation"
    assert re.fullmatch(r"[\d,]+ samples/s, [\d,]+ for each process", lines[-2])
    assert lines[-1].endswith("two.safetensors at step 2") and load(tmp_path / "two.safetensors").step == 2
