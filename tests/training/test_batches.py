"""The order of the data: every sample once an epoch, and nothing but seed and position decides."""

import pytest
import torch
from torch.testing import assert_close

from playground.samples import Samples, SampleSpec
from playground.training.batches import Batches

COUNT = 50


def batches(seed: int = 0, count: int = COUNT) -> Batches:
    """Serve images of one pixel whose brightness is their number."""
    values = torch.arange(count, dtype=torch.uint8).reshape(count, 1, 1, 1)
    return Batches(Samples(SampleSpec("image", (1, 1, 1)), values), seed, torch.device("cpu"))


def numbers(taken: tuple[torch.Tensor, torch.Tensor | None]) -> list[int]:
    values, _ = taken
    return ((values.flatten() + 1) * 127.5).round().int().tolist()


@pytest.mark.parametrize("size", [1, 7, 10, COUNT])
def test_every_epoch_shows_every_sample_once(size):
    served = batches()
    shown = [number for start in range(0, 7 * COUNT, size) for number in numbers(served.take(start, size))]
    for epoch in range(7):
        assert sorted(shown[epoch * COUNT : (epoch + 1) * COUNT]) == list(range(COUNT))


def test_epochs_are_shuffled_differently():
    served = batches()
    epochs = {tuple(numbers(served.take(epoch * COUNT, COUNT))) for epoch in range(20)}
    assert len(epochs) == 20 and tuple(range(COUNT)) not in epochs


def test_the_order_depends_on_the_position_alone():
    served = batches()
    whole = numbers(served.take(0, 4 * COUNT))
    for start, count in ((130, 5), (0, 3), (COUNT - 2, 4), (60, 100), (199, 1)):
        assert numbers(served.take(start, count)) == whole[start : start + count]
        assert numbers(batches().take(start, count)) == whole[start : start + count]


def test_another_seed_gives_another_order():
    orders = {tuple(numbers(batches(seed).take(0, COUNT))) for seed in (0, 1, 2, 2**31 - 1)}
    assert len(orders) == 4


def test_the_epochs_of_neighbouring_seeds_are_not_each_other_s():
    first = {tuple(numbers(batches(5).take(epoch * COUNT, COUNT))) for epoch in range(10)}
    assert not first & {tuple(numbers(batches(6).take(epoch * COUNT, COUNT))) for epoch in range(10)}


def test_a_batch_larger_than_the_data_goes_round():
    taken = numbers(batches(count=3).take(0, 8))
    assert sorted(taken[:3]) == sorted(taken[3:6]) == [0, 1, 2]


def test_pixels_become_numbers_between_minus_one_and_one():
    values = torch.tensor([0, 255], dtype=torch.uint8).reshape(2, 1, 1, 1)
    served = Batches(Samples(SampleSpec("image", (1, 1, 1)), values), 0, torch.device("cpu"))
    taken, _ = served.take(0, 2)
    assert taken.dtype == torch.float32
    assert_close(taken.flatten().sort().values, torch.tensor([-1.0, 1.0]))


def test_each_sample_keeps_its_label():
    values = torch.arange(COUNT, dtype=torch.uint8).reshape(COUNT, 1, 1, 1)
    served = Batches(Samples(SampleSpec("image", (1, 1, 1)), values, torch.arange(COUNT) * 10), 3, torch.device("cpu"))
    taken = served.take(COUNT - 4, 8)  # across the end of an epoch
    assert taken[1].tolist() == [10 * number for number in numbers(taken)]
    assert batches().take(0, 4)[1] is None
