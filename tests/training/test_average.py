"""The moving average of the weights, against its formula by hand."""

import torch
from torch import nn
from torch.testing import assert_close

from playground.training.average import Average


def linear(value: float) -> nn.Linear:
    network = nn.Linear(2, 1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(value)
    return network


def set_to(network: nn.Module, value: float) -> None:
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(value)


def test_a_half_life_later_half_of_the_way_is_left():
    network = linear(0.0)
    average = Average(network, half_life=100)
    set_to(network, 8.0)
    expected = [4.0, 6.0, 7.0]
    for value in expected:
        average.update(samples_seen=1_000_000, batch_size=100)
        assert_close(average.network.weight, torch.full((1, 2), value))


def test_a_batch_of_a_quarter_half_life_keeps_the_fourth_root_of_a_half():
    network = linear(1.0)
    average = Average(network, half_life=100)
    set_to(network, 3.0)
    average.update(samples_seen=1_000_000, batch_size=25)
    assert_close(average.network.bias, torch.full((1,), 3.0 - 2.0 * 0.5**0.25))


def test_early_on_the_half_life_is_a_twentieth_of_the_samples_seen():
    network = linear(0.0)
    average = Average(network, half_life=10_000)
    set_to(network, 1.0)
    average.update(samples_seen=200, batch_size=10)  # half-life 0.05 * 200 = 10: half of the way
    assert_close(average.network.weight, torch.full((1, 2), 0.5))
    average.update(samples_seen=400, batch_size=10)  # half-life 20
    assert_close(average.network.weight, torch.full((1, 2), 1 - 0.5 * 0.5**0.5))


def test_without_a_half_life_the_average_is_the_network_itself():
    network = linear(0.0)
    average = Average(network, half_life=0)
    set_to(network, 5.0)
    average.update(samples_seen=1000, batch_size=10)
    assert_close(average.network.weight, network.weight, rtol=0, atol=0)


def test_the_average_is_a_network_of_its_own_in_eval_mode_without_gradients():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).train()
    average = Average(network, half_life=10)
    assert not average.network.training and network.training
    assert not any(parameter.requires_grad for parameter in average.network.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_statistics_of_batch_normalisation_are_copied_not_averaged():
    network = nn.BatchNorm1d(2)
    average = Average(network, half_life=10**6)
    network(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    average.update(samples_seen=10, batch_size=2)
    average.copy_buffers()
    assert_close(average.network.running_mean, torch.tensor([0.2, 0.4]))  # a tenth of the means 2 and 4
    assert average.network.num_batches_tracked == 1
