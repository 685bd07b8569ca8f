"""How sounds are compared: by what is heard, not by phases, and in the right order."""

import pytest
import torch

from playground.datasets import drums
from playground.evaluation.gauges import GAUGES
from playground.samples import Samples

GAUGE = GAUGES["audio"]


@pytest.fixture(scope="module")
def real() -> Samples:
    return drums.load(drums.Config(count=800), None)


def apart(real: Samples, values: torch.Tensor) -> float:
    return GAUGE.distance(GAUGE.embed(real.values[:400], "drums"), GAUGE.embed(values, "drums"), 0)


def test_real_sounds_are_nearest_then_those_with_a_kind_missing_then_one_kind_then_noise(real):
    other, labels = real.values[400:], real.labels[400:]
    noise = 0.1 * torch.randn(400, 1, 1024, generator=torch.Generator().manual_seed(0))
    found = [apart(real, values) for values in (other, other[labels != 5], other[labels == 0], noise)]
    assert found == sorted(found)
    assert found[1] > 5 * found[0] and found[2] > 3 * found[1]


def test_phases_and_signs_hardly_count(real):
    assert apart(real, -real.values[:400]) < 1e-3
    assert apart(real, real.values[:400].roll(3, 2)) < 0.5 * apart(real, real.values[400:])


def test_half_the_amplitude_is_6_db_less_and_decays_as_fast(real):
    loud, soft = (GAUGE.figures(part * real.values, real, "drums") for part in (1, 0.5))
    assert loud["median loudness (dB)"] - soft["median loudness (dB)"] == pytest.approx(6.02, abs=0.01)
    assert loud["median decay (ms)"] == soft["median decay (ms)"]


def test_real_sounds_are_recognisable_and_noise_is_not(real):
    unheard = drums.load(drums.Config(count=300, seed=7), None).values
    assert GAUGE.figures(unheard, real, "drums")["recognisable"] > 0.85
    noise = 0.1 * torch.randn(100, 1, 1024, generator=torch.Generator().manual_seed(0))
    assert GAUGE.figures(noise, real, "drums")["recognisable"] == 0


def test_a_sound_that_is_no_number_counts_as_silence(real):
    broken = real.values[:400].clone()
    broken[0] = torch.nan
    assert GAUGE.embed(broken, "drums").isfinite().all()
    assert GAUGE.distance(torch.zeros(4, 3), torch.full((4, 3), torch.nan), 0) == float("inf")
