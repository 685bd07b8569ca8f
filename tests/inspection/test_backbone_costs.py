"""What backbones cost: weights as the networks have them, every choice measured, the experiment's own left alone."""

import pytest

from playground.experiment import Experiment
from playground.inspection import BACKBONES, backbone_costs, backbone_weights, has_backbones
from playground.inspection.backbone_costs import NETWORKS, with_backbone
from playground.model import build

SMALL = {"architecture": "text-gan", "dataset": "sentences", "generator.width": 8, "discriminator.width": 8}
SMALL |= {"recipe.batch_size": 4, "recipe.penalty": "r1"}


def test_weights_are_those_of_the_networks_built():
    experiment = Experiment.from_settings(SMALL)
    found = backbone_weights(experiment)
    assert [(cost.network, cost.backbone) for cost in found] == [(n, b) for n in NETWORKS for b in BACKBONES]
    for cost in found:
        network = build(with_backbone(experiment, cost.network, cost.backbone))[NETWORKS.index(cost.network)]
        assert cost.parameters == sum(weight.numel() for weight in network.parameters())


def test_one_more_time_is_known_with_every_answer():
    answers = list(backbone_costs(Experiment.from_settings(SMALL), seconds=0.1))
    known = [sum(cost.milliseconds is not None for cost in answer) for answer in answers]
    assert known == list(range(11))
    assert all(cost.milliseconds > 0 for cost in answers[-1])


def test_networks_without_a_choice_say_so():
    plain = Experiment("dcgan", "digits")
    assert not has_backbones(plain) and has_backbones(Experiment.from_settings(SMALL))
    with pytest.raises(ValueError, match="'generator' of dcgan has no backbone; those that have one: none"):
        backbone_weights(plain)
