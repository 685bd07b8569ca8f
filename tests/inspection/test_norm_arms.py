"""Normalisations side by side: their steps are those of training, and what is recorded is what a step does."""

import copy

import numpy as np
import pytest
import torch

from playground.experiment import Experiment
from playground.inspection import Arm, Recorder, arm_experiment, batch_norms, side_by_side
from playground.inspection.layer_recorder import verdict
from playground.layers import NORMALISATIONS
from playground.losses import LOSSES
from playground.training import train
from playground.training.loop import open_game

TINY = Experiment(architecture="dcgan").with_settings(
    {
        "data.resolution": 16, "generator.width": 4, "discriminator.width": 4, "recipe.batch_size": 8,
        "engine.precision": "float32",
    }
)  # fmt: skip


def run(arms, steps, base=TINY):
    *_, courses = side_by_side(base, arms, steps, device="cpu")
    return courses


def test_every_arms_steps_are_those_of_training():
    for course in run([Arm("batch"), Arm("spectral", "discriminator")], 3):
        *_, last = train(course.experiment, steps=3, measure=None, device="cpu")
        state = course.game.state.export()
        for name in set(state) - {"seconds"}:
            np.testing.assert_array_equal(state[name], last.state[name], err_msg=name)
        np.testing.assert_array_equal(course.values("scale").shape, (len(course.names), 3))


def test_the_recorded_numbers_are_those_of_a_step_taken_by_hand():
    experiment = TINY.with_settings({"recipe.penalty": "none"})
    games = [open_game(experiment, None, None, "cpu", "both") for _ in range(2)]
    with Recorder(games[0]) as recorder:
        games[0].step()
        found = recorder.take()
    by_hand = games[1]
    loss, state = LOSSES[experiment.recipe.loss], by_hand.state
    fake, _ = by_hand._fake()
    real, _ = by_hand._real()
    loss.discriminator(state.discriminator(real), state.discriminator(fake.detach()), 0.0).backward()
    lengths = stage_lengths(state.discriminator)
    state.optimiser_discriminator.step()
    outputs = {}
    for name, stage in [*state.generator.stages.named_children(), *state.discriminator.stages.named_children()]:
        stage.register_forward_hook(lambda module, args, output, name=name: outputs.update({name: output.detach().clone()}))
    loss.generator(None, state.discriminator(fake)).backward()
    lengths = stage_lengths(state.generator) | lengths
    for number, (network, stage) in enumerate(recorder.names):
        assert found.gradient[number] == pytest.approx(lengths[stage], rel=1e-4)
        if network == "discriminator":
            values = outputs[stage]
            assert found.scale[number] == pytest.approx(float(values.square().mean().sqrt()), rel=1e-4)
            dead = float((values <= 0).all(0).float().mean())
            assert found.dead[number] == pytest.approx(dead) if stage != "score" else np.isnan(found.dead[number])
    made = float(fake.detach().square().mean().sqrt())
    assert found.scale[len(state.generator.stages) - 1] == pytest.approx(made, rel=1e-4)


def stage_lengths(network) -> dict[str, float]:
    stages = network.stages.named_children()
    return {name: float(torch.cat([p.grad.flatten() for p in stage.parameters()]).norm()) for name, stage in stages}


def test_the_same_arms_give_the_same_numbers_whoever_runs_beside_them():
    alone, beside = run([Arm("layer")], 2), run([Arm("none"), Arm("layer")], 2)[1]
    np.testing.assert_array_equal(alone[0].values("gradient"), beside.values("gradient"))
    np.testing.assert_array_equal(alone[0].pictures(), beside.pictures())


@pytest.mark.parametrize("kind", NORMALISATIONS)
@pytest.mark.parametrize("where", ["both", "generator", "discriminator"])
def test_an_arm_normalises_where_it_says(kind, where):
    made = arm_experiment(TINY, Arm(kind, where))
    assert made.generator.normalisation == (kind if where != "discriminator" else "none")
    assert made.discriminator.normalisation == (kind if where != "generator" else "none")
    assert made.seed == TINY.seed


@pytest.mark.parametrize("name", ["mlp", "stylegan2", "sngan", "recurrent-rows"])
def test_an_architecture_without_the_choice_lends_its_data_and_seed_to_a_small_dcgan(name):
    base = Experiment(architecture=name, seed=7).with_settings({"data.resolution": 16})
    made = arm_experiment(base, Arm("batch"))
    assert (made.architecture, made.seed, made.spec) == ("dcgan", 7, base.spec)
    assert run([Arm("group")], 1, base)[0].pictures().shape == (8, 16, 16, 1)


def test_a_conditional_architecture_has_arms_of_its_own_kind():
    base = Experiment(architecture="cgan").with_settings(
        {"data.resolution": 16, "generator.width": 4, "discriminator.width": 4}
    )
    (course,) = run([Arm("instance")], 1, base)
    assert course.experiment.architecture == "cgan" and len(course.pictures()) == 8


def test_an_arm_that_runs_away_stops_and_the_others_go_on():
    wild = TINY.with_settings({"recipe.learning_rate_generator": 1.0, "recipe.learning_rate_discriminator": 1.0})
    courses = run([Arm("none"), Arm("batch")], 30, wild)
    assert courses[0].stopped and len(courses[0].records) < 30
    assert len(courses[1].records) >= len(courses[0].records)


def test_what_vanishes_and_explodes_is_told_by_the_largest_stage_of_the_first_step():
    assert (
        verdict(np.array([1.0, 2e-4, *[1e-9] * 4]), 1.0) == "" == verdict(np.array([]), 1.0) == verdict(np.array([np.nan]), 1.0)
    )
    assert verdict(np.array([1.0, *[0.9e-4] * 5]), 1.0) == "vanishes" == verdict(np.array([0.9e-4]), 1.0)
    assert verdict(np.array([1.0, 1.1e4]), 1.0) == "explodes" == verdict(np.array([1.0, np.inf]), 1.0)


def test_stopping_ends_the_rounds_and_takes_the_hooks_off():
    rounds = side_by_side(TINY, [Arm("batch")], 50, device="cpu", stop=lambda: True)
    ((course,),) = list(map(list, rounds))
    assert len(course.records) == 1 and course.game.watch is None
    assert not any(module._forward_hooks for module in course.game.state.generator.modules())
    assert len(batch_norms(course.game.state.generator)) == 2 and copy.deepcopy(course.game.state.generator)


@pytest.mark.parametrize(
    ("arms", "steps", "sentence"),
    [
        ([], 5, "1 to 4 arms"),
        ([Arm("batch")] * 2, 5, "all different"),
        ([Arm(kind) for kind in NORMALISATIONS], 5, "1 to 4 arms"),
        ([Arm("batch")], 0, "steps must be 1 to"),
        ([Arm("batch")], 10**9, "steps must be 1 to"),
    ],
)
def test_what_cannot_be_run_is_named(arms, steps, sentence):
    with pytest.raises(ValueError, match=sentence):
        next(side_by_side(TINY, arms, steps))


def test_unknown_normalisations_and_places_are_named():
    with pytest.raises(ValueError, match="unknown normalisation 'x'; choose from: batch"):
        Arm("x")
    with pytest.raises(ValueError, match="unknown where 'x'; choose from: both"):
        Arm("batch", "x")
