"""A step in slow motion: the same step bit for bit, and every number that it tells as torch itself gives it."""

import math

import numpy as np
import pytest
import torch
from small_models import data_for, little_data, narrow
from torch.nn.functional import softplus
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.experiment import Experiment
from playground.samples import Samples, to_pixels
from playground.training import substeps, train
from playground.training.snapshot import MEASURED, RECORD_FIELDS
from playground.training.state import TrainingState
from playground.training.substeps import SHOWN, SlowStep, slow_step

D_HALF = ["sample", "generate", "score", "gradient_discriminator", "update_discriminator", "score_again"]
G_HALF = ["gradient_pixels", "gradient_generator", "update_generator", "generate_again"]
TURNS = ("both", "discriminator", "generator")


def small(name: str = "mlp", **settings) -> Experiment:
    flat = {"architecture": name} | data_for(name) | narrow(name)
    flat |= {"recipe.batch_size": 10, "seed": 3, "recipe.precision": "float32"}
    return Experiment.from_settings(flat | {key.replace("__", "."): value for key, value in settings.items()})


def little(experiment: Experiment) -> Samples:
    return little_data(experiment, 30)


def trained(experiment: Experiment, steps: int = 2, **options) -> dict[str, np.ndarray]:
    return list(train(experiment, samples=little(experiment), device="cpu", steps=steps, every=100, **options))[-1].state


def slow(experiment: Experiment, state: dict | None = None, turn: str = "both") -> SlowStep:
    return slow_step(experiment, little(experiment), state, turn, device="cpu")


def told(step: SlowStep, name: str):
    (found,) = [substep for substep in step.substeps if substep.name == name]
    return found


def networks_of(experiment: Experiment, state: dict[str, np.ndarray]) -> TrainingState:
    run = TrainingState(experiment, torch.device("cpu"))
    run.restore(state)
    return run


def assert_same_state(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> None:
    assert first.keys() == second.keys()
    for name in first.keys() - {"seconds"}:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("name", ["mlp", "dcgan", "sn-dcgan", "wgan-gp", "cgan", "r3gan"])
def test_a_slow_step_is_a_step_of_training_bit_for_bit(name, turn):
    experiment = small(name)
    start = trained(experiment, 2)
    assert_same_state(slow(experiment, start, turn).state, trained(experiment, 1, resume=start, turn=turn))


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - {"mlp", "dcgan", "sn-dcgan", "wgan-gp", "cgan", "r3gan"}))
def test_any_architecture_is_left_as_training_leaves_it(name):
    experiment = small(name)
    step = slow(experiment)
    assert_same_state(step.state, trained(experiment, 1))
    assert step.substeps[-1].name == "generate_again"


def test_disturbed_samples_and_a_chosen_few_leave_the_step_as_it_is():
    experiment = small("dcgan", recipe__augment="shift+cutout", recipe__instance_noise=0.2, recipe__top_k=0.5)
    step = slow(experiment)
    assert_same_state(step.state, trained(experiment, 1))
    assert len(told(step, "score_again").series["logit_fake"]) == 10  # all of them, before the best are taken


@pytest.mark.parametrize(
    ("turn", "names"),
    [("both", D_HALF + G_HALF), ("discriminator", D_HALF), ("generator", ["sample", "generate", "score_fakes", *G_HALF])],
)
def test_the_sub_steps_come_in_the_order_of_the_game(turn, names):
    assert [substep.name for substep in slow(small(), turn=turn).substeps] == names


@pytest.mark.parametrize(("turn", "idle"), [("discriminator", "generator."), ("generator", "discriminator.")])
def test_one_network_alone_leaves_the_other_unchanged(turn, idle):
    experiment = small()
    start = trained(experiment, 2)
    after = slow(experiment, start, turn).state
    kept = [name for name in start if name.startswith(idle)]
    moved = [name for name in start if name.startswith(f"{turn}.") and name.endswith("weight")]
    assert kept and all((start[name] == after[name]).all() for name in kept)
    assert moved and all((start[name] != after[name]).any() for name in moved)


def test_rounds_of_d_before_the_last_one_are_one_sub_step_each():
    step = slow(small(recipe__discriminator_steps=3))
    names = [substep.name for substep in step.substeps]
    assert names == ["round", "round", *D_HALF, *G_HALF]
    assert [step.substeps[n].numbers["round"] for n in (0, 1)] == [1, 2]
    assert step.record["samples_seen"] == 30


def first_half(experiment: Experiment, state: dict[str, np.ndarray]):
    """Do by hand what a step begins with: (networks, latents, fakes, reals, scores of reals, scores of fakes)."""
    run = networks_of(experiment, state)
    noise = torch.randn(10, experiment.generator.latent_dim, generator=run.noise)
    fake = run.generator(noise)
    order = torch.randperm(30, generator=torch.Generator().manual_seed(3 * 1_000_003))  # the first epoch
    real = little(experiment).values[order[:10]].float() * (2 / 255) - 1
    return run, noise, fake, real, run.discriminator(real), run.discriminator(fake)


def test_latents_scores_and_shares_are_those_of_the_networks():
    experiment = small()
    start = slow(experiment, turn="generator").state  # no real sample was seen yet: the first epoch begins
    step = slow(experiment, start)
    _, noise, fake, real, of_real, of_fake = first_half(experiment, start)
    sample, score = told(step, "sample"), told(step, "score")
    assert_close(torch.tensor(sample.series["latents"]), noise[:SHOWN])
    assert sample.numbers["mean"] == pytest.approx(noise.mean().item(), abs=1e-6)
    assert sample.numbers["std"] == pytest.approx(noise.std().item(), rel=1e-5)
    assert_close(torch.tensor(score.series["logit_real"]), of_real.detach())
    assert_close(torch.tensor(score.series["logit_fake"]), of_fake.detach())
    right = ((of_real > 0).float().mean() + (of_fake <= 0).float().mean()) / 2
    assert score.numbers["right"] == pytest.approx(right.item())
    pairs = [float(a > b) for a in of_real for b in of_fake]
    assert score.numbers["separation"] == pytest.approx(np.mean(pairs))
    np.testing.assert_array_equal(score.pictures["real"], to_pixels(real[:SHOWN]))
    np.testing.assert_array_equal(told(step, "generate").pictures["fake"], to_pixels(fake[:SHOWN]))


