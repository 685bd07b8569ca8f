"""Melodies: in and out of networks, written, drawn, and heard."""

import time

import numpy as np
import pytest
import torch

from playground.datasets import DATASETS
from playground.kinds import KINDS, SOUND_RATE, draw, to_network, to_values
from playground.kinds._synthesis import frequency
from playground.kinds.melody import HEAD, HEIGHT, INK, WIDTH, heard, note_name, note_number
from playground.samples import SampleSpec

NAMES = ("C4", "C#4", "D4", "E4", "A4", "rest", "hold")
SPEC = SampleSpec("melody", (8, len(NAMES)), vocabulary=NAMES, rate=4.0)
STEP = SOUND_RATE // 4  # values
KIND = KINDS["melody"]
JUMP = 0.7 * 2 * np.pi * 1800 / SOUND_RATE  # the largest from value to value of a tone whose fourth overtone is at 1,800 Hz


def tunes(*lines: str) -> torch.Tensor:
    return torch.tensor([[NAMES.index(name) for name in line.split()] for line in lines])


TUNES = tunes(
    "C4 hold D4 rest A4 hold hold hold",
    "hold hold C4 C4 C4 C4 rest hold",
    "rest rest rest rest rest rest rest rest",
    "A4 A4 A4 A4 A4 A4 A4 A4",
)


def pitch_of(wave: np.ndarray) -> float:
    """Return the frequency of the strongest part of a sound, in Hz, between the lines of its spectrum too."""
    size = 2**16
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), size))
    return power.argmax() * SOUND_RATE / size


def test_notes_have_their_usual_numbers_and_frequencies():
    assert (note_number("C4"), note_number("A4"), note_number("G#9")) == (60, 69, 128)
    assert [note_name(note_number(name)) for name in NAMES[:5]] == list(NAMES[:5])
    assert frequency(69) == 440 and frequency(57) == 220


@pytest.mark.parametrize("bad", ["", "H4", "C", "C#", "Db4", "C-1", "4C", "C44x"])
def test_what_is_no_note_is_refused_in_a_sentence(bad):
    with pytest.raises(ValueError, match="is no note; a note is one of"):
        note_number(bad)


def test_melodies_survive_the_way_into_the_networks_and_back():
    rows = to_network(TUNES, SPEC)
    assert rows.shape == (4, *SPEC.shape) and rows.dtype == torch.float32
    torch.testing.assert_close(rows.sum(2), torch.ones(4, 8))
    torch.testing.assert_close(to_values(rows, SPEC), TUNES, rtol=0, atol=0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_none_still_give_tokens(bad):
    values = to_values(torch.full((2, *SPEC.shape), bad), SPEC)
    assert values.dtype == torch.int64 and values.min() >= 0 and values.max() < len(NAMES)
    one = torch.full((1, *SPEC.shape), float("nan"))
    one[..., 3] = -2.0
    assert (to_values(one, SPEC) == 3).all(), "the only number that there is was not chosen"


def test_hold_lengthens_what_is_heard():
    numbers, starts = heard(TUNES.numpy(), NAMES)
    assert numbers[0].tolist() == [60, 60, 62, -1, 69, 69, 69, 69]
    assert starts[0].tolist() == [True, False, True, False, True, False, False, False]
    assert numbers[1].tolist() == [-1, -1, 60, 60, 60, 60, -1, -1] and starts[1].sum() == 4


def test_a_melody_is_written_in_notes():
    assert KIND.in_words(TUNES[:1], SPEC) == ["C4 – D4 · A4 – – –"]


def test_the_picture_shows_where_and_how_high_each_note_is():
    picture = draw(TUNES, SPEC)
    assert picture.shape == (4, HEIGHT, WIDTH, 3) and picture.dtype == np.uint8
    inked = (picture == INK).all(3) | (picture == HEAD).all(3)  # (N, H, W)
    assert not inked[2].any(), "rests are drawn"
    step = WIDTH // 8
    lowest, highest = inked[0, :, :step], inked[0, :, 4 * step :]
    assert np.nonzero(lowest.any(1))[0].min() > np.nonzero(highest.any(1))[0].max(), "higher notes stand higher"
    assert inked[0, :, 3 * step : 4 * step].sum() == 0, "a rest is drawn"
    assert inked[0].any(0)[4 * step + 1 :].all(), "a held note has gaps"
    gaps = ~inked[3].any(0)
    assert np.nonzero(gaps)[0].tolist() == [step * number for number in range(8)], "repeated notes cannot be told apart"


def test_forty_eight_pictures_take_less_than_60_ms_and_as_many_sounds_less_than_half_a_second():
    dataset = DATASETS["melodies"]
    samples = dataset.load(dataset.config(), None)
    for act, most in ((KIND.draw, 0.06), (KIND.sound, 0.5)):
        started = time.process_time()
        act(samples.values[:48], samples.spec)
        assert time.process_time() - started < most


def test_a_sound_is_as_long_as_its_steps_and_stays_in_range():
    waves = KIND.sound(TUNES, SPEC)
    assert waves.shape == (4, 8 * STEP) and waves.dtype == np.float32
    assert 0.3 < np.abs(waves[0]).max() < 1


@pytest.mark.parametrize(("name", "hertz"), [("C4", 261.63), ("E4", 329.63), ("A4", 440.0)])
def test_the_pitch_that_is_heard_is_the_note_s(name, hertz):
    wave = KIND.sound(tunes(f"{name} hold hold hold hold hold hold hold"), SPEC)[0]
    assert pitch_of(wave) == pytest.approx(hertz, rel=0.01)


def test_each_note_sounds_in_its_own_step():
    names = ["C4", "D4", "E4", "A4", "A4", "E4", "D4", "C4"]
    wave = KIND.sound(tunes(" ".join(names)), SPEC)[0]
    found = [pitch_of(wave[number * STEP : (number + 1) * STEP]) for number in range(8)]
    assert found == pytest.approx([frequency(note_number(name)) for name in names], rel=0.01)


def test_rests_are_silent_and_held_notes_are_not():
    waves = KIND.sound(TUNES, SPEC)
    assert not waves[0, 3 * STEP : 4 * STEP].any() and not waves[2].any() and not waves[1, : 2 * STEP].any()
    held = waves[0, 4 * STEP :].reshape(4, STEP)
    loudness = np.sqrt(np.square(held).mean(1))
    assert (loudness > 0.01).all() and (np.diff(loudness) < 0).all(), "a plucked string dies away while it is held"


def test_nothing_clicks_where_notes_meet_begin_or_end():
    waves = KIND.sound(TUNES, SPEC)
    jumps = np.abs(np.diff(np.pad(waves, ((0, 0), (1, 1))), axis=1))  # (N, length + 1), silence before and after
    assert jumps[3, np.arange(9) * STEP].max() < 0.001  # a new note at every step
    assert jumps[0, np.array([0, 2, 3, 4, 8]) * STEP].max() < 0.001  # a held note, one that a rest ends, the end
    assert jumps.max() < JUMP
