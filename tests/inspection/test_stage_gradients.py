"""Gradients of stages: against autograd by hand, along a run, for every architecture."""

from __future__ import annotations

import math

import pytest
import torch
from small_models import IMAGE_MAKERS
from torch.nn.functional import softplus

from playground.experiment import Experiment
from playground.inspection import gradients_now, gradients_over, stage_gradients
from playground.inspection.gradients import fixed_batch, spread
from playground.layers.tracing import stages
from playground.model import Model, build
from playground.samples import Samples
from playground.timeline import Run
from playground.training import train

SMALL = {"architecture": "mlp", "dataset": "digits", "data.resolution": 16, "generator.width": 8, "discriminator.width": 8}


def samples_for(experiment: Experiment) -> Samples:
    values = torch.randint(256, (12, *experiment.spec.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Samples(experiment.spec, values, torch.arange(12) % 10 if experiment.spec.classes else None)


def length(gradients) -> float:
    return math.sqrt(sum(float(gradient.square().sum()) for gradient in gradients))


def test_lengths_equal_autograd_by_hand():
    experiment = Experiment.from_settings(SMALL | {"recipe.loss": "non-saturating", "recipe.penalty": "none"})
    batch = fixed_batch(experiment, samples_for(experiment))
    found = {(at.network, at.stage): at for at in stage_gradients(experiment, *build(experiment), batch)}
    generator, discriminator = build(experiment)
    fake = generator(batch.latents)
    scores = discriminator(fake.detach())
    loss_d = softplus(-discriminator(batch.real)).mean() + softplus(scores).mean()
    loss_g = softplus(-discriminator(fake)).mean()
    for name, network, loss in (("generator", generator, loss_g), ("discriminator", discriminator, loss_d)):
        for stage_name, stage in stages(network).items():
            wanted = torch.autograd.grad(loss, list(stage.parameters()), retain_graph=True)
            assert found[name, stage_name].weights == pytest.approx(length(wanted), rel=1e-5)
    (at_pixels,) = torch.autograd.grad(loss_g, fake, retain_graph=True)
    assert found["generator", "image"].output == pytest.approx(float(at_pixels.norm()), rel=1e-5)
    count = len(batch.real)
    at_scores = torch.cat([-torch.sigmoid(-discriminator(batch.real)), torch.sigmoid(scores)]) / count
    assert found["discriminator", "score"].output == pytest.approx(float(at_scores.detach().norm()), rel=1e-5)


def test_a_penalty_adds_to_the_gradient_of_d_alone():
    plain = Experiment.from_settings(SMALL | {"recipe.penalty": "none"})
    steep = Experiment.from_settings(SMALL | {"recipe.penalty": "gradient", "recipe.penalty_weight": 10.0})
    batch = fixed_batch(plain, samples_for(plain))
    without, with_penalty = (stage_gradients(experiment, *build(experiment), batch) for experiment in (plain, steep))
    for a, b in zip(without, with_penalty, strict=True):
        assert a.output == pytest.approx(b.output, rel=1e-5)
        assert (a.weights == pytest.approx(b.weights, rel=1e-5)) == (a.network == "generator")


@pytest.mark.parametrize("name", IMAGE_MAKERS)
def test_every_architecture_has_a_finite_length_for_every_stage_and_stays_as_it_was(name):
    experiment = Experiment.from_settings({"architecture": name, "dataset": "digits", "data.resolution": 16})
    model = Model.untrained(experiment)
    before = {key: value.clone() for key, value in model.generator.state_dict().items()}
    found = gradients_now(model, samples_for(experiment), 4)
    for network in ("generator", "discriminator"):
        names = [at.stage for at in found if at.network == network]
        assert names[: len(stages(getattr(model, network)))] == list(stages(getattr(model, network)))
    assert all(math.isfinite(value) for at in found for value in (at.weights, at.output) if value is not None)
    assert any(at.weights for at in found)
    assert all(torch.equal(value, before[key]) for key, value in model.generator.state_dict().items())
    assert not any(parameter.grad is not None for parameter in model.generator.parameters())


def tiny_run(steps: int) -> Run:
    run = Run(Experiment.from_settings(SMALL | {"recipe.batch_size": 4}))
    samples, state = samples_for(run.experiment), None
    for _ in range(steps):
        for snapshot in train(run.experiment, steps=1, samples=samples, resume=state, device="cpu"):
            run.add(snapshot)
        state = run.timeline.nearest().state
    return run


def test_a_run_is_followed_from_its_moments_without_training():
    run = tiny_run(3)
    samples = samples_for(run.experiment)
    kept = [moment.step for moment in run.timeline.moments]
    states = [moment.state for moment in run.timeline.moments]
    course = list(gradients_over(run.experiment, states, samples))
    assert [at.step for at in course] == kept
    assert [moment.step for moment in run.timeline.moments] == kept
    now = gradients_now(run.model(), samples)
    assert list(course[-1].stages) == now
    assert course[0].stages != course[-1].stages
    assert [at.step for at in gradients_over(run.experiment, states, samples, most=2)] == [kept[0], kept[-1]]


def test_moments_are_chosen_evenly_with_both_ends():
    assert spread(list(range(48)), 16)[0] == 0 and spread(list(range(48)), 16)[-1] == 47
    assert len(set(spread(list(range(48)), 16))) == 16
    assert spread([1, 2], 16) == [1, 2]


def test_a_run_without_moments_or_of_other_networks_says_so():
    experiment = Experiment.from_settings(SMALL)
    with pytest.raises(ValueError, match="no moments"):
        next(gradients_over(experiment, [], samples_for(experiment)))
    with pytest.raises(ValueError, match="do not fit"):
        next(gradients_over(experiment, [{"step": 1}], samples_for(experiment)))