def test_the_loss_and_the_gradient_of_each_stage_of_d_are_those_of_autograd():
    experiment = small()
    start = slow(experiment, turn="generator").state
    found = told(slow(experiment, start), "gradient_discriminator")
    run, _, _, _, of_real, of_fake = first_half(experiment, start)
    loss = softplus(-of_real).mean() + softplus(of_fake).mean()
    loss.backward()
    expected = [
        math.hypot(*(p.grad.norm().item() for p in stage.parameters())) for stage in run.discriminator.stages.children()
    ]
    assert found.numbers["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert found.series["lengths"] == pytest.approx(expected, rel=1e-4)
    assert found.numbers["length"] == pytest.approx(math.hypot(*expected), rel=1e-4)


def test_the_update_is_measured_against_the_weights():
    experiment = small()
    start = trained(experiment, 1)
    step = slow(experiment, start)
    for network in ("generator", "discriminator"):
        names = [name for name in start if name.startswith(f"{network}.")]
        before = np.concatenate([start[name].ravel() for name in names])
        after = np.concatenate([step.state[name].ravel() for name in names])
        share = np.linalg.norm(after - before) / np.linalg.norm(before)
        assert told(step, f"update_{network}").numbers["share"] == pytest.approx(share, rel=1e-4)


def test_clipped_weights_count_as_part_of_the_update():
    experiment = small(recipe__loss="wasserstein", recipe__clip_weights=0.01, recipe__discriminator_steps=1)
    step = slow(experiment)
    start = TrainingState(experiment, torch.device("cpu")).export()
    names = [name for name in start if name.startswith("discriminator.")]
    moved = math.sqrt(sum(float(((step.state[name] - start[name]) ** 2).sum()) for name in names))
    assert told(step, "update_discriminator").numbers["moved"] == pytest.approx(moved, rel=1e-4)
    assert step.border is None and math.isnan(told(step, "score").numbers["right"])  # a critic has no border


def test_what_d_tells_g_is_the_gradient_by_the_pixels_against_g_s_loss():
    experiment = small()
    start = slow(experiment, turn="generator").state
    step = slow(experiment, start, "generator")
    _, _, fake, _, _, of_fake = first_half(experiment, start)
    loss = softplus(-of_fake).mean()
    (pixels,) = torch.autograd.grad(loss, fake)
    found = told(step, "gradient_pixels")
    assert found.numbers["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert found.numbers["length"] == pytest.approx(pixels.norm().item(), rel=1e-4)
    wish = found.pictures["wish"][..., 0].astype(float) - 128
    expected = -pixels[:SHOWN, 0].numpy()
    clear = np.abs(expected) > 0.05 * np.abs(expected).max()  # what does not round to 0
    assert (np.sign(wish[clear]) == np.sign(expected[clear])).all()
    assert np.abs(wish).max() == 127


def test_scores_before_and_after_are_those_of_the_networks_before_and_after():
    experiment = small()
    start = slow(experiment, turn="generator").state
    step = slow(experiment, start)
    _, noise, fake, real, _, of_fake = first_half(experiment, start)
    later = networks_of(experiment, step.state)
    with torch.no_grad():
        again, after = later.discriminator(fake), later.discriminator(later.generator(noise))
        real_again = later.discriminator(real)
    judged, made = told(step, "score_again").numbers, told(step, "generate_again").numbers
    assert judged["before"] == pytest.approx(of_fake.mean().item(), abs=1e-5)
    assert judged["fake"] == pytest.approx(again.mean().item(), abs=1e-5) == made["before"]
    assert judged["real"] == pytest.approx(real_again.mean().item(), abs=1e-5)
    assert made["fake"] == pytest.approx(after.mean().item(), abs=1e-5)
    assert judged["fake"] < judged["before"] and made["fake"] > made["before"]  # each pulls its own way


def test_the_record_fits_a_history_and_knows_who_was_idle():
    both, of_d, of_g = (slow(small(), turn=turn).record for turn in TURNS)
    assert tuple(both) == RECORD_FIELDS and all(both[name] is not None for name in MEASURED)
    assert of_d["loss_generator"] is None and of_d["loss_discriminator"] > 0
    assert of_g["separation"] is None and of_g["loss_discriminator"] is None and of_g["loss_generator"] > 0


def test_a_step_that_runs_away_is_not_taken(monkeypatch):
    experiment = small()
    state = trained(experiment, 1)
    far = state | {name: value * np.float32(1e9) for name, value in state.items() if name.startswith("discriminator.")}
    step = slow(experiment, far)
    assert "ran away" in step.message and step.substeps == ()
    assert_same_state(step.state, far)
    monkeypatch.setattr(substeps, "healthy", lambda sums: False)
    assert_same_state(slow(experiment).state, TrainingState(experiment, torch.device("cpu")).export())


def test_bad_requests_are_named():
    with pytest.raises(ValueError, match="unknown turn 'nobody'"):
        slow(small(), turn="nobody")
    with pytest.raises(ValueError, match="does not fit"):
        slow(small(), trained(small(generator__width=16), 1))
