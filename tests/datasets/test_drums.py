"""Drum hits: their range, their seeds, and that each kind sounds as its name says."""

import itertools

import pytest
import torch
from torch.testing import assert_close

from playground.datasets import DATASETS, drums
from playground.kinds._sound import centroid, decay_time, loudness

DRUMS = DATASETS["drums"]


def kind(name: str, count: int = 40, seed: int = 0) -> torch.Tensor:
    return drums.hits(name, count, 2048, torch.Generator().manual_seed(seed))[:, 0]


def test_sounds_stay_in_range_and_end_in_silence():
    samples = DRUMS.load(drums.Config(count=300), None)
    assert samples.values.dtype == torch.float32 and samples.values.shape == (300, 1, 1024)
    peaks = samples.values.abs().amax((1, 2))
    assert peaks.min() >= 0.6 - 1e-6 and peaks.max() <= 0.95 + 1e-6
    assert samples.values[..., -1].abs().max() < 0.01


@pytest.mark.parametrize("length", drums.LENGTHS)
def test_every_length_has_every_kind(length):
    config = drums.Config(count=120, length=length)
    samples = DRUMS.load(config, None)
    assert samples.spec.shape == (1, length) and samples.spec.rate == 8000
    assert samples.labels.unique().tolist() == list(range(6))
    assert (drums.kinds_of(samples.values) == samples.labels).double().mean() > 0.9


def test_one_seed_gives_the_same_sounds_and_another_seed_others():
    first, again, other = (DRUMS.load(drums.Config(count=100, seed=seed), None) for seed in (3, 3, 4))
    assert_close(first.values, again.values, rtol=0, atol=0)
    assert (first.values - other.values).abs().max() > 0.1


def test_kinds_are_brighter_from_kick_to_hi_hat():
    brightness = [centroid(kind(name)).median().item() for name in ("kick", "tom", "snare", "cowbell", "clap", "hi-hat")]
    assert all(low < high for low, high in itertools.pairwise(brightness))
    assert brightness[0] < 150 and brightness[-1] > 2500


def test_a_hi_hat_dies_away_first_and_a_tom_last():
    decay = {name: decay_time(kind(name)).median().item() for name in drums.MAKERS}
    assert min(decay, key=decay.get) == "hi-hat" and max(decay, key=decay.get) == "tom"
    assert 5 < decay["hi-hat"] < 40 < decay["tom"] < 120


def test_a_kick_falls_in_pitch():
    early, late = kind("kick")[:, :160], kind("kick")[:, 400:1200]
    assert (centroid(early).median() > 1.5 * centroid(late).median()).item()


def test_no_two_hits_of_a_kind_are_alike():
    for name in drums.MAKERS:
        assert torch.cdist(kind(name), kind(name, seed=1)).min() > 0.1


def test_an_unknown_drum_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="unknown drum 'gong'; choose from: kick, tom"):
        drums.hits("gong", 1, 2048, torch.Generator())


def test_figures_know_real_hits_from_what_is_no_drum():
    real = DRUMS.load(drums.Config(count=300, seed=9), None).values
    figures = DRUMS.figures(real, drums.Config())
    assert figures["drums made (of 6)"] == 6 and figures["like a drum"] > 0.85
    one = DRUMS.figures(drums.hits("tom", 100, 1024, torch.Generator().manual_seed(8)), drums.Config())
    assert one["drums made (of 6)"] == 1 and one["like a drum"] > 0.85
    noise = DRUMS.figures(0.1 * torch.randn(100, 1, 1024, generator=torch.Generator().manual_seed(0)), drums.Config())
    assert noise["drums made (of 6)"] == 0 and noise["like a drum"] == 0


def test_decay_and_loudness_are_those_of_the_definition():
    time = torch.arange(4000) / 8000
    falling = ((-time / 0.05).exp() * torch.where(torch.arange(4000) % 2 == 0, 1, -1))[None]
    assert decay_time(falling).item() == pytest.approx(0.025 * 2.3026 * 1000, rel=0.01)  # of energy: τ/2 · ln 10
    assert loudness(torch.full((1, 100), 0.1)).item() == pytest.approx(-20, abs=1e-3)
    assert loudness(torch.zeros(1, 100)).item() == -60 and centroid(torch.zeros(1, 100)).item() == 0
