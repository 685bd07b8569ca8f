"""Where a run computes: devices by name, number formats, threads."""

import pytest
import torch

from playground.training.devices import autocast, cores, fast_bfloat16, pick_device, pick_precision, pick_threads, threads

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", ["meta", "xla", "abacus", "", "cuda:9999", "cpu:x", "mkldnn"])
def test_a_device_that_is_not_here_is_named_with_the_choices(name):
    with pytest.raises(ValueError, match=f"device '{name}' cannot be used here; choose from: cpu"):
        pick_device(name)


def test_the_cpu_is_always_there():
    assert pick_device("cpu") == CPU


def test_by_default_a_gpu_is_taken_where_there_is_one():
    assert pick_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_the_number_format_is_what_the_recipe_says():
    assert pick_precision("float32", CPU) == torch.float32
    assert pick_precision("bfloat16", CPU) == torch.bfloat16
    assert pick_precision("auto", CPU) == (torch.bfloat16 if fast_bfloat16(CPU) else torch.float32)


def test_matrix_products_run_in_the_number_format_and_weights_keep_theirs():
    layer = torch.nn.Linear(2, 2)
    with autocast(CPU, torch.bfloat16):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    with autocast(CPU, torch.float32):
        assert layer(torch.ones(1, 2)).dtype == torch.float32
    assert layer.weight.dtype == torch.float32


def test_small_steps_use_one_thread():
    assert pick_threads(1000) == 1
    assert pick_threads(10**12) >= 1


def test_the_count_of_threads_is_set_back():
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError), threads(1):
        assert torch.get_num_threads() == 1
        raise RuntimeError
    assert torch.get_num_threads() == before


def test_processes_on_one_machine_share_its_cores(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert cores() == 8
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    assert cores() == 2
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "100")
    assert cores() == 1
