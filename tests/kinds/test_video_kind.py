"""Short videos between the data, the networks, and the eye."""

import numpy as np
import pytest
import torch

from playground import kinds
from playground.kinds.video import centroids, masses
from playground.samples import SampleSpec

GREY, COLOUR = (SampleSpec("video", (8, channels, 16, 16), rate=8.0) for channels in (1, 3))


def moving_dot(channels: int = 1) -> torch.Tensor:
    """Make one film of a dot that goes a pixel to the right in each frame, in row 5: uint8 (1, 8, C, 16, 16)."""
    film = torch.zeros(1, 8, channels, 16, 16, dtype=torch.uint8)
    film[0, torch.arange(8), :, 5, torch.arange(8)] = 255
    return film


@pytest.mark.parametrize("spec", [GREY, COLOUR])
def test_what_enters_the_networks_comes_out_as_it_was(spec):
    values = torch.randint(0, 256, (3, *spec.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    entered = kinds.to_network(values, spec)
    assert entered.shape == values.shape and entered.min() >= -1 and entered.max() <= 1
    assert torch.equal(kinds.to_values(entered, spec), values)


def test_no_number_is_black_and_what_is_out_of_range_is_cut():
    made = torch.full((1, *GREY.shape), torch.nan)
    made[0, 0], made[0, 1] = torch.inf, -7.0
    values = kinds.to_values(made, GREY)
    assert values[0, 0].eq(255).all() and values[0, 1:].eq(0).all()


@pytest.mark.parametrize(("spec", "channels"), [(GREY, 1), (COLOUR, 3)])
def test_frames_are_the_film_with_colours_last(spec, channels):
    film = moving_dot(channels)
    played = kinds.KINDS["video"].frames(film, spec)
    assert played.shape == (1, 8, 16, 16, channels) and played.dtype == np.uint8
    np.testing.assert_array_equal(played[0, 3], film[0, 3].permute(1, 2, 0).numpy())


@pytest.mark.parametrize(("spec", "channels"), [(GREY, 1), (COLOUR, 3)])
def test_a_still_film_shows_where_things_are_over_a_trail_that_fades(spec, channels):
    picture = kinds.draw(moving_dot(channels), spec)
    assert picture.shape == (1, 16, 16, 3) and picture.dtype == np.uint8
    assert picture[0, 5, 7].tolist() == [255, 255, 255]
    blue = picture[0, 5, :7, 2].astype(int)
    assert (np.diff(blue) > 0).all() and blue[0] > 30
    assert not picture[0, :5].any()


def test_mass_and_centre_are_those_of_what_is_there():
    film = moving_dot()
    film[0, 2] = 0
    film[0, 3, 0, 5, 5] = 255  # a second dot, two pixels further
    assert masses(film)[0, :4].tolist() == [1, 1, 0, 2]
    assert centroids(film)[0, 1].tolist() == [1, 5]
    assert centroids(film)[0, 2].tolist() == [7.5, 7.5]
    assert centroids(film)[0, 3].tolist() == [4, 5]
