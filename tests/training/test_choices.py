"""The engine's choices: what `auto` comes to, what is forced, and the line that says so."""

import os

import pytest
import torch

from playground.experiment import Experiment
from playground.training.choices import Choices, choose
from playground.training.devices import fast_bfloat16

CPU = torch.device("cpu")


def chosen(architecture: str = "sn-dcgan", **engine) -> Choices:
    settings = {"architecture": architecture, "dataset": "digits", "data.resolution": 16}
    return choose(Experiment.from_settings(settings | {f"engine.{name}": value for name, value in engine.items()}), CPU)


def test_left_alone_the_machine_is_asked():
    auto = chosen()
    assert auto.dtype == (torch.bfloat16 if fast_bfloat16(CPU) else torch.float32)
    assert (auto.memory_format, auto.threads, auto.compile, auto.tf32) == (torch.channels_last, 1, False, None)


def test_without_convolutions_nothing_is_gained_by_channels_last():
    assert chosen("mlp").memory_format == torch.contiguous_format
    assert chosen("mlp", memory_format="channels-last").memory_format == torch.channels_last


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("memory_format", ["channels-last", "contiguous"])
def test_what_is_forced_is_done_and_said(precision, memory_format):
    forced = chosen(precision=precision, memory_format=memory_format, threads=1)
    assert (forced.dtype, forced.memory_format) == (
        getattr(torch, precision),
        getattr(torch, memory_format.replace("-", "_"), torch.contiguous_format),
    )
    assert str(forced) == f"CPU · {precision} · {memory_format} · 1 thread"


def test_no_more_threads_are_taken_than_there_are_cores():
    assert chosen(threads=64).threads == os.cpu_count()


def test_threads_are_in_force_inside_only():
    before = torch.get_num_threads()
    with chosen(threads=os.cpu_count()).in_force():
        assert torch.get_num_threads() == os.cpu_count()
    assert torch.get_num_threads() == before


def test_an_architecture_may_know_better_than_the_machine():
    assert chosen("recurrent-rows").dtype == torch.float32
    assert chosen("recurrent-rows", precision="bfloat16").dtype == torch.bfloat16


def test_on_a_gpu_the_line_says_what_is_multiplied_how():
    gpu = Choices(torch.device("mps"), torch.float32, torch.channels_last, 1, True, True)
    assert str(gpu) == "MPS · float32 · channels-last · TF32 · compiled"


def test_links_and_files_of_earlier_versions_still_say_in_which_precision():
    old = Experiment.from_settings({"dataset": "digits", "recipe.precision": "float32"})
    assert old.engine.precision == "float32"
    assert old.settings() == {"architecture": "sn-dcgan", "dataset": "digits", "engine.precision": "float32"}
    with pytest.raises(ValueError, match="engine: precision 'int3' is not one of: auto, float32, bfloat16"):
        old.with_settings({"recipe.precision": "int3"})
