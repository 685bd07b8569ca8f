"""How chirps are compared: MMD² and roughness."""

import time

import pytest
import torch

from playground.datasets import DATASETS
from playground.evaluation.gauges import GAUGES
from playground.evaluation.gauges.chirp import roughness

GAUGE, CHIRPS = GAUGES["chirp"], DATASETS["chirps"]
TRAINING = CHIRPS.load(CHIRPS.config(), None)
FIRST, SECOND = TRAINING.values[:1000], TRAINING.values[1000:2000]


def distance(values: torch.Tensor) -> float:
    return GAUGE.distance(GAUGE.embed(FIRST, "chirps"), GAUGE.embed(values, "chirps"), 0)


def test_real_calls_are_near_real_ones_and_whatever_is_none_is_far():
    real, random = distance(SECOND), torch.Generator().manual_seed(0)
    assert real < 0.002
    noise = torch.rand(1000, 32, 2, generator=random) * 2 - 1
    one_kind = TRAINING.values[TRAINING.labels == 0][:1000]
    shuffled = SECOND[:, torch.randperm(32, generator=random)]
    for far in (noise, torch.zeros(1000, 32, 2), SECOND[:1].expand(1000, -1, -1), one_kind, shuffled):
        assert distance(far) > 20 * real


def test_roughness_by_hand():
    """A zigzag between 0 and 1 bends by 2 at every step, a line by nothing."""
    zigzag, line = torch.arange(8) % 2, torch.arange(8) / 8
    assert roughness(torch.stack([zigzag, line], 1)[None]) == pytest.approx(1.0)
    assert GAUGE.figures(torch.stack([line, line], 1)[None], TRAINING, "chirps") == {"roughness": pytest.approx(0.0)}


def test_a_thousand_calls_are_measured_in_less_than_300_ms():
    started = time.process_time()
    distance(SECOND)
    GAUGE.figures(SECOND, TRAINING, "chirps")
    CHIRPS.figures(SECOND, CHIRPS.config())
    assert time.process_time() - started < 0.3
