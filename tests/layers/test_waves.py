"""Layers for sounds: the spectrogram is PyTorch's own, phases move as far as they may, gradients pass twice."""

import math

import pytest
import torch
from torch.testing import assert_close

from playground.kinds._sound import mel_bands
from playground.layers import LogSpectrogram, PhaseShuffle, ToFrames, give_source
from playground.layers.waves import CENTRE, FLOOR, SCALE


def spectrogram(window: int = 64, hop: int = 16, bands: int = 12) -> LogSpectrogram:
    layer = LogSpectrogram(window, hop, bands)
    layer.draw(torch.Generator())
    return layer


def sounds(count: int = 3, length: int = 256) -> torch.Tensor:
    return torch.randn(count, 1, length, generator=torch.Generator().manual_seed(1))


def test_the_spectrogram_is_that_of_torch_stft():
    layer, batch = spectrogram(), sounds()
    shape = torch.hann_window(64)
    padded = torch.nn.functional.pad(batch[:, 0], (24, 24))
    there = torch.stft(padded, 64, 16, window=shape, center=False, return_complex=True).abs() * (2 / shape.sum())
    power = mel_bands(12, 64) @ there.square()
    assert_close(layer(batch)[:, 0], ((power + FLOOR).log() - CENTRE) / SCALE, rtol=1e-4, atol=1e-4)


def test_a_sine_of_full_scale_has_power_1_in_its_band_and_silence_is_the_least():
    layer = spectrogram(256, 64, 20)
    tone = (2 * math.pi * 1000 / 8000 * torch.arange(1024)).sin()[None, None]
    heard = layer(tone)[0, 0]
    assert heard.max() == pytest.approx(-CENTRE / SCALE, abs=0.3)  # log 1 = 0; two bands may share the tone
    assert_close(layer(torch.zeros(1, 1, 1024)), torch.full((1, 1, 20, 16), (math.log(FLOOR) - CENTRE) / SCALE))


@pytest.mark.parametrize("layer", [spectrogram(), PhaseShuffle(2), ToFrames(16)], ids=["spectrogram", "shuffle", "frames"])
def test_the_gradient_can_be_differentiated_again(layer):
    give_source(layer, torch.Generator().manual_seed(0))
    batch = sounds().requires_grad_(True)
    (gradient,) = torch.autograd.grad(layer(batch).pow(3).sum(), batch, create_graph=True)
    gradient.square().sum().backward()
    assert batch.grad.isfinite().all() and batch.grad.abs().max() > 0


def test_the_spectrogram_in_half_precision_is_as_exact_as_in_full():
    layer, batch = spectrogram(), 0.01 * sounds()
    with torch.autocast("cpu", torch.bfloat16):
        assert_close(layer(batch), layer(batch.float()))


def test_what_the_spectrogram_is_made_of_is_not_saved_with_a_network():
    assert not spectrogram().state_dict()


def test_phases_move_by_up_to_the_reach_to_either_side_alike_in_all_channels():
    shuffle = PhaseShuffle(2)
    give_source(shuffle, torch.Generator().manual_seed(3))
    ramp = torch.arange(10.0).expand(200, 3, 1, 10)
    moved = shuffle(ramp)
    assert_close(moved, moved[:, :1].expand_as(moved))
    shifts = (moved - ramp)[:, 0, 0, 4]
    assert set(shifts.tolist()) == {-2, -1, 0, 1, 2}
    farthest = moved[shifts == 2][0, 0, 0]
    assert farthest.tolist() == [2, 3, 4, 5, 6, 7, 8, 9, 8, 7]  # mirrored at the end
    assert moved[shifts == -2][0, 0, 0].tolist() == [2, 1, 0, 1, 2, 3, 4, 5, 6, 7]


def test_nothing_moves_in_eval_mode_or_without_a_reach():
    batch = sounds()
    assert PhaseShuffle(0)(batch) is batch and PhaseShuffle(4).eval()(batch) is batch


def test_the_gradient_of_a_shuffle_goes_where_the_value_came_from():
    shuffle, batch = PhaseShuffle(2), sounds(50).requires_grad_(True)
    give_source(shuffle, torch.Generator().manual_seed(3))
    shuffle(batch)[:, 0, 100].sum().backward()
    places = batch.grad[:, 0].argmax(1)
    assert (batch.grad.sum((1, 2)) == 1).all() and set(places.tolist()) == {98, 99, 100, 101, 102}


def test_frames_follow_each_other():
    frames = ToFrames(4)(torch.arange(12.0)[None, None])
    assert frames.tolist() == [[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]]
