"""Orders of channels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from playground.inspection import ORDERS, channel_order

CHANNELS = np.array([[1.0, 1, 1, 1], [0, 3, 0, -3], [0, 1, 0, -1.1], [-5, -5, -5, -5]])


def test_activity_is_the_mean_absolute_value():
    assert channel_order(CHANNELS, "activity").tolist() == [3, 1, 0, 2]


def test_variance_is_that_of_the_values():
    assert channel_order(CHANNELS, "variance").tolist()[:2] == [1, 2]


def test_channels_that_look_alike_stand_side_by_side():
    wave, step = np.sin(np.arange(8)), np.arange(8) > 3
    order = channel_order(np.stack([3 * wave, step, 2 * wave + 1, step + 0.5]), "similarity").tolist()
    assert order[:2] in ([0, 2], [2, 0]) and set(order[2:]) == {1, 3}


def test_channels_of_one_value_are_ordered_by_it():
    assert channel_order(np.array([[1.0], [-7], [4]]), "similarity").tolist() == [2, 0, 1]


@pytest.mark.parametrize("name", ORDERS)
@given(channels=arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.floats(width=32)))
def test_an_order_has_every_channel_once_whatever_the_values(name, channels):
    assert sorted(channel_order(channels, name).tolist()) == list(range(len(channels)))


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="unknown order 'beauty'; choose from: number, activity, variance, similarity"):
        channel_order(CHANNELS, "beauty")
